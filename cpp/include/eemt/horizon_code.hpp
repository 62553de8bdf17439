// How a horizon map stores an angle: its sine, in 16 bits.
#pragma once

#include <cstdint>

namespace eemt {

inline constexpr std::int16_t horizon_nodata = -32768;   // the observer has no elevation
inline constexpr std::int16_t horizon_nothing = -32767;  // no terrain at all that way
inline constexpr int horizon_scale = 32767;              // the code of a sine of 1

}  // namespace eemt
