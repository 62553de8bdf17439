#include "eemt/irradiation.hpp"

#include <algorithm>
#include <cmath>

#include "altitude_table.hpp"
#include "eemt/constants.hpp"
#include "eemt/parallel.hpp"
#include "irradiation_block.hpp"
#include "rsun_rule.hpp"
#include "sunlit_rule.hpp"

namespace eemt {
namespace {

// A run of rows or columns that lies within one block of the raster.
struct Span {
    std::ptrdiff_t first, count;
};

std::vector<Span> block_spans(std::ptrdiff_t length, std::ptrdiff_t anchor, std::ptrdiff_t block) {
    std::vector<Span> spans;
    const std::ptrdiff_t inside = (anchor % block + block) % block;
    std::ptrdiff_t first = 0, next = block - inside;
    while (first < length) {
        const std::ptrdiff_t stop = std::min(next, length);
        spans.push_back({first, stop - first});
        first = stop;
        next += block;
    }
    return spans;
}

// How much of the Earth a block may cover: what is expanded about its centre (air mass, the light
// about a low sun, the sun's path over the horizon map) holds so far, 11 km from north to south.
// The usual blocks, of 3 km, stay whole but within 200 km of a pole.
constexpr double longest_latitude_rad = 0.1 * pi / 180.0;
constexpr double longest_convergence_rad = 1.0 * pi / 180.0;

struct Rectangle {
    Span down, across;
};

// By how much a field differs between two cells, as a share of what it may.
template <typename T>
double share(const GridView<const T>& field, double longest, std::ptrdiff_t a, std::ptrdiff_t b) {
    if (field.data == nullptr) return 0.0;
    const double change = static_cast<double>(field.data[a]) - static_cast<double>(field.data[b]);
    return std::isnan(change) ? 0.0 : std::abs(change) / longest;
}

// Appends a block, halved until it covers no more of the Earth than it may. That follows from
// its corners alone, so every window that holds the block whole cuts it in the same way.
template <typename T>
void cut_block(const IrradiationInput<T>& input, const Rectangle& block,
               std::vector<Rectangle>& parts) {
    const auto& [down, across] = block;
    const std::ptrdiff_t north_west = down.first * input.elevation_m.cols + across.first;
    const std::ptrdiff_t north_east = north_west + across.count - 1;
    const std::ptrdiff_t south = (down.count - 1) * input.elevation_m.cols;
    const auto between = [&](std::ptrdiff_t a, std::ptrdiff_t b) {
        return std::max(share(input.latitude_rad, longest_latitude_rad, a, b),
                        share(input.convergence_rad, longest_convergence_rad, a, b));
    };
    const double rows =
        std::max(between(north_west, north_west + south), between(north_east, north_east + south));
    const double cols =
        std::max(between(north_west, north_east), between(north_west + south, north_east + south));
    if (std::max(rows, cols) <= 1.0) {
        parts.push_back(block);
    } else if (rows >= cols) {
        const std::ptrdiff_t half = down.count / 2;
        cut_block(input, {{down.first, half}, across}, parts);
        cut_block(input, {{down.first + half, down.count - half}, across}, parts);
    } else {
        const std::ptrdiff_t half = across.count / 2;
        cut_block(input, {down, {across.first, half}}, parts);
        cut_block(input, {down, {across.first + half, across.count - half}}, parts);
    }
}

// Writes every group of the block, those without a day as well.
template <typename T, typename Rule>
void run_days(const IrradiationInput<T>& input, const AltitudeTable& table,
              const std::vector<IrradiationDay>& days, std::ptrdiff_t groups,
              IrradiationBlock<T>& block, T* sums) {
    Rule rule(input, table, block);
    std::ptrdiff_t next = 0;
    for (std::size_t i = 0; i < days.size(); ++i) {
        while (next < days[i].group) block.write_group(sums, next++);
        rule.add_day(days[i]);
        if (i + 1 == days.size() || days[i + 1].group != days[i].group) {
            rule.finish_group();
            block.write_group(sums, next++);
        }
    }
    while (next < groups) block.write_group(sums, next++);
}

}  // namespace

template <typename T>
void irradiation(const IrradiationInput<T>& input, const std::vector<IrradiationDay>& days,
                 std::ptrdiff_t groups, T* sums, int threads) {
    const AltitudeTable table;
    const std::vector<Span> rows =
        block_spans(input.elevation_m.rows, input.anchor_row, input.block);
    const std::vector<Span> cols =
        block_spans(input.elevation_m.cols, input.anchor_col, input.block);
    std::vector<Rectangle> blocks;
    for (const Span& down : rows) {
        for (const Span& across : cols) cut_block(input, {down, across}, blocks);
    }
    parallel_for_dynamic(static_cast<std::ptrdiff_t>(blocks.size()), threads, [&](auto i) {
        const auto& [down, across] = blocks[static_cast<std::size_t>(i)];
        IrradiationBlock<T> block(input, down.first, across.first, down.count, across.count);
        if (block.empty()) {
            for (std::ptrdiff_t g = 0; g < groups; ++g) block.write_group(sums, g);
        } else if (input.rule == DayRule::exact) {
            run_days<T, SunlitRule<T>>(input, table, days, groups, block, sums);
        } else {
            run_days<T, RsunRule<T>>(input, table, days, groups, block, sums);
        }
    });
}

template void irradiation(const IrradiationInput<float>&, const std::vector<IrradiationDay>&,
                          std::ptrdiff_t, float*, int);
template void irradiation(const IrradiationInput<double>&, const std::vector<IrradiationDay>&,
                          std::ptrdiff_t, double*, int);

}  // namespace eemt
