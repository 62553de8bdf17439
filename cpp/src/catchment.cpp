#include "eemt/catchment.hpp"

#include <limits>
#include <stack>
#include <stdexcept>
#include <vector>

#include "eemt/depressions.hpp"
#include "eemt/neighbours.hpp"

namespace eemt {
namespace {

constexpr std::uint8_t passed_on = 0xFF;

template <typename T, typename A>
class Downstream {
  public:
    Downstream(GridView<const T> direction_rad, CellSize cell, GridView<A> area_m2)
        : compass_(cell),
          direction_(direction_rad),
          area_(area_m2),
          waiting_for_(static_cast<std::size_t>(direction_rad.size()), 0) {
        const auto own_m2 = static_cast<A>(cell.x_m * cell.y_m);
        for_each_cell([&](std::ptrdiff_t row, std::ptrdiff_t col) {
            const bool valid = has_data(direction_(row, col));
            area_(row, col) = valid ? own_m2 : std::numeric_limits<A>::quiet_NaN();
            if (!valid) count(row, col) = passed_on;
            for_each_receiver(row, col, [&](auto r, auto c, T) { ++count(r, c); });
        });
    }

    void run() {
        for_each_cell([&](std::ptrdiff_t row, std::ptrdiff_t col) {
            if (count(row, col) != 0) return;
            pass_on(row, col);
            while (!ready_.empty()) {
                const auto cell = ready_.top();
                ready_.pop();
                const auto r =
                    static_cast<std::ptrdiff_t>(cell / static_cast<CellIndex>(area_.cols));
                pass_on(r, static_cast<std::ptrdiff_t>(cell) - r * area_.cols);
            }
        });
        for (const auto left : waiting_for_) {
            if (left != passed_on) throw std::invalid_argument("direction_rad leads in a circle");
        }
    }

  private:
    std::uint8_t& count(std::ptrdiff_t row, std::ptrdiff_t col) {
        return waiting_for_[static_cast<std::size_t>(row * area_.cols + col)];
    }

    template <typename Visit>
    void for_each_cell(Visit&& visit) const {
        for (std::ptrdiff_t row = 0; row < area_.rows; ++row) {
            for (std::ptrdiff_t col = 0; col < area_.cols; ++col) visit(row, col);
        }
    }

    // Calls visit(row, col, share) for the cells that get water; what goes to a
    // missing neighbour leaves the map.
    template <typename Visit>
    void for_each_receiver(std::ptrdiff_t row, std::ptrdiff_t col, Visit&& visit) const {
        const T direction = direction_(row, col);
        if (!(direction >= T(0))) return;
        const auto to = compass_.receivers(direction);
        const auto give = [&](std::size_t k, T share) {
            const auto r = row + neighbour_row[k], c = col + neighbour_col[k];
            if (direction_.contains(r, c) && has_data(direction_(r, c))) visit(r, c, share);
        };
        give(to.first, T(1) - to.share);
        if (to.share > T(0)) give(to.second, to.share);
    }

    void pass_on(std::ptrdiff_t row, std::ptrdiff_t col) {
        count(row, col) = passed_on;
        for_each_receiver(row, col, [&](auto r, auto c, T share) {
            area_(r, c) += static_cast<A>(share) * area_(row, col);
            if (--count(r, c) == 0) ready_.push(static_cast<CellIndex>(r * area_.cols + c));
        });
    }

    Compass<T> compass_;
    GridView<const T> direction_;
    GridView<A> area_;
    std::vector<std::uint8_t> waiting_for_;
    std::stack<CellIndex> ready_;
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
