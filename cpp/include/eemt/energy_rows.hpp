// A row of cells of each variant: the innermost loops of energy_balance.hpp, compiled
// once per instruction set (see simd.hpp). A row is any number of cells that follow each
// other in memory, over the ends of the raster's rows as well.
//
// Every input is an array with one value per cell of the row; a quantity that is one
// number everywhere arrives as a row of it. A cell has the same bits wherever in the row it
// stands.
#pragma once

#include <cstddef>

#include "eemt/energy_parameters.hpp"
#include "eemt/simd.hpp"

namespace eemt {

template <typename T>
struct TradRow {
    const T *tmin_c, *tmax_c, *precipitation_mm, *daylight_hours;
};

template <typename T>
struct SlopeRow {
    const T *tmin_c, *tmax_c, *precipitation_mm, *vapour_pressure_pa, *elevation_m;
    const T *wetness_ratio, *solar_topo_wh_m2, *ratio_topo_wh_m2, *ratio_flat_wh_m2;
    const T *wind_m_s, *albedo;
    // TOPO: slope and aspect [rad]. TOPO-VEG: leaf area index and canopy height [m].
    const T *first, *second;
};

template <typename T>
struct EnergyRow {
    T *e_bio_mj_m2, *e_ppt_mj_m2;
};

// The sloped ones return the number of cells whose solar ratio met its limits.
template <typename T>
using TradRowFunction = void (*)(const TradRow<T>&, std::ptrdiff_t cells, const MonthSpan&,
                                 const EnergyParameters&, const EnergyRow<T>&);
template <typename T>
using SlopeRowFunction = std::ptrdiff_t (*)(const SlopeRow<T>&, std::ptrdiff_t cells,
                                            const MonthSpan&, const EnergyParameters&,
                                            const EnergyRow<T>&);

template <typename T>
struct EnergyRowFunctions {
    TradRowFunction<T> trad;
    SlopeRowFunction<T> topo, topo_veg;
};

EEMT_PER_LEVEL(EnergyRowFunctions<float>, energy_rows_f32)
EEMT_PER_LEVEL(EnergyRowFunctions<double>, energy_rows_f64)

}  // namespace eemt
