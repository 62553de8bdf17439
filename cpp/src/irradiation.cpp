#include "eemt/irradiation.hpp"

#include <algorithm>

#include "altitude_table.hpp"
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
    const auto blocks = static_cast<std::ptrdiff_t>(rows.size() * cols.size());
    parallel_for_dynamic(blocks, threads, [&](std::ptrdiff_t i) {
        const Span& down = rows[static_cast<std::size_t>(i) / cols.size()];
        const Span& across = cols[static_cast<std::size_t>(i) % cols.size()];
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
