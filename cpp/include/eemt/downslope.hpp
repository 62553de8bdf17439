// Slope and aspect of a plane from its two gradients: how steeply it falls and which way.
#pragma once

#include "eemt/cell_math.hpp"
#include "eemt/constants.hpp"

namespace eemt::EEMT_CELLS {

template <typename T>
struct Downslope {
    T slope_rad;   // from the horizontal
    T aspect_rad;  // of the way down, clockwise from north, 0 to 2 pi; 0 where flat, NaN of NaN

    // Rises per distance towards the east and the north.
    Downslope(T east, T north) : slope_rad(cell_atan(cell_sqrt(east * east + north * north))) {
        constexpr T quarter = T(pi / 2.0), half = 2 * quarter, full = 4 * quarter;
        const T across = east < T(0) ? -east : east, along = north < T(0) ? -north : north;
        const bool steeper_across = across > along;
        const T larger = steeper_across ? across : along, smaller = steeper_across ? along : across;
        // within half a quarter of the nearest axis, then unfolded; flat is 0 / 1
        const T folded = cell_atan(smaller / (larger > T(0) ? larger : T(1)));
        const T from_axis = steeper_across ? quarter - folded : folded;
        const T from_north = north > T(0) ? half - from_axis : from_axis;
        const T clockwise = east > T(0) ? full - from_north : from_north;
        aspect_rad = clockwise >= full ? T(0) : clockwise;
    }
};

}  // namespace eemt::EEMT_CELLS
