// Irradiation of terrain: clear-sky beam, diffuse and reflected radiation on
// inclined, shaded cells, summed over days into groups (days, months or a year).
//
// Beam and diffuse on the horizontal: clear_sky.hpp. On the slope: beam by the
// cosine of incidence; diffuse after Muneer (1990), "Solar radiation model for
// Europe", Building Services Engineering Research and Technology 11(4), with the
// sky-view factor in place of (1 + cos slope)/2; shadows from a horizon map.
//
// The work is cut into blocks of `block` x `block` cells. A block's horizon map stays in
// cache while all days pass over it. What varies slowly from cell to cell of a
// block (air mass, sun azimuth) is expanded about the block's centre; incidence is
// exact for each cell. No transcendental function is called per cell and step; by the
// exact rule no cell visits a step at all (sunlit_cells.hpp). Blocks lie on multiples
// of their edge in the whole raster, which `anchor_row` and `anchor_col` place: any window
// gives the same bits. A block that covers too much of the Earth (cells of kilometres) is cut
// into halves until it does not; where its cells still see the sun rise at different times,
// near the polar circles, each has a day of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "eemt/grid_view.hpp"
#include "eemt/sun.hpp"

namespace eemt {

// How a day is summed.
enum class DayRule {
    exact,  // equal steps from sunrise to sunset, cut where the terrain hides the sun
    rsun,   // r.sun's midnight-aligned midpoints, each lit or not as a whole
};

struct IrradiationDay {
    SunDay sun;
    std::ptrdiff_t group = 0;  // of the output, 0 to groups-1; rising or equal
    // Linke turbidity of the day: a number, or a blend of two maps.
    double linke = 3.0;
    std::ptrdiff_t linke_map_a = 0, linke_map_b = 0;
    double linke_weight_b = 0.0;
};

// Sums per group and cell: seven grids after one another. `horizontal` is what a level
// surface receives under the cell's own horizon: the light that its surroundings get.
enum class Component { beam, diffuse, reflected, hours, flat_beam, flat_diffuse, horizontal };
inline constexpr std::ptrdiff_t component_count =
    static_cast<std::ptrdiff_t>(Component::horizontal) + 1;

template <typename T>
struct IrradiationInput {
    GridView<const T> elevation_m;
    GridView<const T> slope_rad;
    GridView<const T> aspect_rad;  // grid azimuth of the downslope direction
    GridView<const T> latitude_rad;
    GridView<const T> convergence_rad;      // true azimuth minus grid azimuth; no data: zero
    GridView<const T> sky_view;             // no data: (1 + cos slope)/2
    const std::int16_t* horizon = nullptr;  // (directions, rows, cols); null: no shadows
    std::ptrdiff_t directions = 0;
    const T* linke_maps = nullptr;                  // (maps, rows, cols); null: numbers per day
    std::ptrdiff_t block = 32;                      // edge of a block [cells]
    std::ptrdiff_t anchor_row = 0, anchor_col = 0;  // of the array's first cell, in the raster
    DayRule rule = DayRule::exact;
    bool refraction = true;  // compare the apparent sun with the horizon
    double step_hours = 0.25;
    double albedo = 0.2;
};

// Fills sums, an array (groups, component_count, rows, cols): irradiation [Wh m-2] and
// hours with sun [h]. A cell without elevation is NaN.
template <typename T>
void irradiation(const IrradiationInput<T>& input, const std::vector<IrradiationDay>& days,
                 std::ptrdiff_t groups, T* sums, int threads);

}  // namespace eemt
