#include "eemt/far_field.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace eemt {
namespace {

// Length of the way from p, moving by d per step, until it leaves [low, high], in steps.
double steps_within(double p, double d, double low, double high) {
    if (d > 0.0) return (high - p) / d;
    if (d < 0.0) return (low - p) / d;
    return std::numeric_limits<double>::infinity();
}

template <typename T>
std::int32_t level_stride(const FarLevel<T>& level, const ScanDirection& direction) {
    const double across = std::max(std::abs(direction.east) / level.cell.x_m,
                                   std::abs(direction.north) / level.cell.y_m);
    return std::max<std::int32_t>(
        1, static_cast<std::int32_t>(std::floor(1.0 / (across * direction.step_m) + 1e-9)));
}

// Last whole step ahead of (x_m, y_m) that is still on the level.
template <typename T>
std::int32_t last_step(const FarLevel<T>& level, const ScanDirection& direction, double x_m,
                       double y_m) {
    const double width = static_cast<double>(level.elevation_m.cols) * level.cell.x_m;
    const double height = static_cast<double>(level.elevation_m.rows) * level.cell.y_m;
    const double steps = std::min(
        steps_within(x_m, direction.east * direction.step_m, level.x_m, level.x_m + width),
        steps_within(y_m, -direction.north * direction.step_m, level.y_m, level.y_m + height));
    return steps > 0.0 ? static_cast<std::int32_t>(std::floor(steps)) : 0;
}

}  // namespace

template <typename T>
T sample_far(const FarLevel<T>& level, double x_m, double y_m) {
    const auto& z = level.elevation_m;
    const double c = (x_m - level.x_m) / level.cell.x_m - 0.5;
    const double r = (y_m - level.y_m) / level.cell.y_m - 0.5;
    if (!(c >= -0.5 && r >= -0.5 && c <= static_cast<double>(z.cols) - 0.5 &&
          r <= static_cast<double>(z.rows) - 0.5)) {
        return std::numeric_limits<T>::quiet_NaN();
    }
    const double c0 = std::floor(c), r0 = std::floor(r);
    double sum = 0.0, weight = 0.0;
    for (int dr = 0; dr < 2; ++dr) {
        for (int dc = 0; dc < 2; ++dc) {
            const auto row = static_cast<std::ptrdiff_t>(r0) + dr;
            const auto col = static_cast<std::ptrdiff_t>(c0) + dc;
            if (!z.contains(row, col) || !std::isfinite(z(row, col))) continue;
            const double w = (dr ? r - r0 : 1.0 - (r - r0)) * (dc ? c - c0 : 1.0 - (c - c0));
            sum += w * static_cast<double>(z(row, col));
            weight += w;
        }
    }
    return weight > 1e-6 ? static_cast<T>(sum / weight) : std::numeric_limits<T>::quiet_NaN();
}

namespace {

// A line through a level: where it stands after so many steps, in the level's cells.
template <typename T>
class LevelLine {
  public:
    LevelLine(const FarLevel<T>& level, const ScanDirection& direction, double x_m, double y_m)
        : level_(level),
          direction_(direction),
          x_m_(x_m),
          y_m_(y_m),
          col_((x_m - level.x_m) / level.cell.x_m - 0.5),
          row_((y_m - level.y_m) / level.cell.y_m - 0.5),
          cols_per_step_(direction.step_m * direction.east / level.cell.x_m),
          rows_per_step_(-direction.step_m * direction.north / level.cell.y_m) {}

    // Elevation there: as sample_far(), at once where all four cells around are there.
    T at(std::int32_t step) const {
        const GridView<const T>& z = level_.elevation_m;
        const double c = col_ + step * cols_per_step_, r = row_ + step * rows_per_step_;
        if (c >= 0.0 && r >= 0.0) {
            const auto col = static_cast<std::ptrdiff_t>(c), row = static_cast<std::ptrdiff_t>(r);
            if (col + 1 < z.cols && row + 1 < z.rows) {
                const T* north = z.data + row * z.cols + col;
                const T* south = north + z.cols;
                const T u = static_cast<T>(c - static_cast<double>(col));
                const T v = static_cast<T>(r - static_cast<double>(row));
                const T upper = north[0] + u * (north[1] - north[0]);
                const T lower = south[0] + u * (south[1] - south[0]);
                const T value = upper + v * (lower - upper);
                if (std::isfinite(value)) return value;
            }
        }
        const double way = step * direction_.step_m;
        return sample_far(level_, x_m_ + way * direction_.east, y_m_ - way * direction_.north);
    }

  private:
    const FarLevel<T>& level_;
    const ScanDirection& direction_;
    double x_m_, y_m_;
    double col_, row_, cols_per_step_, rows_per_step_;
};

}  // namespace

template <typename T>
void far_samples(const std::vector<FarLevel<T>>& levels, const ScanDirection& direction, double x_m,
                 double y_m, std::int32_t position, std::vector<LineSample<T>>& samples) {
    samples.clear();
    std::int32_t done = 0;  // steps covered by the finer levels
    for (const auto& level : levels) {
        const std::int32_t end = last_step(level, direction, x_m, y_m);
        const std::int32_t stride = level_stride(level, direction);
        const LevelLine<T> line(level, direction, x_m, y_m);
        for (std::int32_t step = done + 1; step <= end; step += stride) {
            const T z = line.at(step);
            if (std::isfinite(z)) samples.push_back({position + step, z});
        }
        done = std::max(done, end);
    }
    std::reverse(samples.begin(), samples.end());
}

template <typename T>
std::size_t far_sample_bound(const std::vector<FarLevel<T>>& levels) {
    // A stride is at least half a cell of the level long, a way at most its diagonal.
    std::size_t bound = 0;
    for (const auto& level : levels) {
        const double ratio =
            std::max(level.cell.x_m / level.cell.y_m, level.cell.y_m / level.cell.x_m);
        bound += 4 + static_cast<std::size_t>(
                         2.0 * ratio *
                         static_cast<double>(level.elevation_m.rows + level.elevation_m.cols));
    }
    return bound;
}

template <typename T>
double reach_m(const std::vector<FarLevel<T>>& levels, double width_m, double height_m) {
    double west = 0.0, north = 0.0, east = width_m, south = height_m;
    for (const auto& level : levels) {
        west = std::min(west, level.x_m);
        north = std::min(north, level.y_m);
        east = std::max(east,
                        level.x_m + static_cast<double>(level.elevation_m.cols) * level.cell.x_m);
        south = std::max(south,
                         level.y_m + static_cast<double>(level.elevation_m.rows) * level.cell.y_m);
    }
    return std::hypot(east - west, south - north);
}

#define EEMT_INSTANTIATE(T)                                                                  \
    template T sample_far(const FarLevel<T>&, double, double);                               \
    template void far_samples(const std::vector<FarLevel<T>>&, const ScanDirection&, double, \
                              double, std::int32_t, std::vector<LineSample<T>>&);            \
    template std::size_t far_sample_bound(const std::vector<FarLevel<T>>&);                  \
    template double reach_m(const std::vector<FarLevel<T>>&, double, double);
EEMT_INSTANTIATE(float)
EEMT_INSTANTIATE(double)
#undef EEMT_INSTANTIATE

}  // namespace eemt
