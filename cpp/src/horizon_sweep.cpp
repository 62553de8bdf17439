#include "eemt/horizon_sweep.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "eemt/constants.hpp"

namespace eemt {

template <typename T>
HorizonSweep<T>::HorizonSweep(const PaddedGrid<T>& by_row, const PaddedGrid<T>& by_col,
                              const std::vector<FarLevel<T>>& far_field,
                              const HorizonOptions& options)
    : by_row_(by_row),
      by_col_(by_col),
      far_field_(far_field),
      options_(options),
      hull_functions_(functions_of<T>(hull_functions())),
      resolve_(functions_of<T>(horizon_row_functions())) {
    // All buffers are made here at their largest: nothing may throw between threads.
    const std::ptrdiff_t rows = by_row.empty() ? by_col.minor() : by_row.major();
    const std::ptrdiff_t cols = by_row.empty() ? by_col.major() : by_row.minor();
    const CellSize cell = options.cell;
    reach_m_ = reach_m(far_field, static_cast<double>(cols) * cell.x_m,
                       static_cast<double>(rows) * cell.y_m);
    const std::size_t far = far_sample_bound(far_field);
    const auto longest = static_cast<std::size_t>(std::max(rows, cols));
    const auto steps =
        static_cast<std::size_t>(reach_m_ / std::min(cell.x_m, cell.y_m)) + longest + 2;
    // one cache line more, so that the lines' hulls do not fall into the same sets of the cache
    constexpr std::size_t line = 64 / sizeof(T);
    const std::size_t stride = (longest + far + hull_points + 2 + line) / line * line + line;
    hull_stride_ = static_cast<std::ptrdiff_t>(stride);
    for (auto* values : {&positions_, &elevations_m_, &slopes_}) values->resize(stride * lanes);
    far_.reserve(far);
    carried_.resize(longest);
    lines_.reserve(longest);
    way_.reserve(longest);
    own_.reserve(longest);
    shifts_.reserve(longest);
    per_distance_.reserve(steps);
}

template <typename T>
void HorizonSweep<T>::prepare(int index) {
    const auto& o = options_;
    direction_ = scan_direction(index, o.directions, o.cell);
    const bool by_row = direction_.major_is_row;
    grid_ = by_row ? &by_row_ : &by_col_;
    u0_ = by_row ? o.window_row : o.window_col;
    v0_ = by_row ? o.window_col : o.window_row;
    u1_ = u0_ + (by_row ? o.window_rows : o.window_cols);
    v1_ = v0_ + (by_row ? o.window_cols : o.window_rows);

    const std::int64_t first = by_row ? o.anchor_row : o.anchor_col;
    const double base = std::floor(direction_.slope * static_cast<double>(first));
    lines_.fill(direction_.slope, first, grid_->major(), static_cast<std::int64_t>(base));
    const auto steps = static_cast<std::size_t>(reach_m_ / direction_.step_m) + 2 +
                       static_cast<std::size_t>(grid_->major());
    per_distance_.resize(std::min(steps, per_distance_.capacity()));
    per_distance_[0] = T(0);
    for (std::size_t n = 1; n < per_distance_.size(); ++n) {
        per_distance_[n] = static_cast<T>(1.0 / (static_cast<double>(n) * direction_.step_m));
    }
    const double bending = o.refraction ? 1.0 - terrestrial_refraction_k : 1.0;
    const double sink = direction_.step_m * bending / (2.0 * earth_radius_m);
    sink_per_step_ = o.curvature ? static_cast<T>(sink) : T(0);
    place_own_lines();
}

template <typename T>
void HorizonSweep<T>::place_own_lines() {
    shifts_.fill(direction_.slope * direction_.sign, 0, grid_->major(), 0);
    way_.resize(shifts_.shift.size());
    own_.resize(shifts_.shift.size());
    for (std::size_t n = 0; n < own_.size(); ++n) {
        const auto way = static_cast<std::ptrdiff_t>(n) * direction_.sign * grid_->stride();
        way_[n] = static_cast<std::int32_t>(way + shifts_.shift[n]);
        own_[n] = {shifts_.fraction[n], per_distance_[n], static_cast<T>(n) * sink_per_step_, T(0)};
    }
    own_[0].fraction = std::numeric_limits<T>::quiet_NaN();
}

template <typename T>
void HorizonSweep<T>::run(int index, std::int16_t* plane) {
    prepare(index);
    // The cell (u, v) lies between the lines v - shift(u) - 1 and v - shift(u).
    const auto [low, high] =
        std::minmax_element(lines_.shift.begin() + u0_, lines_.shift.begin() + u1_);
    constexpr T nothing = -std::numeric_limits<T>::infinity();
    std::fill(carried_.begin(), carried_.end(), CarriedSkyline<T>{0, 0, T(0), T(0), nothing});
    for (std::ptrdiff_t k = v0_ - *high - 1; k <= v1_ - 1 - *low; k += lanes) {
        sweep_block(k, plane);
    }
}

// Does a line of the block have samples at u?
template <typename T>
bool HorizonSweep<T>::in_reach(std::ptrdiff_t k0, std::ptrdiff_t u) const {
    const std::ptrdiff_t v = k0 + shift(u);
    return v + lanes >= 0 && v < grid_->minor();
}

// Is a cell beside a line of the block in the core window at u? (One more than the
// block resolves itself: the next block needs the tangents of the last line.)
template <typename T>
bool HorizonSweep<T>::in_core(std::ptrdiff_t k0, std::ptrdiff_t u) const {
    const std::ptrdiff_t v = k0 + shift(u);
    return u >= u0_ && u < u1_ && v + lanes >= v0_ && v < v1_;
}

template <typename T>
void HorizonSweep<T>::sweep_block(std::ptrdiff_t k0, std::int16_t* plane) {
    // Both conditions hold over one run of indices, as lines are straight.
    std::ptrdiff_t near = 0, far = grid_->major() - 1;
    while (near <= far && !in_core(k0, along(near))) ++near;
    if (near > far) return;
    while (!in_reach(k0, along(far))) --far;

    start_hulls(k0);
    for (std::ptrdiff_t i = far; i >= near; --i) {
        const std::ptrdiff_t u = along(i);
        prefetch_row(k0, along(std::max(near, i - 8)));
        march(k0, u);
        if (in_core(k0, u)) resolve_row(k0, u, plane);
    }
}

// Empties the hulls and pushes what lies beyond the fine DEM.
template <typename T>
void HorizonSweep<T>::start_hulls(std::ptrdiff_t k0) {
    hull_functions_.clear(hulls());
    last_fine_.fill(std::numeric_limits<T>::max());
    if (far_field_.empty()) return;
    const CellSize cell = options_.cell;
    for (int lane = 0; lane < lanes; ++lane) {
        // the line's last sample: its crossing moves one way only, so bisect
        const bool rising = direction_.slope * direction_.sign >= 0.0;
        const auto on_grid = [&](std::ptrdiff_t i) {
            const std::ptrdiff_t v = k0 + lane + shift(along(i));
            return rising ? v < grid_->minor() : v >= -1;
        };
        std::ptrdiff_t inside = -1, outside = grid_->major();
        while (outside - inside > 1) {
            const std::ptrdiff_t middle = inside + (outside - inside) / 2;
            (on_grid(middle) ? inside : outside) = middle;
        }
        if (inside < 0) continue;
        const std::ptrdiff_t u = along(inside);
        const double v = static_cast<double>(k0 + lane + shift(u)) +
                         static_cast<double>(lines_.fraction[static_cast<std::size_t>(u)]);
        const double major = static_cast<double>(u) + 0.5, minor = v + 0.5;
        const double x_m = (direction_.major_is_row ? minor : major) * cell.x_m;
        const double y_m = (direction_.major_is_row ? major : minor) * cell.y_m;
        const auto position = static_cast<std::int32_t>(direction_.sign * u);
        last_fine_[static_cast<std::size_t>(lane)] = static_cast<T>(position);
        far_samples(far_field_, direction_, x_m, y_m, position, far_);
        hull_functions_.push(hulls(), lane, far_.data(), static_cast<std::ptrdiff_t>(far_.size()));
    }
}

// Rows lie pages apart, where no hardware prefetcher follows.
template <typename T>
void HorizonSweep<T>::prefetch_row(std::ptrdiff_t k0, std::ptrdiff_t u) const {
    const T* row = grid_->at(u) + k0 + shift(u);
    __builtin_prefetch(row);
    __builtin_prefetch(row + lanes);
}

template <typename T>
LineHulls<T> HorizonSweep<T>::hulls() {
    return {positions_.data() + hull_points + 2,
            elevations_m_.data() + hull_points + 2,
            slopes_.data() + hull_points + 2,
            hull_stride_,
            depth_.data(),
            last_fine_.data(),
            static_cast<T>(direction_.step_m),
            sink_per_step_};
}

template <typename T>
void HorizonSweep<T>::march(std::ptrdiff_t k0, std::ptrdiff_t u) {
    const T* low = grid_->at(u) + k0 + shift(u);
    hull_functions_.march(hulls(), low, low + lines_.upper(u),
                          lines_.fraction[static_cast<std::size_t>(u)],
                          static_cast<T>(direction_.sign * u), seen_, seen_m_);
}

template <typename T>
void HorizonSweep<T>::resolve_row(std::ptrdiff_t k0, std::ptrdiff_t u, std::int16_t* plane) {
    const std::ptrdiff_t v = k0 + shift(u);  // of the cell between lines k0 - 1 and k0
    const std::ptrdiff_t ahead = direction_.sign > 0 ? grid_->major() - 1 - u : u;
    HorizonRow<T> row;
    row.z = grid_->at(u) + v;
    row.way = way_.data();
    row.own = own_.data();
    row.per_distance = per_distance_.data();
    row.sink_per_step = sink_per_step_;
    row.near_samples = static_cast<int>(std::min<std::ptrdiff_t>(horizon_near_samples, ahead));
    row.toward_b = T(1) - lines_.fraction[static_cast<std::size_t>(u)];
    row.far = !far_field_.empty();
    row.seen = &seen_;
    row.elevations = &seen_m_;
    std::array<std::int16_t, lanes> codes;
    resolve_(row, carried_[static_cast<std::size_t>(u)], codes.data());

    const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, v0_ - v);
    const std::ptrdiff_t last = std::min<std::ptrdiff_t>(lanes, v1_ - v);
    const bool by_row = direction_.major_is_row;
    const std::ptrdiff_t stride = by_row ? 1 : options_.window_cols;
    std::int16_t* out =
        plane + (by_row ? (u - u0_) * options_.window_cols : u - u0_) + (v - v0_) * stride;
    for (std::ptrdiff_t j = first; j < last; ++j) {
        out[j * stride] = codes[static_cast<std::size_t>(j)];
    }
}

template class HorizonSweep<float>;
template class HorizonSweep<double>;

}  // namespace eemt
