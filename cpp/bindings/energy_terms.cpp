// The building blocks of the energy balance, one array function each.
#include "eemt/productivity.hpp"
#include "eemt/slope_air.hpp"
#include "energy_arrays.hpp"

namespace eemt::bindings {
namespace {

using P = const EnergyParameters&;

template <typename T>
T resistance_s_m(const Conductance<T>& conductance_m_s) {
    return conductance_m_s.denominator / conductance_m_s.numerator;
}

template <typename T>
Array<T> saturation(const Array<T>& temperature_c, bool by_tetens, int threads) {
    FieldReader field;
    const auto t = field(temperature_c, "temperature_c");
    return over_fields<T>(
        field.shape(), threads,
        [=](T c) { return T(1000) * (by_tetens ? tetens<T>(c) : bolton<T>(c)); }, t);
}

template <typename T>
Array<T> air_pressure(const Array<T>& elevation_m, P p, int threads) {
    FieldReader field;
    const auto z = field(elevation_m, "elevation_m");
    const T lapse = static_cast<T>(p.pressure_lapse_k_m);
    return over_fields<T>(
        field.shape(), threads, [=](T m) { return T(1000) * air_pressure_kpa(m, lapse); }, z);
}

template <typename T>
Array<T> psychrometric(const Array<T>& elevation_m, const Array<T>& temperature_c, P p,
                       int threads) {
    FieldReader field;
    const auto z = field(elevation_m, "elevation_m");
    const auto t = field(temperature_c, "temperature_c");
    const T lapse = static_cast<T>(p.pressure_lapse_k_m);
    const LatentHeat<T> latent(p.latent_heat_varies, p.latent_heat_mj_kg);
    return over_fields<T>(
        field.shape(), threads,
        [=](T m, T c) {
            return T(1000) * psychrometric_kpa_c(air_pressure_kpa(m, lapse), latent(c));
        },
        z, t);
}

template <typename T>
Array<T> ratio(const Array<T>& solar_topo, const Array<T>& solar_flat, P p, int threads) {
    FieldReader field;
    const auto topo = field(solar_topo, "solar_topo_wh_m2");
    const auto flat = field(solar_flat, "solar_flat_wh_m2");
    const T low = static_cast<T>(p.solar_ratio_min), high = static_cast<T>(p.solar_ratio_max);
    return over_fields<T>(
        field.shape(), threads, [=](T a, T b) { return solar_ratio(a, b, low, high); }, topo, flat);
}

template <typename T>
Array<T> shift(const Array<T>& solar_ratio, const Array<T>& lai, P p, int threads) {
    FieldReader field;
    const auto s = field(solar_ratio, "solar_ratio");
    const auto leaves = field(lai, "lai");
    const T c = static_cast<T>(p.solar_term_c), lai_max = static_cast<T>(p.lai_max);
    return over_fields<T>(
        field.shape(), threads,
        [=](T v, T l) { return canopy_openness(l, lai_max) * solar_temperature_shift_c(v, c); }, s,
        leaves);
}

template <typename T>
Array<T> longwave(const Array<T>& tmin_c, const Array<T>& tmax_c, const Array<T>& vapour_pa, P p,
                  int threads) {
    FieldReader field;
    const auto low = field(tmin_c, "tmin_c");
    const auto high = field(tmax_c, "tmax_c");
    const auto vapour = field(vapour_pa, "vapour_pressure_pa");
    const T sky = static_cast<T>(p.relative_shortwave);
    return over_fields<T>(
        field.shape(), threads,
        [=](T a, T b, T e) { return net_longwave_mj_m2_day(a, b, e / T(1000), sky); }, low, high,
        vapour);
}

template <typename T>
Array<T> radiation(const Array<T>& solar_wh_m2, const Array<T>& albedo, const Array<T>& longwave,
                   double solar_days, int threads) {
    FieldReader field;
    const auto sun = field(solar_wh_m2, "solar_wh_m2");
    const auto reflected = field(albedo, "albedo");
    const auto loss = field(longwave, "longwave_mj_m2_day");
    const T daily = static_cast<T>(mj_per_wh / solar_days);
    return over_fields<T>(
        field.shape(), threads,
        [=](T s, T a, T l) { return net_radiation_mj_m2_day(s * daily, a, l); }, sun, reflected,
        loss);
}

template <typename T>
Array<T> hamon(const Array<T>& tmin_c, const Array<T>& tmax_c, const Array<T>& daylight_hours, P p,
               int threads) {
    FieldReader field;
    const auto low = field(tmin_c, "tmin_c");
    const auto high = field(tmax_c, "tmax_c");
    const auto hours = field(daylight_hours, "daylight_hours");
    return over_fields<T>(field.shape(), threads, Hamon<T>(p.hamon_dingman), low, high, hours);
}

template <typename T>
Array<T> pan_resistance(const Array<T>& wind_m_s, int threads) {
    FieldReader field;
    const auto wind = field(wind_m_s, "wind_m_s");
    return over_fields<T>(
        field.shape(), threads, [](T u) { return resistance_s_m(pan_conductance_m_s(u)); }, wind);
}

template <typename T>
Array<T> canopy_resistance(const Array<T>& wind_m_s, const Array<T>& canopy_height_m, P p,
                           int threads) {
    FieldReader field;
    const auto wind = field(wind_m_s, "wind_m_s");
    const auto height = field(canopy_height_m, "canopy_height_m");
    const CanopyConductance<T> conductance(p.canopy_height_min_m, p.blending_height_m);
    return over_fields<T>(
        field.shape(), threads, [=](T u, T h) { return resistance_s_m(conductance(u, h)); }, wind,
        height);
}

template <typename T>
Array<T> surface_resistance(const Array<T>& lai, P p, int threads) {
    FieldReader field;
    const auto leaves = field(lai, "lai");
    return over_fields<T>(field.shape(), threads, SurfaceResistance<T>(p.surface_resistance_fao),
                          leaves);
}

template <typename T>
Array<T> combination(const Array<T>& temperature_c, const Array<T>& net_radiation,
                     const Array<T>& deficit_pa, const Array<T>& elevation_m,
                     const Array<T>& aerodynamic_resistance, const Array<T>& resistance, P p,
                     int threads) {
    FieldReader field;
    const auto t = field(temperature_c, "temperature_c");
    const auto rn = field(net_radiation, "net_radiation_mj_m2_day");
    const auto vpd = field(deficit_pa, "vapour_pressure_deficit_pa");
    const auto z = field(elevation_m, "elevation_m");
    const auto ra = field(aerodynamic_resistance, "aerodynamic_resistance_s_m");
    const auto rs = field(resistance, "surface_resistance_s_m");
    const T lapse = static_cast<T>(p.pressure_lapse_k_m);
    const LatentHeat<T> latent(p.latent_heat_varies, p.latent_heat_mj_kg);
    const auto cell = [=](T c, T r, T d, T m, T a, T s) {
        const EvaporatingAir<T> air{c, air_pressure_kpa(m, lapse), d / T(1000), latent(c)};
        return combination_mm_day(air, r, {T(1), a}, s);
    };
    return over_fields<T>(field.shape(), threads, cell, t, rn, vpd, z, ra, rs);
}

template <typename T>
Array<T> fu(const Array<T>& prcp_mm, const Array<T>& pet_mm, P p, int threads) {
    FieldReader field;
    const auto rain = field(prcp_mm, "prcp_mm");
    const auto pet = field(pet_mm, "pet_mm");
    const Fu<T> curve(p.fu_w);
    return over_fields<T>(
        field.shape(), threads, [=](T a, T b) { return curve.aet_mm(a, b, curve.power(a, b)); },
        rain, pet);
}

template <typename T>
Array<T> lieth(const Array<T>& temperature_c, int threads) {
    FieldReader field;
    const auto t = field(temperature_c, "temperature_c");
    return over_fields<T>(field.shape(), threads, lieth_npp_g_m2_yr<T>, t);
}

template <typename T>
Array<T> topo(const Array<T>& elevation_m, const Array<T>& slope_rad, const Array<T>& aspect_rad,
              P p, int threads) {
    FieldReader field;
    const auto z = field(elevation_m, "elevation_m");
    const auto slope = field(slope_rad, "slope_rad");
    const auto aspect = field(aspect_rad, "aspect_rad");
    const T low = static_cast<T>(p.npp_floor_g_m2_yr);
    return over_fields<T>(
        field.shape(), threads, [=](T m, T s, T a) { return topo_npp_g_m2_yr(m, s, a, low); }, z,
        slope, aspect);
}

template <typename T>
Array<T> canopy(const Array<T>& canopy_height_m, P p, int threads) {
    FieldReader field;
    const auto height = field(canopy_height_m, "canopy_height_m");
    return over_fields<T>(field.shape(), threads, CanopyNpp<T>(p.canopy_npp_printed), height);
}

template <typename T>
Array<T> leaf_area(const Array<T>& ndvi, int threads) {
    FieldReader field;
    const auto index = field(ndvi, "ndvi");
    return over_fields<T>(field.shape(), threads, lai_from_ndvi<T>, index);
}

// Every function ends in the keyword `threads`.
template <typename Function, typename... Keywords>
void define(py::module_& m, const char* name, Function function, Keywords... arguments) {
    m.def(name, function, arguments..., py::arg("threads") = 0);
}

py::arg array(const char* name) { return py::arg(name).noconvert(); }

template <typename T>
void add_for_dtype(py::module_& m) {
    const auto parameters = py::arg("parameters");
    const py::kw_only kw{};
    define(m, "saturation_vapour_pressure", &saturation<T>, array("temperature_c"), kw,
           py::arg("tetens"));
    define(m, "air_pressure", &air_pressure<T>, array("elevation_m"), kw, parameters);
    define(m, "psychrometric_constant", &psychrometric<T>, array("elevation_m"),
           array("temperature_c"), kw, parameters);
    define(m, "solar_ratio", &ratio<T>, array("solar_topo_wh_m2"), array("solar_flat_wh_m2"), kw,
           parameters);
    define(m, "solar_temperature_shift", &shift<T>, array("solar_ratio"), array("lai"), kw,
           parameters);
    define(m, "net_longwave", &longwave<T>, array("tmin_c"), array("tmax_c"),
           array("vapour_pressure_pa"), kw, parameters);
    define(m, "net_radiation", &radiation<T>, array("solar_wh_m2"), array("albedo"),
           array("longwave_mj_m2_day"), kw, py::arg("solar_days"));
    define(m, "hamon_pet", &hamon<T>, array("tmin_c"), array("tmax_c"), array("daylight_hours"), kw,
           parameters);
    define(m, "pan_resistance", &pan_resistance<T>, array("wind_m_s"), kw);
    define(m, "canopy_resistance", &canopy_resistance<T>, array("wind_m_s"),
           array("canopy_height_m"), kw, parameters);
    define(m, "surface_resistance", &surface_resistance<T>, array("lai"), kw, parameters);
    define(m, "penman_monteith", &combination<T>, array("temperature_c"),
           array("net_radiation_mj_m2_day"), array("vapour_pressure_deficit_pa"),
           array("elevation_m"), array("aerodynamic_resistance_s_m"),
           array("surface_resistance_s_m"), kw, parameters);
    define(m, "fu_aet", &fu<T>, array("prcp_mm"), array("pet_mm"), kw, parameters);
    define(m, "lieth_npp", &lieth<T>, array("temperature_c"), kw);
    define(m, "topo_npp", &topo<T>, array("elevation_m"), array("slope_rad"), array("aspect_rad"),
           kw, parameters);
    define(m, "canopy_npp", &canopy<T>, array("canopy_height_m"), kw, parameters);
    define(m, "lai_from_ndvi", &leaf_area<T>, array("ndvi"), kw);
}

}  // namespace

void add_energy_terms(py::module_& m) {
    add_for_dtype<float>(m);
    add_for_dtype<double>(m);
}

}  // namespace eemt::bindings
