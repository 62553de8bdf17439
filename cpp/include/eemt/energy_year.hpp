// Effective energy and mass transfer of the twelve months of a year, from the cells of a climate
// to those of a DEM's window: one pass over the window, in pieces of cells that stay in the cache
// for all months and variants.
//
// A cell's climate is interpolated where it is used: a weighted mean of the four cells of the
// source around it, temperatures reduced to sea level before and brought to the cell's elevation
// after it (climate/_downscale.py states the rules, and its results are the same to the bit). The
// terms of a month are those of energy_balance.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eemt/energy_parameters.hpp"
#include "eemt/grid_view.hpp"
#include "eemt/lattice_window.hpp"

namespace eemt {

inline constexpr std::ptrdiff_t months_of_year = 12;

// A year of climate on the source's cells: (12, rows, cols) each, null where the source lacks it.
struct SourceYear {
    std::ptrdiff_t rows = 0, cols = 0;
    const double *tmin_c = nullptr, *tmax_c = nullptr, *precipitation_mm = nullptr;
    // Without vapour pressure: twelve relative humidities of a station [-]; without these air is
    // saturated at the minimum temperature (FAO-56 Eq. 48).
    const double *vapour_pressure_pa = nullptr, *relative_humidity = nullptr;
    const double* wind_m_s = nullptr;  // without it EnergyYear::wind_m_s
    // (rows, cols): elevation to which the temperatures refer, and its weight in a mean.
    const double *reference_m = nullptr, *weight = nullptr;
    // Twelve each: lapse rates [degC m-1] and days of the months; and days of the year.
    const double *tmin_lapse_c_m = nullptr, *tmax_lapse_c_m = nullptr, *days = nullptr;
    double year_days = EnergyParameters::unset;
};

// Where the window's cells lie among the source's, as rows and columns counted in cells from the
// outer corner of the whole climate, of which the source's first cell is (row0, col0). A station
// has one cell for all of them.
struct SourcePlace {
    bool station = true;
    LatticeWindow row, col;
    std::int64_t row0 = 0, col0 = 0;
};

// What leaves: (12, rows, cols) and (rows, cols) sums of both terms, and the two terms, which are
// added to what is there: from year to year their sums over all of them [MJ m-2].
struct YearTerms {
    float *monthly_mj_m2 = nullptr, *yearly_mj_m2 = nullptr;
    double *e_bio_mj_m2 = nullptr, *e_ppt_mj_m2 = nullptr;
    bool wanted() const { return monthly_mj_m2 != nullptr; }
};

// Length of the days by latitude: (12, nodes) at latitudes that are whole multiples of a step,
// straight between them.
struct DayLengths {
    LatticeWindow latitude_rad;
    double step_rad = 0.0, first_node = 0.0;  // the first latitude in steps
    std::ptrdiff_t nodes = 0;                 // at least 2
    const double *node_rad = nullptr, *node_hours = nullptr;
};

// A quantity of the window in twelve months: (rows, cols) of each, one month's so many cells after
// those of the month before; 0 where all have the same.
struct MonthlyCells {
    const float* data = nullptr;
    std::ptrdiff_t month_step = 0;
    const float* from(std::ptrdiff_t month, std::ptrdiff_t first) const {
        return data + month * month_step + first;
    }
};

// The sun of the months [Wh m-2] over so many days.
struct SunYear {
    MonthlyCells beam, diffuse, reflected, flat_beam, flat_diffuse;
    bool ratio_of_beam = false;  // else of the global radiation
    const double* days = nullptr;
};

// All (rows, cols) of the window.
struct EnergyYear {
    GridView<const float> elevation_m;
    SourcePlace place;
    SourceYear source;
    float wind_m_s = 0.0f, albedo = 0.0f;

    YearTerms trad, topo, topo_veg;
    DayLengths day_lengths;  // of TRAD
    SunYear sun;             // of the other two, as is
    const float* wetness_ratio = nullptr;
    const float *slope_rad = nullptr, *aspect_rad = nullptr;  // of TOPO; slope: see northness
    MonthlyCells lai;                                         // of TOPO-VEG
    const float* canopy_height_m = nullptr;
};

// Returns the number of cells whose solar ratio met its limits, over all months and variants.
// Throws std::invalid_argument if the source does not reach over the window.
std::ptrdiff_t eemt_year(const EnergyYear& year, const EnergyParameters& parameters, int threads);

}  // namespace eemt
