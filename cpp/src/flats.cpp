#include "flats.hpp"

#include <array>
#include <vector>

#include "eemt/depressions.hpp"
#include "eemt/neighbours.hpp"

namespace eemt {
namespace {

// Further states of a cell, beside unresolved_flat: it stands in a layer; it has
// chosen neighbour k, but the others of its layer may not see that yet.
constexpr int in_layer = -3;
constexpr int chosen = -4;  // and -5 .. -11: chosen - k

template <typename T>
class Flats {
  public:
    Flats(GridView<const T> elevation_m, const Compass<T>& compass, GridView<T> direction_rad)
        : z_(elevation_m), compass_(compass), direction_(direction_rad) {}

    void resolve() {
        for (auto layer = first_layer(); !layer.empty(); layer = layer_after(layer)) {
            for (const auto cell : layer) at(cell) = static_cast<T>(chosen - best_neighbour(cell));
            for (const auto cell : layer) {
                at(cell) = compass_.bearing_rad[static_cast<std::size_t>(chosen - int(at(cell)))];
            }
        }
        for (CellIndex cell = 0; cell < z_.size(); ++cell) {
            if (at(cell) == T(unresolved_flat)) at(cell) = T(no_direction);
        }
    }

  private:
    using Layer = std::vector<CellIndex>;

    T& at(CellIndex cell) const { return direction_.data[cell]; }

    // Calls visit(k, row, col) for neighbours of the same elevation.
    template <typename Visit>
    void for_each_level_neighbour(CellIndex cell, Visit&& visit) const {
        const auto row = static_cast<std::ptrdiff_t>(cell) / z_.cols;
        const auto col = static_cast<std::ptrdiff_t>(cell) - row * z_.cols;
        for_each_neighbour(z_, row, col, [&](std::size_t k, auto r, auto c) {
            if (z_(r, c) == z_(row, col)) visit(k, r, c);
        });
    }

    std::array<bool, 8> drained_neighbours(CellIndex cell) const {
        std::array<bool, 8> drained{};
        for_each_level_neighbour(cell, [&](std::size_t k, auto r, auto c) {
            drained[k] = direction_(r, c) >= T(no_direction);
        });
        return drained;
    }

    // The drained neighbour with most drained ones around it (of the ring of neighbours, those
    // beside it count two, the next ones one): facing a straight shore that is the one
    // straight across, in a corner the diagonal. Cardinal neighbours win ties, then
    // the first clockwise from north.
    int best_neighbour(CellIndex cell) const {
        const auto drained = drained_neighbours(cell);
        int best = -1, best_score = -1;
        for (const int k : {0, 2, 4, 6, 1, 3, 5, 7}) {
            const auto n = static_cast<std::size_t>(k);
            const int score = 2 * (int(drained[(n + 7) % 8]) + int(drained[(n + 1) % 8])) +
                              int(drained[(n + 6) % 8]) + int(drained[(n + 2) % 8]);
            if (drained[n] && score > best_score) {
                best = k;
                best_score = score;
            }
        }
        return best;
    }

    Layer first_layer() const {
        Layer layer;
        for (CellIndex cell = 0; cell < z_.size(); ++cell) {
            if (at(cell) != T(unresolved_flat)) continue;
            bool shore = false;
            for (const bool drained : drained_neighbours(cell)) shore |= drained;
            if (shore) layer.push_back(cell);
        }
        for (const auto cell : layer) at(cell) = T(in_layer);
        return layer;
    }

    Layer layer_after(const Layer& layer) const {
        Layer next;
        for (const auto cell : layer) {
            for_each_level_neighbour(cell, [&](std::size_t, auto r, auto c) {
                if (direction_(r, c) != T(unresolved_flat)) return;
                direction_(r, c) = T(in_layer);
                next.push_back(static_cast<CellIndex>(r * z_.cols + c));
            });
        }
        return next;
    }

    GridView<const T> z_;
    const Compass<T>& compass_;
    GridView<T> direction_;
};

}  // namespace

template <typename T>
void resolve_flats(GridView<const T> elevation_m, const Compass<T>& compass,
                   GridView<T> direction_rad) {
    Flats<T>(elevation_m, compass, direction_rad).resolve();
}

template void resolve_flats(GridView<const float>, const Compass<float>&, GridView<float>);
template void resolve_flats(GridView<const double>, const Compass<double>&, GridView<double>);

}  // namespace eemt
