// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/clear_sky_integrals.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

#include "eemt/muneer.hpp"
#include "eemt/vector_exp.hpp"

// A LitSums<T> as one vector.
template <typename T>
using LitVector [[gnu::vector_size(lit_lanes * sizeof(T))]] = T;

// 0.8662 m delta_R(m): that of clear_sky.hpp without a branch.
template <typename T>
inline T optical_depth_per_linke(T m) {
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

// By what the geometry of each step is multiplied to make the integrands: one array for each kind
// of lane.
template <typename T>
struct Factors {
    T *beam, *circumsolar, *muneer, *sky_view;
};

template <typename V, typename T>
inline void spread(V& lanes, const Factors<T>& f, int i) {
    lanes = V{f.beam[i],        f.beam[i],        f.beam[i],   f.circumsolar[i],
              f.circumsolar[i], f.circumsolar[i], f.muneer[i], f.sky_view[i]};
}

// Adds the factors of one state of the air: `in_value` times to the value, `in_slope` times to
// the derivative.
template <typename T>
void add_state(const StepMiddles<T>& middles, T pressure, T linke, const DiffuseTerms<T>& diffuse,
               T in_value, T in_slope, const Factors<T>& value, const Factors<T>& slope) {
#pragma GCC ivdep
    for (int i = 0; i < middles.count; ++i) {
        const T kb = exp_minus(linke * optical_depth_per_linke(pressure * middles.air_mass[i]));
        const T x = middles.sin_altitude[i];
        const T sky = diffuse.c0 + x * (diffuse.c1 + x * diffuse.c2);
        const T sun = sky * kb, excess = sky * muneer_excess(kb);
        value.beam[i] += in_value * kb;
        value.circumsolar[i] += in_value * sun;
        value.muneer[i] += in_value * excess;
        value.sky_view[i] -= in_value * sun;
        slope.beam[i] += in_slope * kb;
        slope.circumsolar[i] += in_slope * sun;
        slope.muneer[i] += in_slope * excess;
        slope.sky_view[i] -= in_slope * sun;
    }
}

template <typename T>
void clear(const Factors<T>& f, int count) {
    for (int i = 0; i < count; ++i)
        f.beam[i] = f.circumsolar[i] = f.muneer[i] = f.sky_view[i] = T(0);
}

// Sums geometry times factors from the middle boundary outwards; a LitSums at each boundary
// from -1 to count + 1, of which the outer two repeat the growth of the step beside them.
template <typename T>
void integrate(const StepMiddles<T>& middles, const Factors<T>& f, T* sums) {
    const int middle = middles.count / 2;
    LitVector<T> sum{}, step{}, geometry;
    T* at = sums + (middle + 1) * lit_lanes;
    __builtin_memcpy(at, &sum, sizeof sum);
    for (int i = middle; i < middles.count; ++i) {
        spread(step, f, i);
        __builtin_memcpy(&geometry, middles.geometry + i, sizeof geometry);
        step *= geometry;
        sum += step;
        at += lit_lanes;
        __builtin_memcpy(at, &sum, sizeof sum);
    }
    sum += step;
    __builtin_memcpy(at + lit_lanes, &sum, sizeof sum);
    sum = step = LitVector<T>{};
    at = sums + (middle + 1) * lit_lanes;
    for (int i = middle - 1; i >= 0; --i) {
        spread(step, f, i);
        __builtin_memcpy(&geometry, middles.geometry + i, sizeof geometry);
        step *= geometry;
        sum -= step;
        at -= lit_lanes;
        __builtin_memcpy(at, &sum, sizeof sum);
    }
    sum -= step;
    __builtin_memcpy(at - lit_lanes, &sum, sizeof sum);
}

// Coefficients of each step from the sums at its two boundaries and those beside them.
template <typename T>
void fit(const T* sums, int count, int row, T* rows) {
    LitVector<T> a, b, c, d;
    for (int i = 0; i < count; ++i, sums += lit_lanes, rows += row) {
        __builtin_memcpy(&a, sums, sizeof a);
        __builtin_memcpy(&b, sums + lit_lanes, sizeof b);
        __builtin_memcpy(&c, sums + 2 * lit_lanes, sizeof c);
        __builtin_memcpy(&d, sums + 3 * lit_lanes, sizeof d);
        const LitVector<T> square = T(0.25) * ((d - c) - (b - a)), linear = (c - b) - square;
        __builtin_memcpy(rows + row_value, &b, sizeof b);
        __builtin_memcpy(rows + row_value_linear, &linear, sizeof linear);
        __builtin_memcpy(rows + row_value_square, &square, sizeof square);
    }
}

template <typename T>
void fit_straight(const T* sums, int count, int row, T* rows) {
    LitVector<T> b, c;
    for (int i = 0; i < count; ++i, sums += lit_lanes, rows += row) {
        __builtin_memcpy(&b, sums + lit_lanes, sizeof b);
        __builtin_memcpy(&c, sums + 2 * lit_lanes, sizeof c);
        c -= b;
        __builtin_memcpy(rows, &b, sizeof b);
        __builtin_memcpy(rows + lit_lanes, &c, sizeof c);
    }
}

template <typename T>
T integrals(const StepMiddles<T>& middles, const AirClass<T>& air, T* scratch, T* rows) {
    const int count = middles.count;
    const Factors<T> value{scratch, scratch + count, scratch + 2 * count, scratch + 3 * count};
    const Factors<T> slope{scratch + 4 * count, scratch + 5 * count, scratch + 6 * count,
                           scratch + 7 * count};
    T* const sums = scratch + 8 * count;
    const bool with_linke = air.linke_half > T(0);
    const int row = integrals_row[with_linke];
    const T half = T(0.5) * air.weight;
    clear(value, count);

    if (with_linke) {
        // The value at the class's middle is to be that of the line through both Chebyshev nodes
        // of turbidity: the mean of both is added and the middle's own taken off.
        const T pressure = T(0.5) * (air.pressure_low + air.pressure_high);
        const T per_linke = half / air.linke_half;
        clear(slope, count);
        add_state(middles, pressure, air.linke - air.linke_half, air.diffuse_low, half, -per_linke,
                  value, slope);
        add_state(middles, pressure, air.linke + air.linke_half, air.diffuse_high, half, per_linke,
                  value, slope);
        add_state(middles, pressure, air.linke, air.diffuse_middle, -air.weight, T(0), value,
                  slope);
        integrate(middles, slope, sums);
        fit_straight(sums, count, row, rows + row_by_linke);
    }
    const T per_height = half / air.height_half;
    clear(slope, count);
    add_state(middles, air.pressure_low, air.linke, air.diffuse_middle, half, -per_height, value,
              slope);
    add_state(middles, air.pressure_high, air.linke, air.diffuse_middle, half, per_height, value,
              slope);
    integrate(middles, value, sums);
    fit(sums, count, row, rows);
    integrate(middles, slope, sums);
    fit_straight(sums, count, row, rows + row_by_height);

    // More air mass by latitude weakens the beam as less elevation does. How much less is the mean
    // over the steps, each weighed by how much its beam on the horizontal changes with elevation.
    T by_latitude = T(0), by_height = T(0);
    for (int i = 0; i < count; ++i) {
        const T weight = slope.beam[i] * middles.sin_altitude[i];
        by_latitude += weight * middles.mass_slope[i];
        by_height += weight;
    }
    return by_height > T(0) ? -by_latitude / by_height : T(0);
}

}  // namespace

IntegralsFunctions integrals_functions() { return {integrals<float>, integrals<double>}; }

}  // namespace eemt::EEMT_SIMD_NAMESPACE
