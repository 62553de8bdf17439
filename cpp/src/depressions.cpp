#include "eemt/depressions.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <queue>
#include <vector>

#include "eemt/neighbours.hpp"

namespace eemt {
namespace {

template <typename T>
struct Entry {
    T level_m;
    CellIndex cell;
    bool operator>(const Entry& other) const { return level_m > other.level_m; }
};

// A binary heap, lowest level first. All the room it can ever need is reserved at
// once, since a vector that grows holds the old and the new room for a moment; pages
// that are never used take no memory.
template <typename T>
class LevelQueue {
  public:
    explicit LevelQueue(std::ptrdiff_t cells) { heap_.reserve(static_cast<std::size_t>(cells)); }
    bool empty() const { return heap_.empty(); }
    void push(T level_m, CellIndex cell) {
        heap_.push_back({level_m, cell});
        std::push_heap(heap_.begin(), heap_.end(), std::greater<>{});
    }
    CellIndex pop() {
        std::pop_heap(heap_.begin(), heap_.end(), std::greater<>{});
        const auto cell = heap_.back().cell;
        heap_.pop_back();
        return cell;
    }

  private:
    std::vector<Entry<T>> heap_;
};

// The state of one flood. A cell is reached when its filled level is set; until then that is
// NaN, so no separate marks are needed. (Cells without data count as reached meanwhile.)
//
// What is reached by climbing keeps its own height, whichever way came first, so it needs no
// queue with an order: the flood first climbs as far as it can, from all outlets at once. Only
// cells that then still stand above an unreached neighbour are rims over which a depression
// may spill; those wait in the ordered queue, the lowest goes first, and its water climbs on.
template <typename T>
class Flood {
  public:
    Flood(GridView<const T> elevation_m, GridView<T> filled_m)
        : z_(elevation_m), filled_(filled_m), rims_(elevation_m.size()) {
        // room for all cells at once, as in LevelQueue
        climbing_.reserve(static_cast<std::size_t>(z_.size()));
        maybe_rims_.reserve(static_cast<std::size_t>(z_.size()));
        for (std::size_t k = 0; k < 8; ++k) {
            step_[k] = neighbour_row[k] * z_.cols + neighbour_col[k];
        }
        for (std::ptrdiff_t i = 0; i < z_.size(); ++i) {
            filled_.data[i] = has_data(z_.data[i]) ? std::numeric_limits<T>::quiet_NaN() : T(0);
        }
    }

    void run() {
        open_outlets();
        climb();
        while (!rims_.empty()) {
            flood_from(rims_.pop());
            while (!inside_pit_.empty()) {
                const auto cell = inside_pit_.front();
                inside_pit_.pop();
                flood_from(cell);
            }
            climb();
        }
        for (std::ptrdiff_t i = 0; i < z_.size(); ++i) {
            if (!has_data(z_.data[i])) filled_.data[i] = std::numeric_limits<T>::quiet_NaN();
        }
    }

  private:
    bool waiting(std::ptrdiff_t i) const { return std::isnan(filled_.data[i]); }

    void reach(std::ptrdiff_t i, T level_m, std::vector<CellIndex>& list) {
        filled_.data[i] = level_m;
        list.push_back(static_cast<CellIndex>(i));
    }

    // Calls visit(i) for the neighbours on the grid, as for_each_neighbour.
    template <typename Visit>
    void around(CellIndex cell, Visit&& visit) const {
        const auto row = static_cast<std::ptrdiff_t>(cell / static_cast<CellIndex>(z_.cols));
        const auto col = static_cast<std::ptrdiff_t>(cell) - row * z_.cols;
        if (row > 0 && col > 0 && row < z_.rows - 1 && col < z_.cols - 1) {
            for (const auto step : step_) visit(static_cast<std::ptrdiff_t>(cell) + step);
        } else {
            for_each_neighbour(z_, row, col,
                               [&](std::size_t, auto r, auto c) { visit(r * z_.cols + c); });
        }
    }

    void open_outlets() {
        const auto open = [&](std::ptrdiff_t i) {
            if (waiting(i)) reach(i, z_.data[i], climbing_);
        };
        for (std::ptrdiff_t row = 0; row < z_.rows; ++row) {
            const bool edge_row = row == 0 || row == z_.rows - 1;
            for (std::ptrdiff_t col = 0; col < z_.cols; ++col) {
                const auto i = row * z_.cols + col;
                if (edge_row || col == 0 || col == z_.cols - 1) open(i);
                if (!has_data(z_.data[i])) around(static_cast<CellIndex>(i), open);
            }
        }
    }

    // Climbs from all cells in climbing_; what remains of the shore are rims.
    void climb() {
        while (!climbing_.empty()) {
            const auto cell = climbing_.back();
            climbing_.pop_back();
            const T here_m = z_.data[cell];
            bool above_others = false;
            around(cell, [&](std::ptrdiff_t i) {
                if (!waiting(i)) return;
                if (z_.data[i] >= here_m) {
                    reach(i, z_.data[i], climbing_);
                } else {
                    above_others = true;
                }
            });
            if (above_others) maybe_rims_.push_back(cell);
        }
        // most are rims no more: their neighbours have been reached from elsewhere
        for (const auto cell : maybe_rims_) {
            bool rim = false;
            around(cell, [&](std::ptrdiff_t i) { rim |= waiting(i); });
            if (rim) rims_.push(z_.data[cell], cell);
        }
        maybe_rims_.clear();
    }

    // Spreads the level of a reached cell into the depression beside it.
    void flood_from(CellIndex cell) {
        const T level_m = filled_.data[cell];
        around(cell, [&](std::ptrdiff_t i) {
            if (!waiting(i)) return;
            if (z_.data[i] <= level_m) {
                filled_.data[i] = level_m;
                inside_pit_.push(static_cast<CellIndex>(i));
            } else {
                reach(i, z_.data[i], climbing_);
            }
        });
    }

    GridView<const T> z_;
    GridView<T> filled_;
    std::array<std::ptrdiff_t, 8> step_;
    LevelQueue<T> rims_;
    std::vector<CellIndex> climbing_, maybe_rims_;
    std::queue<CellIndex> inside_pit_;
};

}  // namespace

template <typename T>
void fill_depressions(GridView<const T> elevation_m, GridView<T> filled_m) {
    Flood<T>(elevation_m, filled_m).run();
}

template void fill_depressions(GridView<const float>, GridView<float>);
template void fill_depressions(GridView<const double>, GridView<double>);

}  // namespace eemt
