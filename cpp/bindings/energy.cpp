// Energy and mass balance: the three variants of a month.
#include "eemt/energy_balance.hpp"
#include "energy_arrays.hpp"
#include "families.hpp"

namespace eemt::bindings {
namespace {

template <typename T>
struct NewTerms {
    NewGrid<T> bio, ppt;

    explicit NewTerms(FieldShape shape)
        : bio(shape.rows, shape.cols), ppt(shape.rows, shape.cols) {}
    EnergyOutput<T> output() const { return {bio.grid, ppt.grid}; }
};

template <typename T>
py::tuple eemt_trad_py(const Array<T>& tmin_c, const Array<T>& tmax_c, const Array<T>& prcp_mm,
                       const Array<T>& daylight_hours, const MonthSpan& span,
                       const EnergyParameters& parameters, int threads) {
    FieldReader field;
    const TradInput<T> in{field(tmin_c, "tmin_c"), field(tmax_c, "tmax_c"),
                          field(prcp_mm, "prcp_mm"), field(daylight_hours, "daylight_hours")};
    const NewTerms<T> terms(field.shape());
    {
        py::gil_scoped_release nogil;
        eemt_trad<T>(in, span, parameters, terms.output(), threads);
    }
    return py::make_tuple(terms.bio.array, terms.ppt.array);
}

template <typename T>
SlopeClimate<T> slope_climate(FieldReader& field, const Array<T>& tmin_c, const Array<T>& tmax_c,
                              const Array<T>& prcp_mm, const Array<T>& vapour_pressure_pa,
                              const Array<T>& elevation_m, const Array<T>& wetness_ratio,
                              const Array<T>& solar_topo_wh_m2, const Array<T>& ratio_topo_wh_m2,
                              const Array<T>& ratio_flat_wh_m2, const Array<T>& wind_m_s,
                              const Array<T>& albedo) {
    return {field(tmin_c, "tmin_c"),
            field(tmax_c, "tmax_c"),
            field(prcp_mm, "prcp_mm"),
            field(vapour_pressure_pa, "vapour_pressure_pa"),
            field(elevation_m, "elevation_m"),
            field(wetness_ratio, "wetness_ratio"),
            field(solar_topo_wh_m2, "solar_topo_wh_m2"),
            field(ratio_topo_wh_m2, "ratio_topo_wh_m2"),
            field(ratio_flat_wh_m2, "ratio_flat_wh_m2"),
            field(wind_m_s, "wind_m_s"),
            field(albedo, "albedo")};
}

template <typename T>
py::tuple eemt_topo_py(const Array<T>& tmin_c, const Array<T>& tmax_c, const Array<T>& prcp_mm,
                       const Array<T>& vapour_pressure_pa, const Array<T>& elevation_m,
                       const Array<T>& wetness_ratio, const Array<T>& solar_topo_wh_m2,
                       const Array<T>& ratio_topo_wh_m2, const Array<T>& ratio_flat_wh_m2,
                       const Array<T>& wind_m_s, const Array<T>& albedo, const Array<T>& slope_rad,
                       const Array<T>& aspect_rad, const MonthSpan& span,
                       const EnergyParameters& parameters, int threads) {
    FieldReader field;
    const TopoInput<T> in{slope_climate(field, tmin_c, tmax_c, prcp_mm, vapour_pressure_pa,
                                        elevation_m, wetness_ratio, solar_topo_wh_m2,
                                        ratio_topo_wh_m2, ratio_flat_wh_m2, wind_m_s, albedo),
                          field(slope_rad, "slope_rad"), field(aspect_rad, "aspect_rad")};
    const NewTerms<T> terms(field.shape());
    std::ptrdiff_t limited = 0;
    {
        py::gil_scoped_release nogil;
        limited = eemt_topo<T>(in, span, parameters, terms.output(), threads);
    }
    return py::make_tuple(terms.bio.array, terms.ppt.array, limited);
}

template <typename T>
py::tuple eemt_topo_veg_py(const Array<T>& tmin_c, const Array<T>& tmax_c, const Array<T>& prcp_mm,
                           const Array<T>& vapour_pressure_pa, const Array<T>& elevation_m,
                           const Array<T>& wetness_ratio, const Array<T>& solar_topo_wh_m2,
                           const Array<T>& ratio_topo_wh_m2, const Array<T>& ratio_flat_wh_m2,
                           const Array<T>& wind_m_s, const Array<T>& albedo, const Array<T>& lai,
                           const Array<T>& canopy_height_m, const MonthSpan& span,
                           const EnergyParameters& parameters, int threads) {
    FieldReader field;
    const VegetationInput<T> in{slope_climate(field, tmin_c, tmax_c, prcp_mm, vapour_pressure_pa,
                                              elevation_m, wetness_ratio, solar_topo_wh_m2,
                                              ratio_topo_wh_m2, ratio_flat_wh_m2, wind_m_s, albedo),
                                field(lai, "lai"), field(canopy_height_m, "canopy_height_m")};
    const NewTerms<T> terms(field.shape());
    std::ptrdiff_t limited = 0;
    {
        py::gil_scoped_release nogil;
        limited = eemt_topo_veg<T>(in, span, parameters, terms.output(), threads);
    }
    return py::make_tuple(terms.bio.array, terms.ppt.array, limited);
}

py::arg array(const char* name) { return py::arg(name).noconvert(); }

template <typename T>
void add_for_dtype(py::module_& m) {
    m.def("eemt_trad", &eemt_trad_py<T>, array("tmin_c"), array("tmax_c"), array("prcp_mm"),
          array("daylight_hours"), py::kw_only(), py::arg("span"), py::arg("parameters"),
          py::arg("threads") = 0);
    m.def("eemt_topo", &eemt_topo_py<T>, array("tmin_c"), array("tmax_c"), array("prcp_mm"),
          array("vapour_pressure_pa"), array("elevation_m"), array("wetness_ratio"),
          array("solar_topo_wh_m2"), array("ratio_topo_wh_m2"), array("ratio_flat_wh_m2"),
          array("wind_m_s"), array("albedo"), array("slope_rad"), array("aspect_rad"),
          py::kw_only(), py::arg("span"), py::arg("parameters"), py::arg("threads") = 0);
    m.def("eemt_topo_veg", &eemt_topo_veg_py<T>, array("tmin_c"), array("tmax_c"), array("prcp_mm"),
          array("vapour_pressure_pa"), array("elevation_m"), array("wetness_ratio"),
          array("solar_topo_wh_m2"), array("ratio_topo_wh_m2"), array("ratio_flat_wh_m2"),
          array("wind_m_s"), array("albedo"), array("lai"), array("canopy_height_m"), py::kw_only(),
          py::arg("span"), py::arg("parameters"), py::arg("threads") = 0);
}

#define EEMT_FIELD(name) def_readwrite(#name, &EnergyParameters::name)

void add_parameters(py::module_& m) {
    py::class_<EnergyParameters>(m, "Parameters")
        .def(py::init<>())
        .EEMT_FIELD(water_heat_capacity_j_kg_k)
        .EEMT_FIELD(organic_heat_j_kg)
        .EEMT_FIELD(solar_term_c)
        .EEMT_FIELD(solar_ratio_min)
        .EEMT_FIELD(solar_ratio_max)
        .EEMT_FIELD(lai_max)
        .EEMT_FIELD(solar_term_on_mean)
        .EEMT_FIELD(pressure_lapse_k_m)
        .EEMT_FIELD(latent_heat_mj_kg)
        .EEMT_FIELD(latent_heat_varies)
        .EEMT_FIELD(saturation_at_mean)
        .EEMT_FIELD(relative_shortwave)
        .EEMT_FIELD(hamon_dingman)
        .EEMT_FIELD(fu_w)
        .EEMT_FIELD(canopy_height_min_m)
        .EEMT_FIELD(blending_height_m)
        .EEMT_FIELD(surface_resistance_fao)
        .EEMT_FIELD(npp_floor_g_m2_yr)
        .EEMT_FIELD(canopy_npp_printed);
    py::class_<MonthSpan>(m, "MonthSpan")
        .def(py::init<double, double, double>(), py::kw_only(), py::arg("days"),
             py::arg("year_days"), py::arg("solar_days"));
}

#undef EEMT_FIELD

}  // namespace

void add_energy(py::module_& m) {
    add_parameters(m);
    add_for_dtype<float>(m);
    add_for_dtype<double>(m);
    add_energy_terms(m);
}

}  // namespace eemt::bindings
