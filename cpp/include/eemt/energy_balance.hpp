// Effective energy and mass transfer of one month, EEMT = E_BIO + E_PPT [MJ m-2].
//
//   E_PPT = c_w F max(T, 0)   heat that effective precipitation F carries
//   E_BIO = h_BIO NPP         energy that plants store
//
// The three variants differ in the local temperature T, the water F that stays and
// the production NPP: TRAD after Rasmussen, Southard & Horwath (2005) with Hamon's
// PET, TOPO and TOPO-VEG after Rasmussen et al. (2015), doi 10.2136/vzj2014.07.0102.
// One pass over the cells does a month. Nodata in any input of a cell is nodata in
// both terms of that cell alone.
#pragma once

#include <cstddef>

#include "eemt/cell_field.hpp"
#include "eemt/energy_parameters.hpp"
#include "eemt/grid_view.hpp"

namespace eemt {

// Temperatures are already those of the cell (lapse rates applied).
template <typename T>
struct TradInput {
    CellField<T> tmin_c, tmax_c, precipitation_mm;
    CellField<T> daylight_hours;  // astronomical, not the sun behind the terrain
};

// What TOPO and TOPO-VEG have in common. The sums of the sun cover
// MonthSpan::solar_days; those named ratio_* only make the temperature term.
template <typename T>
struct SlopeClimate {
    CellField<T> tmin_c, tmax_c, precipitation_mm, vapour_pressure_pa;
    CellField<T> elevation_m;
    CellField<T> wetness_ratio;  // wetness index over its mean
    CellField<T> solar_topo_wh_m2;
    CellField<T> ratio_topo_wh_m2, ratio_flat_wh_m2;
    CellField<T> wind_m_s;  // 2 m above short grass
    CellField<T> albedo;
};

template <typename T>
struct TopoInput {
    SlopeClimate<T> climate;
    CellField<T> slope_rad, aspect_rad;  // aspect clockwise from true north; slope: see northness
};

template <typename T>
struct VegetationInput {
    SlopeClimate<T> climate;
    CellField<T> lai, canopy_height_m;
};

template <typename T>
struct EnergyOutput {
    GridView<T> e_bio_mj_m2, e_ppt_mj_m2;
};

template <typename T>
void eemt_trad(const TradInput<T>& input, const MonthSpan& span, const EnergyParameters& parameters,
               const EnergyOutput<T>& output, int threads);

// Both return the number of cells whose solar ratio met its limits.
template <typename T>
std::ptrdiff_t eemt_topo(const TopoInput<T>& input, const MonthSpan& span,
                         const EnergyParameters& parameters, const EnergyOutput<T>& output,
                         int threads);
template <typename T>
std::ptrdiff_t eemt_topo_veg(const VegetationInput<T>& input, const MonthSpan& span,
                             const EnergyParameters& parameters, const EnergyOutput<T>& output,
                             int threads);

}  // namespace eemt
