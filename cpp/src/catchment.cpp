#include "eemt/catchment.hpp"

#include <array>
#include <limits>
#include <stdexcept>
#include <vector>

#include "eemt/depressions.hpp"
#include "eemt/neighbours.hpp"

namespace eemt {
namespace {

// The state of a cell, in one byte. Lower half: for how many cells it still waits (at most 8), or
// that it has passed its water on. Upper half: who gets its water.
constexpr std::uint8_t waits_for = 0x0F, passed_on = 0x0F;
constexpr int to_shift = 4;            // the receiver's number stands in three bits from here
constexpr std::uint8_t to_two = 0x80;  // and whether the next one clockwise gets some, too

template <typename T, typename A>
class Downstream {
  public:
    Downstream(GridView<const T> direction_rad, CellSize cell, GridView<A> area_m2)
        : compass_(cell),
          direction_(direction_rad),
          area_(area_m2),
          state_(static_cast<std::size_t>(direction_rad.size())) {
        const auto own_m2 = static_cast<A>(cell.x_m * cell.y_m);
        for (std::ptrdiff_t i = 0; i < area_.size(); ++i) {
            const T direction = direction_.data[i];
            const bool valid = has_data(direction);
            area_.data[i] = valid ? own_m2 : std::numeric_limits<A>::quiet_NaN();
            state(i) = valid ? code_of(direction) : passed_on;
        }
        for (std::size_t k = 0; k < 9; ++k) {
            step_[k] = neighbour_row[k % 8] * area_.cols + neighbour_col[k % 8];
        }
        for_each_cell([&](std::ptrdiff_t i, bool inside) {
            for_each_receiver(i, inside, [&](std::ptrdiff_t to, T) { ++state(to); });
        });
    }

    void run() {
        for_each_cell([&](std::ptrdiff_t i, bool) {
            if ((state(i) & waits_for) != 0) return;
            ready_.push_back(static_cast<CellIndex>(i));
            while (!ready_.empty()) {
                const auto cell = static_cast<std::ptrdiff_t>(ready_.back());
                ready_.pop_back();
                pass_on(cell);
            }
        });
        for (const auto left : state_) {
            if ((left & waits_for) != passed_on) {
                throw std::invalid_argument("direction_rad leads in a circle");
            }
        }
    }

  private:
    std::uint8_t& state(std::ptrdiff_t i) { return state_[static_cast<std::size_t>(i)]; }

    std::uint8_t code_of(T direction_rad) const {
        if (!(direction_rad >= T(0))) return 0;
        const auto to = compass_.receivers(direction_rad);
        const auto first = static_cast<std::uint8_t>(to.first << to_shift);
        return to.share > T(0) ? first | to_two : first;
    }

    // Calls visit(cell, whether all its neighbours lie on the map).
    template <typename Visit>
    void for_each_cell(Visit&& visit) const {
        for (std::ptrdiff_t row = 0; row < area_.rows; ++row) {
            const bool inner_row = row > 0 && row < area_.rows - 1;
            for (std::ptrdiff_t col = 0; col < area_.cols; ++col) {
                visit(row * area_.cols + col, inner_row && col > 0 && col < area_.cols - 1);
            }
        }
    }

    bool is_inside(std::ptrdiff_t i) const {
        const auto row = static_cast<std::ptrdiff_t>(static_cast<CellIndex>(i) /
                                                     static_cast<CellIndex>(area_.cols));
        const auto col = i - row * area_.cols;
        return row > 0 && row < area_.rows - 1 && col > 0 && col < area_.cols - 1;
    }

    bool on_map(std::ptrdiff_t i, std::size_t k) const {
        const auto row = i / area_.cols;
        return area_.contains(row + neighbour_row[k], i - row * area_.cols + neighbour_col[k]);
    }

    // Calls visit(cell, share) for the cells that get water; what goes to a missing neighbour
    // leaves the map. A neighbour that is marked as having passed its water on is one without
    // data: those with data wait for this cell.
    template <typename Visit>
    void for_each_receiver(std::ptrdiff_t i, bool inside, Visit&& visit) {
        const T direction = direction_.data[i];
        if (!(direction >= T(0))) return;
        const auto code = state(i);
        const std::size_t first = (code >> to_shift) & 7U;
        const T share = (code & to_two)
                            ? (direction - compass_.bearing_rad[first]) * compass_.per_span[first]
                            : T(0);
        const auto give = [&](std::size_t k, T part) {
            const auto to = i + step_[k];
            if (!inside && !on_map(i, k % 8)) return;
            if ((state(to) & waits_for) != passed_on) visit(to, part);
        };
        give(first, T(1) - share);
        if (code & to_two) give(first + 1, share);
    }

    void pass_on(std::ptrdiff_t i) {
        state(i) |= passed_on;
        const A here_m2 = area_.data[i];
        for_each_receiver(i, is_inside(i), [&](std::ptrdiff_t to, T share) {
            area_.data[to] += static_cast<A>(share) * here_m2;
            if ((--state(to) & waits_for) == 0) ready_.push_back(static_cast<CellIndex>(to));
        });
    }

    Compass<T> compass_;
    GridView<const T> direction_;
    GridView<A> area_;
    std::vector<std::uint8_t> state_;
    std::array<std::ptrdiff_t, 9> step_;  // to neighbour k; [8] is that to 0 once more
    std::vector<CellIndex> ready_;
};

}  // namespace

template <typename T, typename A>
void catchment_area(GridView<const T> direction_rad, CellSize cell, GridView<A> area_m2) {
    Downstream<T, A>(direction_rad, cell, area_m2).run();
}

template void catchment_area(GridView<const float>, CellSize, GridView<float>);
template void catchment_area(GridView<const float>, CellSize, GridView<double>);
template void catchment_area(GridView<const double>, CellSize, GridView<double>);

}  // namespace eemt
