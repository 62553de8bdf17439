// Sky-view factor of inclined cells from a horizon map: the share of isotropic sky
// radiation that a cell's plane receives (Dozier & Frew 1990, "Rapid calculation of
// terrain parameters for radiation modeling from digital elevation data", IEEE
// Trans. Geosci. Remote Sens. 28(5), doi 10.1109/36.58986, Eq. 7b):
//
//   V = 1/(2 pi) * integral of [ cos g sin^2 H + sin g cos(psi - a) (H - sin H cos H) ] dpsi
//
// g slope, a aspect (both azimuths clockwise from grid north), H the zenith angle of
// the horizon in azimuth psi, never below the horizontal nor below the cell's own
// plane, whose elevation angle is atan(-tan g cos(psi - a)).
//
// The integral with the plane alone is (1 + cos g) / 2, in closed form; only what the
// terrain hides beyond it is summed over the directions. So an open slope is exact for
// any number of directions.
#pragma once

#include <cstdint>

#include "eemt/grid_view.hpp"

namespace eemt {

// `horizon` as horizon_map makes it: `directions` planes like `slope_rad`.
template <typename T>
void sky_view_factor(const std::int16_t* horizon, int directions, GridView<const T> slope_rad,
                     GridView<const T> aspect_rad, GridView<T> sky_view, int threads);

}  // namespace eemt
