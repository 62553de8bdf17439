#include "eemt/block_cells.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace eemt {
namespace {

constexpr std::uint32_t sign_bit = 0x80000000, infinity_bits = 0x7F800000, nan_bits = 0x7FC00000;
constexpr std::uint32_t high_bits = 0x80808080;  // of the four bytes of a word
constexpr int cell_bytes = 4;

// Rounding as arithmetic on bit patterns: numbers of one sign are ordered as their patterns are,
// and a carry out of the mantissa is the next power of two.
class Rounding {
  public:
    explicit Rounding(int bits)
        : dropped_(static_cast<std::uint32_t>(mantissa_bits - bits)),
          kept_(~((1U << dropped_) - 1U)),
          half_(dropped_ == 0 ? 0U : (1U << (dropped_ - 1U)) - 1U),
          odd_(dropped_ == 0 ? 0U : 1U) {}

    float operator()(float value) const {
        const auto pattern = std::bit_cast<std::uint32_t>(value);
        const std::uint32_t rounded = (pattern + half_ + ((pattern >> dropped_) & odd_)) & kept_;
        const bool is_nan = (pattern & ~sign_bit) > infinity_bits;
        return std::bit_cast<float>(is_nan ? nan_bits : rounded);
    }

  private:
    std::uint32_t dropped_, kept_, half_, odd_;
};

float missing() { return std::bit_cast<float>(nan_bits); }

// The mean of up to four cells, in the order in which they are given.
float mean_of(float a, float b, float c, float d) {
    double total = 0.0, count = 0.0;
    for (const float value : {a, b, c, d}) {
        const bool valid = value == value;
        total += valid ? static_cast<double>(value) : 0.0;
        count += valid ? 1.0 : 0.0;
    }
    return count == 0.0 ? missing() : static_cast<float>(total / count);
}

// One row of the next level from two rows of `cols` cells; `below` is `above` again at the end of
// an odd number of rows, where it does not count.
void halve_rows(const float* upper, const float* lower, std::ptrdiff_t cols, float* halved) {
    const float nan = missing();
    const std::ptrdiff_t pairs = cols / 2;
    if (lower == nullptr) {
        for (std::ptrdiff_t i = 0; i < pairs; ++i) {
            halved[i] = mean_of(upper[2 * i], upper[2 * i + 1], nan, nan);
        }
    } else {
        for (std::ptrdiff_t i = 0; i < pairs; ++i) {
            halved[i] = mean_of(upper[2 * i], upper[2 * i + 1], lower[2 * i], lower[2 * i + 1]);
        }
    }
    if (cols % 2 == 1) {
        const float last = lower == nullptr ? nan : lower[cols - 1];
        halved[pairs] = mean_of(upper[cols - 1], nan, last, nan);
    }
}

void every_other(const float* upper, std::ptrdiff_t cols, float* halved) {
    for (std::ptrdiff_t i = 0; 2 * i < cols; ++i) halved[i] = upper[2 * i];
}

// Differences of the four bytes of two words, each by itself.
std::uint32_t byte_differences(std::uint32_t word, std::uint32_t before) {
    return ((word | high_bits) - (before & ~high_bits)) ^ ((word ^ ~before) & high_bits);
}

void predict_row(const float* cells, std::ptrdiff_t cols, std::uint8_t* planes) {
    std::uint8_t* const p0 = planes;
    std::uint8_t* const p1 = planes + cols;
    std::uint8_t* const p2 = planes + 2 * cols;
    std::uint8_t* const p3 = planes + 3 * cols;
    for (std::ptrdiff_t i = 0; i < cols; ++i) {
        const auto word = std::bit_cast<std::uint32_t>(cells[i]);
        const auto before = std::bit_cast<std::uint32_t>(cells[i == 0 ? 0 : i - 1]);
        const std::uint32_t step = byte_differences(word, before);
        p0[i] = static_cast<std::uint8_t>(step >> 24U);
        p1[i] = static_cast<std::uint8_t>(step >> 16U);
        p2[i] = static_cast<std::uint8_t>(step >> 8U);
        p3[i] = static_cast<std::uint8_t>(step);
    }
    // the first byte of a plane follows the last one of the plane before
    const auto first = std::bit_cast<std::uint32_t>(cells[0]);
    const auto last = std::bit_cast<std::uint32_t>(cells[cols - 1]);
    p0[0] = static_cast<std::uint8_t>(first >> 24U);
    p1[0] = static_cast<std::uint8_t>((first >> 16U) - (last >> 24U));
    p2[0] = static_cast<std::uint8_t>((first >> 8U) - (last >> 16U));
    p3[0] = static_cast<std::uint8_t>(first - (last >> 8U));
}

void unpredict_row(const std::uint8_t* planes, std::ptrdiff_t cols, float* cells) {
    // where each plane starts: after all that comes before it
    std::array<std::uint8_t, cell_bytes> sums{};
    std::uint8_t before = 0;
    for (int plane = 0; plane < cell_bytes; ++plane) {
        sums[static_cast<std::size_t>(plane)] = before;
        const std::uint8_t* const bytes = planes + plane * cols;
        for (std::ptrdiff_t i = 0; i < cols; ++i) {
            before = static_cast<std::uint8_t>(before + bytes[i]);
        }
    }
    std::uint32_t word = 0;
    for (const std::uint8_t sum : sums) word = word << 8U | sum;
    for (std::ptrdiff_t i = 0; i < cols; ++i) {
        const std::uint32_t step = static_cast<std::uint32_t>(planes[i]) << 24U |
                                   static_cast<std::uint32_t>(planes[cols + i]) << 16U |
                                   static_cast<std::uint32_t>(planes[2 * cols + i]) << 8U |
                                   static_cast<std::uint32_t>(planes[3 * cols + i]);
        // the four bytes are added each by itself
        word = ((word & ~high_bits) + (step & ~high_bits)) ^ ((word ^ step) & high_bits);
        cells[i] = std::bit_cast<float>(word);
    }
}

// Sums in four lanes, so that the order of additions is that of the columns alone.
class Count {
  public:
    void row(const float* cells, std::ptrdiff_t cols) {
        const std::ptrdiff_t whole = cols / lanes * lanes;
        for (std::ptrdiff_t i = 0; i < whole; i += lanes) {
            for (std::ptrdiff_t lane = 0; lane < lanes; ++lane) add(cells[i + lane], lane);
        }
        for (std::ptrdiff_t i = whole; i < cols; ++i) add(cells[i], i - whole);
        all_ += cols;
    }

    CellStatistics statistics() const {
        CellStatistics found;
        float low = std::numeric_limits<float>::infinity(), high = -low;
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            found.cells += valid_[lane];
            found.total += total_[lane];
            low = std::min(low, low_[lane]);
            high = std::max(high, high_[lane]);
        }
        found.gaps = all_ - found.cells;
        const double none = std::numeric_limits<double>::quiet_NaN();
        found.low = found.cells == 0 ? none : static_cast<double>(low);
        found.high = found.cells == 0 ? none : static_cast<double>(high);
        return found;
    }

  private:
    static constexpr std::ptrdiff_t lanes = 4;

    void add(float value, std::ptrdiff_t number) {
        const auto lane = static_cast<std::size_t>(number);
        const bool valid = value == value;
        valid_[lane] += valid ? 1 : 0;
        total_[lane] += valid ? static_cast<double>(value) : 0.0;
        low_[lane] = value < low_[lane] ? value : low_[lane];
        high_[lane] = value > high_[lane] ? value : high_[lane];
    }

    static constexpr float infinity = std::numeric_limits<float>::infinity();
    std::array<std::int64_t, lanes> valid_{};
    std::array<double, lanes> total_{};
    std::array<float, lanes> low_{infinity, infinity, infinity, infinity};
    std::array<float, lanes> high_{-infinity, -infinity, -infinity, -infinity};
    std::int64_t all_ = 0;
};

template <typename T>
void round_row(const T* cells, std::ptrdiff_t cols, double factor, Rounding rounding,
               float* rounded) {
    if (factor == 1.0) {
        for (std::ptrdiff_t i = 0; i < cols; ++i) {
            rounded[i] = rounding(static_cast<float>(cells[i]));
        }
        return;
    }
    for (std::ptrdiff_t i = 0; i < cols; ++i) {
        rounded[i] = rounding(static_cast<float>(static_cast<double>(cells[i]) * factor));
    }
}

}  // namespace

void round_mantissa(GridView<const float> cells, int bits, GridView<float> rounded) {
    round_row(cells.data, cells.size(), 1.0, Rounding(bits), rounded.data);
}

void halve(GridView<const float> cells, bool circular, GridView<float> halved) {
    for (std::ptrdiff_t row = 0; row < cells.rows; row += 2) {
        const float* const upper = &cells(row, 0);
        if (circular) {
            every_other(upper, cells.cols, &halved(row / 2, 0));
        } else {
            const float* const lower = row + 1 < cells.rows ? upper + cells.cols : nullptr;
            halve_rows(upper, lower, cells.cols, &halved(row / 2, 0));
        }
    }
}

CellStatistics count(GridView<const float> cells) {
    Count found;
    for (std::ptrdiff_t row = 0; row < cells.rows; ++row) found.row(&cells(row, 0), cells.cols);
    return found.statistics();
}

void predict(GridView<const float> cells, std::uint8_t* planes) {
    for (std::ptrdiff_t row = 0; row < cells.rows; ++row) {
        predict_row(&cells(row, 0), cells.cols, planes + cell_bytes * row * cells.cols);
    }
}

void unpredict(const std::uint8_t* planes, GridView<float> cells) {
    for (std::ptrdiff_t row = 0; row < cells.rows; ++row) {
        unpredict_row(planes + cell_bytes * row * cells.cols, cells.cols, &cells(row, 0));
    }
}

template <typename T>
CellStatistics block_planes(GridView<const T> cells, std::ptrdiff_t row0, std::ptrdiff_t col0,
                            std::ptrdiff_t edge, const BlockRule& rule, std::uint8_t* planes,
                            GridView<float> halved) {
    const std::ptrdiff_t rows = std::min(edge, cells.rows - row0);
    const std::ptrdiff_t cols = std::min(edge, cells.cols - col0);
    const Rounding rounding(rule.bits), above(rule.above_bits);
    Count count;
    std::vector<float> pair(static_cast<std::size_t>(2 * edge), missing());
    for (std::ptrdiff_t row = 0; row < rows; ++row) {
        float* const here = pair.data() + row % 2 * edge;
        round_row(&cells(row0 + row, col0), cols, rule.factor, rounding, here);
        count.row(here, cols);
        predict_row(here, edge, planes + cell_bytes * row * edge);
        const bool is_lower = row % 2 == 1;
        if (!is_lower && row + 1 < rows) continue;
        float* const half = &halved(row / 2, 0);
        if (rule.circular) {
            every_other(pair.data(), cols, half);
        } else {
            halve_rows(pair.data(), is_lower ? here : nullptr, cols, half);
        }
        round_row(half, halved.cols, 1.0, above, half);
    }
    if (rows < edge) {
        std::fill(pair.begin(), pair.begin() + edge, missing());
        std::uint8_t* const beyond = planes + cell_bytes * rows * edge;
        predict_row(pair.data(), edge, beyond);
        for (std::ptrdiff_t row = rows + 1; row < edge; ++row) {
            std::copy_n(beyond, cell_bytes * edge, planes + cell_bytes * row * edge);
        }
    }
    return count.statistics();
}

template CellStatistics block_planes(GridView<const float>, std::ptrdiff_t, std::ptrdiff_t,
                                     std::ptrdiff_t, const BlockRule&, std::uint8_t*,
                                     GridView<float>);
template CellStatistics block_planes(GridView<const double>, std::ptrdiff_t, std::ptrdiff_t,
                                     std::ptrdiff_t, const BlockRule&, std::uint8_t*,
                                     GridView<float>);

}  // namespace eemt
