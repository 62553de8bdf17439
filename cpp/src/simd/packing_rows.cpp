// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/packing_rows.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

constexpr double numbers_end = 2147483648.0;  // 2**31

inline std::uint32_t bits_of(float value) { return __builtin_bit_cast(std::uint32_t, value); }

bool scale_row(const float* __restrict cells, std::ptrdiff_t cols, double scale,
               std::uint32_t* __restrict numbers) {
    std::uint32_t unlike = 0;
    for (std::ptrdiff_t i = 0; i < cols; ++i) {
        // -0.0 becomes the number 0, which is another cell; GCC takes a rounded number for one
        // that a whole number would give back
        const double whole = __builtin_rint(static_cast<double>(cells[i]) * scale) + 0.0;
        // of what does not fit, and of NaN, another number comes back
        const double kept = __builtin_fabs(whole) < numbers_end ? whole : 0.0;
        const auto number = static_cast<std::int32_t>(kept);
        const auto again = static_cast<float>(static_cast<double>(number) / scale);
        unlike |= bits_of(again) ^ bits_of(cells[i]);
        numbers[i] = static_cast<std::uint32_t>(number);
    }
    return unlike == 0;
}

void off_row(const std::uint32_t* __restrict numbers, std::ptrdiff_t cols,
             std::uint32_t* __restrict steps, std::uint8_t* planes, std::ptrdiff_t plane) {
    std::uint8_t* __restrict const p0 = planes;
    std::uint8_t* __restrict const p1 = planes + plane;
    std::uint8_t* __restrict const p2 = planes + 2 * plane;
    std::uint8_t* __restrict const p3 = planes + 3 * plane;
    const auto put = [&](std::ptrdiff_t i, std::uint32_t step) {
        const std::uint32_t off = step - steps[i];
        steps[i] = step;
        const std::uint32_t folded = off << 1U ^ (0U - (off >> 31U));
        p0[i] = static_cast<std::uint8_t>(folded);
        p1[i] = static_cast<std::uint8_t>(folded >> 8U);
        p2[i] = static_cast<std::uint8_t>(folded >> 16U);
        p3[i] = static_cast<std::uint8_t>(folded >> 24U);
    };
    put(0, numbers[0]);
    for (std::ptrdiff_t i = 1; i < cols; ++i) put(i, numbers[i] - numbers[i - 1]);
}

}  // namespace

PackingRows packing_rows() { return {scale_row, off_row}; }

}  // namespace eemt::EEMT_SIMD_NAMESPACE
