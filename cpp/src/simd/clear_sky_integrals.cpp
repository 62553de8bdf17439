// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/clear_sky_integrals.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

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
    const T n = T(0.00263) - kb * (T(0.712) + T(0.6883) * kb);
    return n * (T(1) - kb) - T(0.252271);
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

// Adds `share` times the factors of one state of the air.
template <typename T>
void add_state(const SkyNodes<T>& nodes, T pressure, T linke, const T (&diffuse)[3], T share,
               const Factors<T>& into) {
#pragma GCC ivdep
    for (int i = 0; i < nodes.count; ++i) {
        const T kb = exp_minus(linke * depth_per_linke(pressure * nodes.air_mass[i]));
        const T x = nodes.sin_altitude[i];
        const T sky = share * (diffuse[0] + x * (diffuse[1] + x * diffuse[2]));
        into.beam[i] += share * kb;
        into.circumsolar[i] += sky * kb;
        into.muneer[i] += sky * muneer_excess(kb);
        into.view[i] -= sky * kb;
    }
}

template <typename T>
void clear(const Factors<T>& f, int count) {
    for (int i = 0; i < count; ++i) f.beam[i] = f.circumsolar[i] = f.muneer[i] = f.view[i] = T(0);
}

// Sums base times factors from the middle boundary outwards into every row's eight values
// from `column` on.
template <typename T>
void integrate(const SkyNodes<T>& nodes, const Factors<T>& f, int row, T* rows) {
    const int middle = nodes.count / 2;
    Lanes<T> sum{}, step, base;
    T* at = rows + (middle + 1) * row;
    __builtin_memcpy(at, &sum, sizeof sum);
    for (int i = middle; i < nodes.count; ++i) {
        spread(step, f, i);
        __builtin_memcpy(&base, nodes.base + i * sunlit_lanes, sizeof base);
        step *= base;
        sum += step;
        at += row;
        __builtin_memcpy(at, &sum, sizeof sum);
    }
    if (nodes.count > middle) sum += step;
    __builtin_memcpy(at + row, &sum, sizeof sum);
    sum = step = Lanes<T>{};
    at = rows + (middle + 1) * row;
    for (int i = middle - 1; i >= 0; --i) {
        spread(step, f, i);
        __builtin_memcpy(&base, nodes.base + i * sunlit_lanes, sizeof base);
        step *= base;
        sum -= step;
        at -= row;
        __builtin_memcpy(at, &sum, sizeof sum);
    }
    sum -= step;
    __builtin_memcpy(at - row, &sum, sizeof sum);
}

template <typename T>
T integrals(const SkyNodes<T>& nodes, const AirClass<T>& air, T* scratch, T* rows) {
    const int count = nodes.count;
    const Factors<T> value{scratch, scratch + count, scratch + 2 * count, scratch + 3 * count};
    const Factors<T> slope{scratch + 4 * count, scratch + 5 * count, scratch + 6 * count,
                           scratch + 7 * count};
    const bool with_linke = air.linke_half > T(0);
    const int row = integrals_row[with_linke];
    const T half = T(0.5) * air.weight;
    const T per_depth = half / air.depth_half;

    clear(value, count);
    clear(slope, count);
    add_state(nodes, air.pressure_low, air.linke, air.diffuse[1], half, value);
    add_state(nodes, air.pressure_high, air.linke, air.diffuse[1], half, value);
    add_state(nodes, air.pressure_low, air.linke, air.diffuse[1], -per_depth, slope);
    add_state(nodes, air.pressure_high, air.linke, air.diffuse[1], per_depth, slope);
    const T pressure = T(0.5) * (air.pressure_low + air.pressure_high);
    const T less = air.linke - air.linke_half, more = air.linke + air.linke_half;
    if (with_linke) {  // the line through both nodes, not through the middle
        add_state(nodes, pressure, less, air.diffuse[0], half, value);
        add_state(nodes, pressure, more, air.diffuse[2], half, value);
        add_state(nodes, pressure, air.linke, air.diffuse[1], -air.weight, value);
    }
    integrate(nodes, value, row, rows);
    integrate(nodes, slope, row, rows + sunlit_lanes);

    // More air mass by latitude weakens the beam as less altitude does; weighed by the
    // beam on the horizontal that hangs on it.
    T by_latitude = T(0), by_depth = T(0);
    for (int i = 0; i < count; ++i) {
        const T weight = slope.beam[i] * nodes.sin_altitude[i];
        by_latitude += weight * nodes.mass_slope[i];
        by_depth += weight;
    }
    if (with_linke) {
        const T per_linke = half / air.linke_half;
        clear(slope, count);
        add_state(nodes, pressure, less, air.diffuse[0], -per_linke, slope);
        add_state(nodes, pressure, more, air.diffuse[2], per_linke, slope);
        integrate(nodes, slope, row, rows + 2 * sunlit_lanes);
    }
    return by_depth > T(0) ? -by_latitude / by_depth : T(0);
}

}  // namespace

IntegralsFunctions integrals_functions() { return {integrals<float>, integrals<double>}; }

}  // namespace eemt::EEMT_SIMD_NAMESPACE
