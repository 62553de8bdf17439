// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/clear_sky_integrals.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

#include "eemt/muneer.hpp"
#include "eemt/vector_exp.hpp"

template <typename T>
using Lanes [[gnu::vector_size(sunlit_lanes * sizeof(T))]] = T;

// 0.8662 m delta_R(m): optical_depth_per_linke() of clear_sky.hpp without a branch.
template <typename T>
inline T depth_per_linke(T m) {
    const T thin =
        T(6.6296) + m * (T(1.7513) + m * (T(-0.1202) + m * (T(0.0065) - m * T(0.00013))));
    const T thick = T(10.4) + T(0.718) * m;
    return T(0.8662) * m / (m <= T(20) ? thin : thick);
}

// Muneer's N (1 - kb) less its value under a sky without visible sun.
template <typename T>
inline T muneer_excess(T kb) {
    return muneer_n(kb) * (T(1) - kb) - T(muneer_shaded);
}

// The four numbers that make a node's lanes out of its base: for lanes 0-2, 3-5, 6 and 7.
template <typename T>
struct Factors {
    T *beam, *circumsolar, *muneer, *view;
};

template <typename V, typename T>
inline void spread(V& lanes, const Factors<T>& f, int i) {
    lanes = V{f.beam[i],        f.beam[i],        f.beam[i],   f.circumsolar[i],
              f.circumsolar[i], f.circumsolar[i], f.muneer[i], f.view[i]};
}

// Adds one state of the air, times its share in the value and in the derivative.
template <typename T>
void add_state(const SkyNodes<T>& nodes, T pressure, T linke, const T (&diffuse)[3], T in_value,
               T in_slope, const Factors<T>& value, const Factors<T>& slope) {
#pragma GCC ivdep
    for (int i = 0; i < nodes.count; ++i) {
        const T kb = exp_minus(linke * depth_per_linke(pressure * nodes.air_mass[i]));
        const T x = nodes.sin_altitude[i];
        const T sky = diffuse[0] + x * (diffuse[1] + x * diffuse[2]);
        const T sun = sky * kb, excess = sky * muneer_excess(kb);
        value.beam[i] += in_value * kb;
        value.circumsolar[i] += in_value * sun;
        value.muneer[i] += in_value * excess;
        value.view[i] -= in_value * sun;
        slope.beam[i] += in_slope * kb;
        slope.circumsolar[i] += in_slope * sun;
        slope.muneer[i] += in_slope * excess;
        slope.view[i] -= in_slope * sun;
    }
}

template <typename T>
void clear(const Factors<T>& f, int count) {
    for (int i = 0; i < count; ++i) f.beam[i] = f.circumsolar[i] = f.muneer[i] = f.view[i] = T(0);
}

// Sums base times factors from the middle boundary outwards, eight values at each boundary from
// -1 to count+1: the outer two continue the inner ones evenly.
template <typename T>
void integrate(const SkyNodes<T>& nodes, const Factors<T>& f, T* sums) {
    const int middle = nodes.count / 2;
    Lanes<T> sum{}, step{}, base;
    T* at = sums + (middle + 1) * sunlit_lanes;
    __builtin_memcpy(at, &sum, sizeof sum);
    for (int i = middle; i < nodes.count; ++i) {
        spread(step, f, i);
        __builtin_memcpy(&base, nodes.base + i * sunlit_lanes, sizeof base);
        step *= base;
        sum += step;
        at += sunlit_lanes;
        __builtin_memcpy(at, &sum, sizeof sum);
    }
    sum += step;
    __builtin_memcpy(at + sunlit_lanes, &sum, sizeof sum);
    sum = step = Lanes<T>{};
    at = sums + (middle + 1) * sunlit_lanes;
    for (int i = middle - 1; i >= 0; --i) {
        spread(step, f, i);
        __builtin_memcpy(&base, nodes.base + i * sunlit_lanes, sizeof base);
        step *= base;
        sum -= step;
        at -= sunlit_lanes;
        __builtin_memcpy(at, &sum, sizeof sum);
    }
    sum -= step;
    __builtin_memcpy(at - sunlit_lanes, &sum, sizeof sum);
}

// Coefficients of each step from the sums at its two boundaries and those beside them.
template <typename T>
void fit(const T* sums, int count, int row, T* rows) {
    Lanes<T> a, b, c, d;
    for (int i = 0; i < count; ++i, sums += sunlit_lanes, rows += row) {
        __builtin_memcpy(&a, sums, sizeof a);
        __builtin_memcpy(&b, sums + sunlit_lanes, sizeof b);
        __builtin_memcpy(&c, sums + 2 * sunlit_lanes, sizeof c);
        __builtin_memcpy(&d, sums + 3 * sunlit_lanes, sizeof d);
        const Lanes<T> square = T(0.25) * ((d - c) - (b - a)), linear = (c - b) - square;
        __builtin_memcpy(rows, &b, sizeof b);
        __builtin_memcpy(rows + sunlit_lanes, &linear, sizeof linear);
        __builtin_memcpy(rows + 2 * sunlit_lanes, &square, sizeof square);
    }
}

template <typename T>
void fit_straight(const T* sums, int count, int row, T* rows) {
    Lanes<T> b, c;
    for (int i = 0; i < count; ++i, sums += sunlit_lanes, rows += row) {
        __builtin_memcpy(&b, sums + sunlit_lanes, sizeof b);
        __builtin_memcpy(&c, sums + 2 * sunlit_lanes, sizeof c);
        c -= b;
        __builtin_memcpy(rows, &b, sizeof b);
        __builtin_memcpy(rows + sunlit_lanes, &c, sizeof c);
    }
}

template <typename T>
T integrals(const SkyNodes<T>& nodes, const AirClass<T>& air, T* scratch, T* rows) {
    const int count = nodes.count;
    const Factors<T> value{scratch, scratch + count, scratch + 2 * count, scratch + 3 * count};
    const Factors<T> slope{scratch + 4 * count, scratch + 5 * count, scratch + 6 * count,
                           scratch + 7 * count};
    T* const sums = scratch + 8 * count;
    const bool with_linke = air.linke_half > T(0);
    const int row = integrals_row[with_linke];
    const T half = T(0.5) * air.weight;
    clear(value, count);

    if (with_linke) {  // the line through both nodes of turbidity, not through the middle
        const T pressure = T(0.5) * (air.pressure_low + air.pressure_high);
        const T per_linke = half / air.linke_half;
        clear(slope, count);
        add_state(nodes, pressure, air.linke - air.linke_half, air.diffuse[0], half, -per_linke,
                  value, slope);
        add_state(nodes, pressure, air.linke + air.linke_half, air.diffuse[2], half, per_linke,
                  value, slope);
        add_state(nodes, pressure, air.linke, air.diffuse[1], -air.weight, T(0), value, slope);
        integrate(nodes, slope, sums);
        fit_straight(sums, count, row, rows + 5 * sunlit_lanes);
    }
    const T per_depth = half / air.depth_half;
    clear(slope, count);
    add_state(nodes, air.pressure_low, air.linke, air.diffuse[1], half, -per_depth, value, slope);
    add_state(nodes, air.pressure_high, air.linke, air.diffuse[1], half, per_depth, value, slope);
    integrate(nodes, value, sums);
    fit(sums, count, row, rows);
    integrate(nodes, slope, sums);
    fit_straight(sums, count, row, rows + 3 * sunlit_lanes);

    // More air mass by latitude weakens the beam as less altitude does; weighed by the
    // beam on the horizontal that hangs on it.
    T by_latitude = T(0), by_depth = T(0);
    for (int i = 0; i < count; ++i) {
        const T weight = slope.beam[i] * nodes.sin_altitude[i];
        by_latitude += weight * nodes.mass_slope[i];
        by_depth += weight;
    }
    return by_depth > T(0) ? -by_latitude / by_depth : T(0);
}

}  // namespace

IntegralsFunctions integrals_functions() { return {integrals<float>, integrals<double>}; }

}  // namespace eemt::EEMT_SIMD_NAMESPACE
