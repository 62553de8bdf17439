// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/irradiation_steps.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

template <typename T>
inline T smaller(T a, T b) {
    return a < b ? a : b;
}
template <typename T>
inline T larger(T a, T b) {
    return a > b ? a : b;
}
template <typename T>
inline T magnitude(T a) {
    return a < T(0) ? -a : a;
}

inline float power_of_two(float whole) {
    const std::int32_t bits = (static_cast<std::int32_t>(whole) + 127) << 23;
    float result;
    __builtin_memcpy(&result, &bits, sizeof result);
    return result;
}
inline double power_of_two(double whole) {
    const std::int64_t bits = (static_cast<std::int64_t>(whole) + 1023) << 52;
    double result;
    __builtin_memcpy(&result, &bits, sizeof result);
    return result;
}

// exp(-x) for x in [0, 80]: 2^n by bits times the series of 2^f for |f| <= 1/2, whose
// truncation after the 7th power leaves (ln(2)/2)^8/8! = 5e-9.
template <typename T>
inline T exp_minus(T x) {
    const T y = larger(-x * T(1.44269504088896341), T(-115));
    const T whole = static_cast<T>(static_cast<std::int32_t>(y - T(0.5)));
    const T f = (y - whole) * T(0.69314718055994531);
    const T series =
        T(1) +
        f * (T(1) + f * (T(1.0 / 2) +
                         f * (T(1.0 / 6) +
                              f * (T(1.0 / 24) +
                                   f * (T(1.0 / 120) + f * (T(1.0 / 720) + f * T(1.0 / 5040)))))));
    return series * power_of_two(whole);
}

// Share N of Muneer's anisotropic sky that depends on the beam's transmittance.
template <typename T>
inline T muneer_n(T kb) {
    return T(0.00263) - kb * (T(0.712) + T(0.6883) * kb);
}
inline constexpr double muneer_shaded = 0.252271;  // N of a sky without visible sun

// A block's sea-level air mass at a cell whose sine of altitude differs by `d`.
template <typename T>
inline T air_mass(const StepConstants<T>& s, T pressure, T d) {
    return pressure * (s.mass0 + d * (s.mass1 + d * s.mass2));
}

// The day's shares of one step, exact rule. `lit` is the share of the step in which the
// sun stands above the horizon and in front of the slope; incidence and transmittance
// are taken at the middle of that share, so a step that the terrain cuts keeps second
// order.
template <typename T, bool shadows, bool turbidity_maps>
void exact_step(const BlockCells<T>& c, const StepConstants<T>& s, const DaySums<T>& day) {
    const T* __restrict sin_lat = c.sin_latitude;
    const T* __restrict cos_lat = c.cos_latitude;
    const T* __restrict pole = c.normal_pole;
    const T* __restrict meridian = c.normal_meridian;
    const T* __restrict east = c.normal_east;
    const T* __restrict up = c.normal_up;
    const T* __restrict fg = c.muneer_slope;
    const T* __restrict view = c.sky_view;
    const T* __restrict pressure = c.pressure;
    const T* __restrict linke = c.linke;
    const T* __restrict dc0 = c.diffuse_c0;
    const T* __restrict dc1 = c.diffuse_c1;
    const T* __restrict dc2 = c.diffuse_c2;
    const std::int16_t* __restrict sector_a = s.sector_a;
    const std::int16_t* __restrict sector_b = s.sector_b;
    T* __restrict beam = day.beam;
    T* __restrict diffuse = day.diffuse;
    T* __restrict horizontal = day.horizontal;
    T* __restrict hours = day.hours;
    T* __restrict flat_beam = day.flat_beam;
    T* __restrict flat_diffuse = day.flat_diffuse;
    T* __restrict clearance = day.clearance;
    const StepConstants<T> k = s;
    const T tiny = T(1e-12);

#pragma GCC ivdep
    for (int i = 0; i < c.count; ++i) {
        const T sin_h = larger(sin_lat[i] * k.sun_pole + cos_lat[i] * k.sun_meridian, T(0));
        const T half_sin_h = sin_lat[i] * k.half_pole + cos_lat[i] * k.half_meridian;
        const T incidence =
            pole[i] * k.sun_pole + meridian[i] * k.sun_meridian + east[i] * k.sun_east;
        const T half_incidence =
            pole[i] * k.half_pole + meridian[i] * k.half_meridian + east[i] * k.half_east;

        // Where in the step (-1 start, 1 end) incidence and clearance cross zero.
        T ratio = incidence / (magnitude(half_incidence) + tiny);
        T trend = half_incidence;
        if constexpr (shadows) {
            const T horizon =
                k.weight_a * static_cast<T>(sector_a[i]) + k.weight_b * static_cast<T>(sector_b[i]);
            const T end =
                sin_lat[i] * k.end_pole + cos_lat[i] * k.end_meridian + k.end_refraction - horizon;
            const T start = clearance[i];
            clearance[i] = end;
            const T half_clearance = T(0.5) * (end - start);
            const T over = T(0.5) * (end + start) / (magnitude(half_clearance) + tiny);
            trend = over < ratio ? half_clearance : trend;
            ratio = smaller(ratio, over);
        }
        const T lit = smaller(larger(T(0.5) + T(0.5) * ratio, T(0)), T(1));
        const T offset = trend > T(0) ? T(1) - lit : lit - T(1);  // of the lit share's middle
        const T sun_on_slope = larger(incidence + half_incidence * offset, T(0));

        // Beam transmittance at the middle of the step and of its lit share.
        const T d = sin_h - k.sin_altitude;
        const T mass = air_mass(k, pressure[i], d);
        const T mass_lit = air_mass(k, pressure[i], d + half_sin_h * offset);
        const T m = mass - k.mass_centre, m_lit = mass_lit - k.mass_centre;
        T kb, kb_lit;
        if constexpr (turbidity_maps) {
            const T depth = k.depth[0] + m * (k.depth[1] + m * (k.depth[2] + m * k.depth[3]));
            const T slope = k.depth[1] + m * (T(2) * k.depth[2] + T(3) * m * k.depth[3]);
            kb = exp_minus(linke[i] * larger(depth, T(0)));
            kb_lit = larger(kb * (T(1) - linke[i] * slope * (m_lit - m)), T(0));
        } else {
            kb = k.depth[0] + m * (k.depth[1] + m * (k.depth[2] + m * k.depth[3]));
            const T slope = k.depth[1] + m * (T(2) * k.depth[2] + T(3) * m * k.depth[3]);
            kb = larger(kb, T(0));
            kb_lit = larger(kb + slope * (m_lit - m), T(0));
        }

        T sky;  // horizontal diffuse over extraterrestrial
        if constexpr (turbidity_maps) {
            sky = dc0[i] + sin_h * (dc1[i] + sin_h * dc2[i]);
        } else {
            sky = k.diffuse_c0 + sin_h * (k.diffuse_c1 + sin_h * k.diffuse_c2);
        }
        const T circumsolar = sun_on_slope * (k.inverse0 + k.inverse1 * d) +
                              (sun_on_slope - up[i] * sin_h) * k.low_sun + up[i] * k.low_share;
        const T open =
            (muneer_n(kb_lit) * fg[i] + view[i]) * (T(1) - kb_lit) + kb_lit * circumsolar;
        const T shaded = view[i] + T(muneer_shaded) * fg[i];
        const T on_slope = larger(shaded + lit * (open - shaded), T(0));

        beam[i] += k.hours * lit * kb_lit * sun_on_slope;
        diffuse[i] += k.hours * sky * on_slope;
        horizontal[i] += k.hours * (lit * kb_lit * sin_h + sky * view[i]);
        hours[i] += k.hours * lit;
        flat_beam[i] += k.hours * kb * sin_h;
        flat_diffuse[i] += k.hours * sky;
    }
}

// The clearance at a moment alone: where the day begins.
template <typename T>
void start_clearance(const BlockCells<T>& c, const StepConstants<T>& k, const DaySums<T>& day) {
    const T* __restrict sin_lat = c.sin_latitude;
    const T* __restrict cos_lat = c.cos_latitude;
    T* __restrict clearance = day.clearance;
#pragma GCC ivdep
    for (int i = 0; i < c.count; ++i) {
        const T horizon =
            k.weight_a * static_cast<T>(k.sector_a[i]) + k.weight_b * static_cast<T>(k.sector_b[i]);
        clearance[i] =
            sin_lat[i] * k.end_pole + cos_lat[i] * k.end_meridian + k.end_refraction - horizon;
    }
}

// Clenshaw's sum of eight Chebyshev polynomials.
template <typename T>
inline T chebyshev_series(const T (&c)[8], T x) {
    T one = T(0), two = T(0);
    for (int n = 7; n > 0; --n) {
        const T next = c[n] + T(2) * x * one - two;
        two = one;
        one = next;
    }
    return c[0] + x * one - two;
}

// One sample of r.sun's grid: lit or not as a whole; the sun at the middle of the step.
template <typename T, bool shadows, bool turbidity_maps>
void rsun_step(const BlockCells<T>& c, const StepConstants<T>& s, const DaySums<T>& day) {
    const StepConstants<T> k = s;
    const T sin_low_sun = T(0.09983341664682815);  // sin(0.1 rad)
#pragma GCC ivdep
    for (int i = 0; i < c.count; ++i) {
        const T sin_h = c.sin_latitude[i] * k.sun_pole + c.cos_latitude[i] * k.sun_meridian;
        const T incidence = c.normal_pole[i] * k.sun_pole + c.normal_meridian[i] * k.sun_meridian +
                            c.normal_east[i] * k.sun_east;
        const T up_time = sin_h > T(0) ? k.hours : T(0);
        T clearance = T(1);
        if constexpr (shadows) {
            clearance = sin_h - (k.weight_a * static_cast<T>(k.sector_a[i]) +
                                 k.weight_b * static_cast<T>(k.sector_b[i]));
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

}  // namespace

StepFunctions step_functions() {
    StepFunctions f{};
    f.exact_f32[0][0] = exact_step<float, false, false>;
    f.exact_f32[0][1] = exact_step<float, false, true>;
    f.exact_f32[1][0] = exact_step<float, true, false>;
    f.exact_f32[1][1] = exact_step<float, true, true>;
    f.exact_f64[0][0] = exact_step<double, false, false>;
    f.exact_f64[0][1] = exact_step<double, false, true>;
    f.exact_f64[1][0] = exact_step<double, true, false>;
    f.exact_f64[1][1] = exact_step<double, true, true>;
    f.clearance_f32 = start_clearance<float>;
    f.clearance_f64 = start_clearance<double>;
    f.rsun_f32[0][0] = rsun_step<float, false, false>;
    f.rsun_f32[0][1] = rsun_step<float, false, true>;
    f.rsun_f32[1][0] = rsun_step<float, true, false>;
    f.rsun_f32[1][1] = rsun_step<float, true, true>;
    f.rsun_f64[0][0] = rsun_step<double, false, false>;
    f.rsun_f64[0][1] = rsun_step<double, false, true>;
    f.rsun_f64[1][0] = rsun_step<double, true, false>;
    f.rsun_f64[1][1] = rsun_step<double, true, true>;
    return f;
}

}  // namespace eemt::EEMT_SIMD_NAMESPACE
