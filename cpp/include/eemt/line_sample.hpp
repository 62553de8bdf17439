// A point of a scan line: whole major steps ahead of u = 0 in the look direction, and elevation.
#pragma once

#include <cstdint>

namespace eemt {

template <typename T>
struct LineSample {
    std::int32_t position;
    T elevation_m;
};

}  // namespace eemt
