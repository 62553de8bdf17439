// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/gradient_rows.hpp"

#include "eemt/cell_math.hpp"
#include "eemt/downslope.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

// Flattened: one call left in a loop would keep it from becoming vectors.
[[gnu::flatten]] bool row(const GradientRow& in, std::ptrdiff_t cells, float* __restrict slope,
                          float* __restrict aspect) {
    const float* __restrict north = in.north_m;
    const float* __restrict here = in.here_m;
    const float* __restrict south = in.south_m;
    const float per_east = in.per_east_m, per_north = in.per_north_m;
    std::int32_t lost = 0;
#pragma GCC ivdep  // the output lies apart from the inputs
    for (std::ptrdiff_t i = 1; i < cells - 1; ++i) {
        // Rises, not elevations, keep float32 exact at high altitude.
        const float z = here[i];
        const float n = north[i] - z, s = south[i] - z, w = here[i - 1] - z, e = here[i + 1] - z;
        const float nw = north[i - 1] - z, ne = north[i + 1] - z;
        const float sw = south[i - 1] - z, se = south[i + 1] - z;
        const Downslope<float> down(((ne - nw) + 2.0f * (e - w) + (se - sw)) * per_east,
                                    ((nw - sw) + 2.0f * (n - s) + (ne - se)) * per_north);
        slope[i] = down.slope_rad;
        aspect[i] = down.aspect_rad;
        lost |= static_cast<std::int32_t>(!(down.slope_rad == down.slope_rad)) &
                static_cast<std::int32_t>(z == z);
    }
    return lost != 0;
}

}  // namespace

GradientRowFunction gradient_row() { return &row; }

}  // namespace eemt::EEMT_SIMD_NAMESPACE
