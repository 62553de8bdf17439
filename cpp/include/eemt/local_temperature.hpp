// What the slope's share of the sun does to the air above it (Moore, Norton &
// Williams 1993; Rasmussen et al. 2015, Eq. 6): dT = C (S - 1/S) (1 - LAI/LAI_max),
// where S is the sun on the slope relative to that on flat, unshaded ground.
#pragma once

#include "eemt/cell_math.hpp"

namespace eemt::EEMT_CELLS {

// S, held within limits because S - 1/S has a pole in deep shade (and S itself one
// where flat ground sees next to no sun). A month without sun changes nothing: S = 1.
template <typename T>
T solar_ratio(T solar_topo, T solar_flat, T low, T high) {
    return solar_flat > T(0) ? clamp_to(solar_topo / solar_flat, low, high) : T(1);
}

template <typename T>
T solar_temperature_shift_c(T ratio, T coefficient_c) {
    return coefficient_c * (ratio - T(1) / ratio);
}

// A closed canopy keeps the sun from the ground.
template <typename T>
T canopy_openness(T lai, T lai_max) {
    return clamp_to(T(1) - lai / lai_max, T(0), T(1));
}

}  // namespace eemt::EEMT_CELLS
