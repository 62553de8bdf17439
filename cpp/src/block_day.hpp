// The day of a block of cells, which need not see the sun rise together.
#pragma once

#include "eemt/sun.hpp"

namespace eemt {

// From the first sunrise to the last sunset of the block's latitudes.
struct BlockDay {
    SunriseSunset hour_angles;
    // Whether the sunrises of the block's cells, or their sunsets, lie more than two minutes
    // apart, so that no one moment is within a minute of all: near the polar circles, or in large
    // cells. If not, hour_angles are those of the middle latitude.
    bool differs;
};

// Of a block that reaches half_span_rad to the north and to the south of its middle.
BlockDay block_day(double latitude_rad, double half_span_rad, const SunDay& sun);

}  // namespace eemt
