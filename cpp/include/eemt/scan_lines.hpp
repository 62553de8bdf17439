// Scan lines: the parallel lines along which one horizon direction is swept.
//
// Azimuth theta is clockwise from grid north. In cells the unit vector is
// (sin theta / cell_x columns, -cos theta / cell_y rows); the axis with the
// larger component is the major axis (index u), the other the minor one
// (index v). Line k passes through v = k + m u, with m in [-1, 1], k whole and u
// the GLOBAL major index, so every tile of a DEM cuts its pieces from one and
// the same family of lines. All lines cross column u at the same fraction of a
// cell: only a whole-numbered shift and a fraction per u are needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "eemt/grid_view.hpp"

namespace eemt {

struct ScanDirection {
    bool major_is_row = true;
    int sign = 1;         // the way one looks along the major axis
    double slope = 0.0;   // m: minor cells per major cell
    double step_m = 0.0;  // length of one major step along the line
    double east = 0.0;    // unit vector of the look direction
    double north = 0.0;
};

// Direction number `index` of `count`, clockwise from north. Exact at multiples
// of 45 degrees, and mirrored directions have mirrored bits.
ScanDirection scan_direction(int index, int count, CellSize cell);

// Whole and fractional part of a slope times whole numbers. Fractions within
// 1e-6 of a whole number are snapped to it: such a line runs through the cell's
// centre and must not look at the neighbour behind it.
template <typename T>
struct ShiftTable {
    std::vector<std::int32_t> shift;
    std::vector<T> fraction;

    void reserve(std::size_t size) { shift.reserve(size), fraction.reserve(size); }
    // Entries for slope * (first + i), i in [0, size); shifts are relative to `base`.
    void fill(double slope, std::int64_t first, std::ptrdiff_t size, std::int64_t base);
    int upper(std::ptrdiff_t i) const { return fraction[static_cast<std::size_t>(i)] > T(0); }
};

// A copy of a DEM with the minor axis contiguous, NaN beyond its edges and in place of infinite
// elevations, which would hide the marks at the end of a hull.
template <typename T>
class PaddedGrid {
  public:
    static constexpr std::ptrdiff_t pad = 48;

    PaddedGrid() = default;
    PaddedGrid(GridView<const T> elevation, bool major_is_row);

    std::ptrdiff_t major() const { return major_; }
    std::ptrdiff_t minor() const { return minor_; }
    std::ptrdiff_t stride() const { return stride_; }
    bool empty() const { return data_.empty(); }
    // Points at v = 0; valid from v = -pad to minor() + pad - 1.
    const T* at(std::ptrdiff_t u) const { return data_.data() + u * stride_ + pad; }

  private:
    std::vector<T> data_;
    std::ptrdiff_t major_ = 0, minor_ = 0, stride_ = 0;
};

}  // namespace eemt
