#include "eemt/depressions.hpp"

#include <algorithm>
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
// once, since growing by doubling would hold it three times over; pages that are
// never used take no memory.
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

// The state of one flood. A cell is reached when its filled level is set; until
// then that is NaN, so no separate marks are needed.
template <typename T>
class Flood {
  public:
    Flood(GridView<const T> elevation_m, GridView<T> filled_m)
        : z_(elevation_m), filled_(filled_m), rising_(elevation_m.size()) {
        std::fill(filled_.data, filled_.data + filled_.size(), std::numeric_limits<T>::quiet_NaN());
    }

    void run() {
        open_outlets();
        while (true) {
            if (!inside_pit_.empty()) {
                const auto cell = inside_pit_.front();
                inside_pit_.pop();
                spread(cell);
            } else if (!rising_.empty()) {
                spread(rising_.pop());
            } else {
                return;
            }
        }
    }

  private:
    bool waiting(std::ptrdiff_t row, std::ptrdiff_t col) const {
        return std::isnan(filled_(row, col)) && has_data(z_(row, col));
    }

    void open(std::ptrdiff_t row, std::ptrdiff_t col) {
        if (!waiting(row, col)) return;
        filled_(row, col) = z_(row, col);
        rising_.push(z_(row, col), static_cast<CellIndex>(row * z_.cols + col));
    }

    void open_outlets() {
        for (std::ptrdiff_t row = 0; row < z_.rows; ++row) {
            const bool edge_row = row == 0 || row == z_.rows - 1;
            for (std::ptrdiff_t col = 0; col < z_.cols; ++col) {
                if (edge_row || col == 0 || col == z_.cols - 1) open(row, col);
                if (has_data(z_(row, col))) continue;
                for_each_neighbour(z_, row, col, [&](std::size_t, auto r, auto c) { open(r, c); });
            }
        }
    }

    void spread(CellIndex cell) {
        const auto row = static_cast<std::ptrdiff_t>(cell / static_cast<CellIndex>(z_.cols));
        const auto col = static_cast<std::ptrdiff_t>(cell) - row * z_.cols;
        const T level_m = filled_(row, col);
        for_each_neighbour(z_, row, col, [&](std::size_t, auto r, auto c) {
            if (!waiting(r, c)) return;
            const auto next = static_cast<CellIndex>(r * z_.cols + c);
            if (z_(r, c) <= level_m) {
                filled_(r, c) = level_m;
                inside_pit_.push(next);
            } else {
                filled_(r, c) = z_(r, c);
                rising_.push(z_(r, c), next);
            }
        });
    }

    GridView<const T> z_;
    GridView<T> filled_;
    LevelQueue<T> rising_;
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
