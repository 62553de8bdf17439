#include "eemt/horizon_sweep.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "eemt/constants.hpp"

namespace eemt {
namespace {

// round(32767 sin) of an angle from its tangent.
template <typename T>
std::int16_t encode(T tangent) {
    const T sine = tangent / std::sqrt(T(1) + tangent * tangent);
    const T scaled = sine * static_cast<T>(horizon_scale);
    const auto code = static_cast<std::int32_t>(scaled + T(32768.5)) - 32768;
    return static_cast<std::int16_t>(std::max(code, horizon_nothing + 1));
}

template <typename T>
constexpr T nothing = -std::numeric_limits<T>::infinity();

}  // namespace

template <typename T>
HorizonSweep<T>::HorizonSweep(const PaddedGrid<T>& by_row, const PaddedGrid<T>& by_col,
                              const std::vector<FarLevel<T>>& far_field,
                              const HorizonOptions& options)
    : by_row_(by_row), by_col_(by_col), far_field_(far_field), options_(options) {
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
    capacity_ = longest + far;
    hulls_.resize(capacity_ * lanes);
    far_.reserve(far);
    carried_.resize(longest);
    lines_.reserve(longest);
    own_.reserve(longest);
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
    own_.fill(direction_.slope * direction_.sign, 0, grid_->major(), 0);

    const auto steps = static_cast<std::size_t>(reach_m_ / direction_.step_m) + 2 +
                       static_cast<std::size_t>(grid_->major());
    per_distance_.resize(std::min(steps, per_distance_.capacity()));
    for (std::size_t n = 1; n < per_distance_.size(); ++n) {
        per_distance_[n] = static_cast<T>(1.0 / (static_cast<double>(n) * direction_.step_m));
    }
    const double bending = o.refraction ? 1.0 - terrestrial_refraction_k : 1.0;
    const double sink = direction_.step_m * bending / (2.0 * earth_radius_m);
    sink_per_step_ = o.curvature ? static_cast<T>(sink) : T(0);
}

template <typename T>
void HorizonSweep<T>::run(int index, std::int16_t* plane) {
    prepare(index);
    // The cell (u, v) lies between the lines v - shift(u) - 1 and v - shift(u).
    const auto [low, high] =
        std::minmax_element(lines_.shift.begin() + u0_, lines_.shift.begin() + u1_);
    std::fill(carried_.begin(), carried_.end(), Skyline{0, T(0), 0});
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
// block resolves itself: the next block wants the last line's tangents.)
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
        sample_row(k0, u);
        hull_row(k0, u);
        if (in_core(k0, u)) resolve_row(k0, u, plane);
    }
}

// Empties the hulls and pushes what lies beyond the fine DEM.
template <typename T>
void HorizonSweep<T>::start_hulls(std::ptrdiff_t k0) {
    depth_.fill(0);
    last_fine_.fill(std::numeric_limits<std::int32_t>::max());
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
        last_fine_[static_cast<std::size_t>(lane)] = position;
        far_samples(far_field_, direction_, x_m, y_m, position, far_);
        for (const auto& sample : far_) push(lane, sample.position, sample.elevation_m);
    }
}

template <typename T>
void HorizonSweep<T>::sample_row(std::ptrdiff_t k0, std::ptrdiff_t u) {
    const T* low = grid_->at(u) + k0 + shift(u);
    const T* high = low + lines_.upper(u);
    const T fraction = lines_.fraction[static_cast<std::size_t>(u)];
    for (std::size_t j = 0; j < lanes; ++j) line_[j] = low[j] + fraction * (high[j] - low[j]);
}

// A sample between a valid and a missing cell is no terrain, but the valid cell still
// looks from there.
template <typename T>
void HorizonSweep<T>::hull_row(std::ptrdiff_t k0, std::ptrdiff_t u) {
    const auto position = static_cast<std::int32_t>(direction_.sign * u);
    for (int lane = 0; lane < lanes; ++lane) {
        const T z = line_[static_cast<std::size_t>(lane)];
        if (!std::isnan(z)) {
            push(lane, position, z);
            continue;
        }
        const T* low = grid_->at(u) + k0 + shift(u) + lane;
        look(lane, position, std::isnan(low[0]) ? low[lines_.upper(u)] : low[0]);
    }
}

// Pops what the sample hides from all that come after it, notes what it sees and puts
// it on the hull.
//
// The top is hidden when it lies below the straight line (of z - x^2 / 2R) from the
// sample to the point behind the top. With s the slope from the sample to the top, d
// its distance and e the slope from the top to the one behind, both as seen from
// where they start: s + 2 * sink(d) <= e.
template <typename T>
void HorizonSweep<T>::push(int lane, std::int32_t position, T z) {
    const auto l = static_cast<std::size_t>(lane);
    const std::int32_t seen = look(lane, position, z);
    HullPoint* const hull = hulls_.data() + l * capacity_;
    hull[seen + 1] = {position, z, seen < 0 ? nothing<T> : seen_slope_};
    depth_[l] = seen + 2;
}

// The index of the point of the hull that is a sample's skyline (-1: none), noted with
// its slope; the hull stays as it is.
template <typename T>
std::int32_t HorizonSweep<T>::look(int lane, std::int32_t position, T z) {
    const auto l = static_cast<std::size_t>(lane);
    Skyline& skyline = skyline_[l + 1];
    skyline = {0, T(0), 0};
    std::int32_t top = depth_[l] - 1;
    if (top < 0 || std::isnan(z)) return -1;
    const HullPoint* const hull = hulls_.data() + l * capacity_;
    std::int32_t steps;
    T slope;
    for (;; --top) {
        steps = hull[top].position - position;
        slope = slope_to(z, hull[top].elevation_m, steps);
        if (!(slope + T(2) * static_cast<T>(steps) * sink_per_step_ <= hull[top].slope)) break;
    }
    seen_slope_ = slope;
    skyline.steps = hull[top].position > last_fine_[l] ? -steps : steps;
    skyline.elevation_m = hull[top].elevation_m;
    if (top > 0 && hull[top - 1].position <= last_fine_[l]) {
        skyline.behind = hull[top - 1].position - position;
    }
    return top;
}

template <typename T>
void HorizonSweep<T>::resolve_row(std::ptrdiff_t k0, std::ptrdiff_t u, std::int16_t* plane) {
    skyline_[0] = carried_[static_cast<std::size_t>(u)];
    carried_[static_cast<std::size_t>(u)] = skyline_[lanes];

    const std::ptrdiff_t v = k0 + shift(u);  // of the cell between lines k0 - 1 and k0
    const T* z = grid_->at(u) + v;
    Lanes best;
    near_field(u, v, z, best);

    const T toward_b = T(1) - lines_.fraction[static_cast<std::size_t>(u)];
    const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, v0_ - v);
    const std::ptrdiff_t last = std::min<std::ptrdiff_t>(lanes, v1_ - v);
    const bool by_row = direction_.major_is_row;
    const std::ptrdiff_t stride = by_row ? 1 : options_.window_cols;
    std::int16_t* out =
        plane + (by_row ? (u - u0_) * options_.window_cols : u - u0_) + (v - v0_) * stride;
    for (std::ptrdiff_t j = first; j < last; ++j) {
        const auto i = static_cast<std::size_t>(j);
        if (std::isnan(z[j])) {
            out[j * stride] = horizon_nodata;
            continue;
        }
        const T tangent =
            std::max(best[i], beyond_near(u, v + j, z[j], skyline_[i], skyline_[i + 1], toward_b));
        out[j * stride] = tangent == nothing<T> ? horizon_nothing : encode(tangent);
    }
}

// The first few samples of each cell's own line.
template <typename T>
void HorizonSweep<T>::near_field(std::ptrdiff_t u, std::ptrdiff_t v, const T* z,
                                 Lanes& best) const {
    best.fill(nothing<T>);
    const std::ptrdiff_t ahead = direction_.sign > 0 ? grid_->major() - 1 - u : u;
    const auto count = static_cast<std::int32_t>(std::min<std::ptrdiff_t>(near_samples, ahead));
    for (std::int32_t n = 1; n <= count; ++n) {
        const auto i = static_cast<std::size_t>(n);
        const T* low = grid_->at(u + direction_.sign * n) + v + own_.shift[i];
        const T* high = low + own_.upper(n);
        const T fraction = own_.fraction[i], per_distance = per_distance_[i];
        const T sink = static_cast<T>(n) * sink_per_step_;
        for (std::size_t j = 0; j < lanes; ++j) {
            const T slope = (low[j] + fraction * (high[j] - low[j]) - z[j]) * per_distance - sink;
            best[j] = slope > best[j] ? slope : best[j];
        }
    }
}

// Slope to a sample of the cell's own line; nothing where it has none or where
// near_field has been.
template <typename T>
T HorizonSweep<T>::own_slope(std::ptrdiff_t u, std::ptrdiff_t v, T z, std::int32_t steps) const {
    if (steps <= near_samples) return nothing<T>;
    const auto i = static_cast<std::size_t>(steps);
    const T* low = grid_->at(u + direction_.sign * steps) + v + own_.shift[i];
    const T there = low[0] + own_.fraction[i] * (low[own_.upper(steps)] - low[0]);
    return std::isnan(there) ? nothing<T> : slope_to(z, there, steps);
}

// Slope to the skyline of a cell between the lines a and b: its own terrain where these
// have their tangent points, and behind them. The far field's samples are used as they
// are, blended where both lines look that far.
template <typename T>
T HorizonSweep<T>::beyond_near(std::ptrdiff_t u, std::ptrdiff_t v, T z, const Skyline& a,
                               const Skyline& b, T toward_b) const {
    const auto far_slope = [&](const Skyline& line) {
        return line.steps < 0 ? slope_to(z, line.elevation_m, -line.steps) : nothing<T>;
    };
    T best = std::max(own_slope(u, v, z, b.steps), own_slope(u, v, z, b.behind));
    const T far_b = far_slope(b);
    if (toward_b == T(1)) return std::max(best, far_b);
    if (a.steps != b.steps) best = std::max(best, own_slope(u, v, z, a.steps));
    if (a.behind != b.behind) best = std::max(best, own_slope(u, v, z, a.behind));
    const T far_a = far_slope(a);
    if (a.steps < 0 && b.steps < 0) return std::max(best, far_a + toward_b * (far_b - far_a));
    return std::max(best, std::max(far_a, far_b));
}

template class HorizonSweep<float>;
template class HorizonSweep<double>;

}  // namespace eemt
