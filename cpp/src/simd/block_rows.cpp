// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/block_rows.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

constexpr std::uint32_t nan_bits = 0x7FC00000;
constexpr std::uint32_t high_bits = 0x80808080;  // of the four bytes of a word
constexpr int mantissa = 23;

inline std::uint32_t bits_of(float value) { return __builtin_bit_cast(std::uint32_t, value); }
inline float float_of(std::uint32_t bits) { return __builtin_bit_cast(float, bits); }

// Rounding as arithmetic on bit patterns: numbers of one sign are ordered as their patterns are,
// and a carry out of the mantissa is the next power of two.
struct Rounding {
    std::uint32_t dropped, kept, half, odd;

    explicit Rounding(int bits)
        : dropped(static_cast<std::uint32_t>(mantissa - bits)),
          kept(~((1U << dropped) - 1U)),
          half(dropped == 0 ? 0U : (1U << (dropped - 1U)) - 1U),
          odd(dropped == 0 ? 0U : 1U) {}

    float of(float value) const {
        const std::uint32_t bits = bits_of(value);
        const std::uint32_t rounded = (bits + half + ((bits >> dropped) & odd)) & kept;
        return float_of(value == value ? rounded : nan_bits);
    }
};

template <typename T>
void round_row(const T* cells, std::ptrdiff_t cols, double factor, int bits, float* rounded) {
    const Rounding rounding(bits);
    if (factor == 1.0) {
#pragma GCC ivdep  // where the output is the input, each cell is read before it is written
        for (std::ptrdiff_t i = 0; i < cols; ++i) {
            rounded[i] = rounding.of(static_cast<float>(cells[i]));
        }
        return;
    }
#pragma GCC ivdep
    for (std::ptrdiff_t i = 0; i < cols; ++i) {
        rounded[i] = rounding.of(static_cast<float>(static_cast<double>(cells[i]) * factor));
    }
}

// Four cells at a time, written as the vectors that every level has: a compiler does not make them
// of sums and extremes side by side.
using Floats [[gnu::vector_size(4 * sizeof(float))]] = float;
using HalfFloats [[gnu::vector_size(2 * sizeof(float))]] = float;
using Doubles [[gnu::vector_size(2 * sizeof(double))]] = double;
using Words [[gnu::vector_size(4 * sizeof(std::int32_t))]] = std::int32_t;

struct VectorCount {
    Doubles first, second;
    Floats low, high;
    Words gaps;

    void add(const float* cells) {
        Floats values;
        __builtin_memcpy(&values, cells, sizeof values);
        const Words valid = values == values;
        gaps += valid + 1;  // what is true is -1
        const Floats added = valid ? values : Floats{};
        const HalfFloats left = __builtin_shufflevector(added, added, 0, 1);
        const HalfFloats right = __builtin_shufflevector(added, added, 2, 3);
        first += __builtin_convertvector(left, Doubles);
        second += __builtin_convertvector(right, Doubles);
        low = values < low ? values : low;
        high = values > high ? values : high;
    }

    void read(const CellCount& count) {
        __builtin_memcpy(&first, count.total, sizeof first);
        __builtin_memcpy(&second, count.total + 2, sizeof second);
        __builtin_memcpy(&low, count.low, sizeof low);
        __builtin_memcpy(&high, count.high, sizeof high);
    }

    void write(CellCount& count) const {
        __builtin_memcpy(count.total, &first, sizeof first);
        __builtin_memcpy(count.total + 2, &second, sizeof second);
        __builtin_memcpy(count.low, &low, sizeof low);
        __builtin_memcpy(count.high, &high, sizeof high);
        for (int lane = 0; lane < count_lanes; ++lane) count.gaps += gaps[lane];
    }
};

void count_row(const float* cells, std::ptrdiff_t cols, CellCount& count) {
    VectorCount here{};
    here.read(count);
    const std::ptrdiff_t whole = cols / count_lanes * count_lanes;
    for (std::ptrdiff_t i = 0; i < whole; i += count_lanes) here.add(cells + i);
    if (whole < cols) {
        float last[count_lanes];
        for (int lane = 0; lane < count_lanes; ++lane) {
            last[lane] = whole + lane < cols ? cells[whole + lane] : float_of(nan_bits);
        }
        here.add(last);
        count.gaps -= whole + count_lanes - cols;
    }
    here.write(count);
}

void halve_rows(const float* upper, const float* lower, std::ptrdiff_t pairs,
                float* __restrict halved) {
    for (std::ptrdiff_t i = 0; i < pairs; ++i) {
        const float a = upper[2 * i], b = upper[2 * i + 1], c = lower[2 * i], d = lower[2 * i + 1];
        double total = 0.0;
        total += a == a ? static_cast<double>(a) : 0.0;
        total += b == b ? static_cast<double>(b) : 0.0;
        total += c == c ? static_cast<double>(c) : 0.0;
        total += d == d ? static_cast<double>(d) : 0.0;
        const std::int32_t count =
            static_cast<std::int32_t>(a == a) + static_cast<std::int32_t>(b == b) +
            static_cast<std::int32_t>(c == c) + static_cast<std::int32_t>(d == d);
        const auto mean = static_cast<float>(total / static_cast<double>(count));
        halved[i] = mean == mean ? mean : float_of(nan_bits);
    }
}

// Differences of the four bytes of two words, each by itself.
inline std::uint32_t byte_differences(std::uint32_t word, std::uint32_t before) {
    return ((word | high_bits) - (before & ~high_bits)) ^ ((word ^ ~before) & high_bits);
}

void predict_row(const float* __restrict cells, std::ptrdiff_t cols,
                 std::uint8_t* __restrict planes) {
    std::uint8_t* __restrict p0 = planes;
    std::uint8_t* __restrict p1 = planes + cols;
    std::uint8_t* __restrict p2 = planes + 2 * cols;
    std::uint8_t* __restrict p3 = planes + 3 * cols;
    for (std::ptrdiff_t i = 1; i < cols; ++i) {
        const std::uint32_t step = byte_differences(bits_of(cells[i]), bits_of(cells[i - 1]));
        p0[i] = static_cast<std::uint8_t>(step >> 24U);
        p1[i] = static_cast<std::uint8_t>(step >> 16U);
        p2[i] = static_cast<std::uint8_t>(step >> 8U);
        p3[i] = static_cast<std::uint8_t>(step);
    }
    // the first byte of a plane follows the last one of the plane before
    const std::uint32_t first = bits_of(cells[0]), last = bits_of(cells[cols - 1]);
    p0[0] = static_cast<std::uint8_t>(first >> 24U);
    p1[0] = static_cast<std::uint8_t>((first >> 16U) - (last >> 24U));
    p2[0] = static_cast<std::uint8_t>((first >> 8U) - (last >> 16U));
    p3[0] = static_cast<std::uint8_t>(first - (last >> 8U));
}

void unpredict_row(const std::uint8_t* __restrict planes, std::ptrdiff_t cols,
                   float* __restrict cells) {
    // where each plane starts: after all that comes before it
    std::uint32_t word = 0;
    std::uint8_t sum = 0;
    for (int plane = 0; plane < 4; ++plane) {
        word = word << 8U | sum;
        const std::uint8_t* const bytes = planes + plane * cols;
        for (std::ptrdiff_t i = 0; i < cols; ++i) sum = static_cast<std::uint8_t>(sum + bytes[i]);
    }
    for (std::ptrdiff_t i = 0; i < cols; ++i) {
        const std::uint32_t step = static_cast<std::uint32_t>(planes[i]) << 24U |
                                   static_cast<std::uint32_t>(planes[cols + i]) << 16U |
                                   static_cast<std::uint32_t>(planes[2 * cols + i]) << 8U |
                                   static_cast<std::uint32_t>(planes[3 * cols + i]);
        // the four bytes are added each by itself
        word = ((word & ~high_bits) + (step & ~high_bits)) ^ ((word ^ step) & high_bits);
        cells[i] = float_of(word);
    }
}

}  // namespace

BlockRows block_rows() {
    return {round_row<float>, round_row<double>, count_row, halve_rows, predict_row, unpredict_row};
}

}  // namespace eemt::EEMT_SIMD_NAMESPACE
