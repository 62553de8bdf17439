// The innermost loops of energy_year.hpp but those of the terms themselves (energy_rows.hpp),
// compiled once per instruction set (see simd.hpp). A row is any number of cells that follow each
// other in memory; each cell has the same bits wherever in the row it stands.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eemt/simd.hpp"

namespace eemt {

// A stretch of cells between the same points: [start, end) lies after point `index`.
struct Stretch {
    std::ptrdiff_t start, end, index;
};
// Loops over a stretch take whole steps of so many cells. They read and write up to one step less
// one cell beyond its end, so stretches are worked on in rising order and rows are so much longer.
inline constexpr std::ptrdiff_t stretch_step = 8;

// A month of a quantity on the source's cells: its numbers times their weights, and the weights, 0
// where there is no number; without weights all of them are 1.
struct BlendPlane {
    const double *products = nullptr, *weights = nullptr;
    std::ptrdiff_t rows = 0, cols = 0;
};

// Where the cells of a row lie between the source's.
struct BlendPlaces {
    const Stretch* stretches = nullptr;
    std::ptrdiff_t count = 0;
    const double *south = nullptr, *east = nullptr;
};

struct YearRowFunctions {
    // The control points of a lattice along a row that lies between two of its lines.
    void (*line)(const double* north, const double* south, double part, std::ptrdiff_t points,
                 double* out);
    // A lattice at the cells of a row, from its points along the row.
    void (*expand)(const double* line, const std::int64_t* interval, const double* part,
                   std::ptrdiff_t cells, double* out);
    // Places (row, col) among cells of which the first is (row0, col0) as the index of the cell
    // whose centre is the nearest in the north-west, and what lies between: row and column become
    // south and east, in [0, 1). False unless there are centres on all sides.
    bool (*split)(std::int64_t row0, std::int64_t col0, std::ptrdiff_t rows, std::ptrdiff_t cols,
                  std::ptrdiff_t cells, double* row, double* col, double* index);
    // The greatest whole multiple of `step` not above a value, in steps from `first`, within
    // 0 to `last`.
    void (*nodes)(const double* values, double step, double first, double last,
                  std::ptrdiff_t cells, double* index);
    // A quantity at the cells; less lapse_per_m times their elevation, or else not below 0.
    void (*temperature)(const BlendPlane&, const BlendPlaces&, const float* elevation_m,
                        double lapse_per_m, float* out);
    void (*amount)(const BlendPlane&, const BlendPlaces&, float* out);
    // Straight between nodes.
    void (*between)(const double* node_x, const double* node_y, const Stretch*,
                    std::ptrdiff_t count, const double* x, float* out);
    // Vapour pressure [Pa] of air saturated at Tmin, and of air of a relative humidity.
    void (*saturated)(const float* tmin_c, std::ptrdiff_t cells, float* out);
    void (*humid)(const float* tmin_c, const float* tmax_c, float relative_humidity,
                  std::ptrdiff_t cells, float* out);
    // The sum of three, or of two where the third is null.
    void (*add)(const float* one, const float* other, const float* third, std::ptrdiff_t cells,
                float* out);
    // Both terms of a month into its map and the sums.
    void (*keep)(const float* e_bio, const float* e_ppt, std::ptrdiff_t cells, float* monthly,
                 double* year, double* sum_bio, double* sum_ppt);
};

EEMT_PER_LEVEL(YearRowFunctions, energy_year_rows)

}  // namespace eemt
