// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/rsun_steps.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

#include "eemt/muneer.hpp"
#include "eemt/vector_exp.hpp"

template <typename T>
inline T larger(T a, T b) {
    return a > b ? a : b;
}

// A block's sea-level air mass at a cell whose sine of altitude differs by `d`.
template <typename T>
inline T air_mass(const RsunStep<T>& s, T pressure, T d) {
    return pressure * (s.mass0 + d * (s.mass1 + d * s.mass2));
}

// A sum of Chebyshev polynomials by Clenshaw's recurrence.
template <typename T>
inline T chebyshev_series(const T (&c)[rsun_series_terms], T x) {
    T one = T(0), two = T(0);
    for (int n = rsun_series_terms - 1; n > 0; --n) {
        const T next = c[n] + T(2) * x * one - two;
        two = one;
        one = next;
    }
    return c[0] + x * one - two;
}

// One sample of r.sun's grid: lit or not as a whole; the sun at the middle of the step.
template <typename T, bool shadows, bool turbidity_maps>
void rsun_step(const RsunCells<T>& c, const RsunStep<T>& s, const RsunSums<T>& day) {
    const RsunStep<T> k = s;
    const T sin_low_sun = T(0.09983341664682815);  // sin(0.1 rad)
    for (int first = 0; first < c.count; first += pack_cells) {
        const std::ptrdiff_t pack = first / pack_cells * k.pack_stride;
        const std::int16_t* horizon_a = k.horizon_a + pack;
        const std::int16_t* horizon_b = k.horizon_b + pack;
#pragma GCC ivdep
        for (int i = first; i < first + pack_cells; ++i) {
            const T sin_h = c.sin_latitude[i] * k.sun_pole + c.cos_latitude[i] * k.sun_meridian;
            const T incidence = c.normal_pole[i] * k.sun_pole +
                                c.normal_meridian[i] * k.sun_meridian +
                                c.normal_east[i] * k.sun_east;
            const T up_time = sin_h > T(0) ? k.hours : T(0);
            T clearance = T(1);
            if constexpr (shadows) {
                clearance = sin_h - (k.weight_a * static_cast<T>(horizon_a[i - first]) +
                                     k.weight_b * static_cast<T>(horizon_b[i - first]));
            }
            const T lit = (incidence > T(0)) & (clearance >= T(0)) ? T(1) : T(0);
            const T mass = air_mass(k, c.pressure[i], sin_h - k.sin_altitude);
            T kb = chebyshev_series(k.series, (mass - k.mass_centre) * k.mass_scale);
            T sky = k.diffuse_c0 + sin_h * (k.diffuse_c1 + sin_h * k.diffuse_c2);
            if constexpr (turbidity_maps) {
                kb = exp_minus(c.linke[i] * larger(kb, T(0)));
                sky = c.diffuse_c0[i] + sin_h * (c.diffuse_c1[i] + sin_h * c.diffuse_c2[i]);
            }
            // The altitude from its sine, good to 1e-8 below 0.1 rad where it is needed.
            const T x2 = sin_h * sin_h;
            const T altitude = sin_h * (T(1) + x2 * (T(1.0 / 6) + x2 * T(3.0 / 40)));
            const T cos_h = T(1) - T(0.5) * x2 - T(0.125) * x2 * x2;
            const T high = incidence / (sin_h > T(1e-9) ? sin_h : T(1e-9));
            const T low =
                (incidence - c.normal_up[i] * sin_h) / (cos_h * (T(0.1) - T(0.008) * altitude));
            const T circumsolar = sin_h >= sin_low_sun ? high : low;
            const T open =
                (muneer_n(kb) * c.muneer_slope[i] + c.sky_view[i]) * (T(1) - kb) + kb * circumsolar;
            const T shaded = c.sky_view[i] + T(muneer_shaded) * c.muneer_slope[i];
            const T inclined = lit > T(0) ? open : shaded;
            const T on_slope = c.flat[i] > T(0) ? T(1) : inclined;

            day.beam[i] += up_time * lit * kb * incidence;
            day.diffuse[i] += up_time * sky * on_slope;
            day.horizontal[i] += up_time * (lit * kb * sin_h + sky);
            day.hours[i] += up_time * lit;
            day.flat_beam[i] += up_time * kb * sin_h;
            day.flat_diffuse[i] += up_time * sky;
        }
    }
}

}  // namespace

RsunFunctions rsun_functions() {
    RsunFunctions f{};
    f.f32[0][0] = rsun_step<float, false, false>;
    f.f32[0][1] = rsun_step<float, false, true>;
    f.f32[1][0] = rsun_step<float, true, false>;
    f.f32[1][1] = rsun_step<float, true, true>;
    f.f64[0][0] = rsun_step<double, false, false>;
    f.f64[0][1] = rsun_step<double, false, true>;
    f.f64[1][0] = rsun_step<double, true, false>;
    f.f64[1][1] = rsun_step<double, true, true>;
    return f;
}

}  // namespace eemt::EEMT_SIMD_NAMESPACE
