// Cells on their way to a task: each as how far it is off the plane through its neighbours, so that
// what a packer gets is mostly small numbers (the Lorenzo predictor: Ibarria et al., Computer
// Graphics Forum 22 (2003), 343-348).
#pragma once

#include <cstdint>

#include "eemt/grid_view.hpp"

namespace eemt {

// Takes cells as whole numbers of 1 / `scale` where all of them are such to the bit, else, and
// where `scale` is 0, as their bits; returns the scale that was taken. A number's difference from
// the plane through its neighbours in the north, west and north-west, modulo 2**32, is written with
// its sign last: the lowest bytes of all cells into `planes`, then the next ones, and so on; four
// bytes a cell.
int pack_planes(GridView<const float> cells, int scale, std::uint8_t* planes);

}  // namespace eemt
