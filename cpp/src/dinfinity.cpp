#include "eemt/dinfinity.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <type_traits>

#include "eemt/constants.hpp"
#include "eemt/flow_rows.hpp"
#include "eemt/neighbours.hpp"
#include "eemt/parallel.hpp"
#include "flats.hpp"

namespace eemt {
namespace {

using Drops = std::array<double, 8>;

// Drops to the eight neighbours [m], in double, where differences of two floats
// are exact and squares of the smallest do not vanish; not finite to a missing one.
template <typename T>
Drops drops_around(GridView<const T> z, std::ptrdiff_t row, std::ptrdiff_t col) {
    Drops drop;
    drop.fill(std::numeric_limits<double>::quiet_NaN());
    const double here = z(row, col);
    for_each_neighbour(z, row, col, [&](std::size_t k, auto r, auto c) {
        drop[k] = here - static_cast<double>(z(r, c));
    });
    return drop;
}

bool is_complete(const Drops& drop) {
    double sum = 0.0;
    for (const double d : drop) sum += d;
    return has_data(sum);
}

// Puts missing neighbours on the plane through the cell and the opposite one.
void extrapolate(Drops& drop) {
    const Drops known = drop;
    for (const std::size_t k : {0U, 2U, 4U, 6U, 1U, 3U, 5U, 7U}) {
        if (has_data(known[k])) continue;
        const double opposite = known[(k + 4) % 8];
        const double beside = k % 2 == 1 ? drop[k - 1] + drop[(k + 1) % 8] : 0.0;
        drop[k] = has_data(opposite) ? -opposite : beside;
    }
}

struct Descent {
    double gradient = 0.0;
    double direction_rad = no_direction;
};

// One of Tarboton's facets, between a cardinal neighbour at distance d1 and the
// diagonal one that lies d2 further across: his slopes s1 and s2 and the square
// of the steepest descent held within the facet (0 if it does not descend).
struct FacetSlope {
    double s1, s2, square;
    bool along_cardinal, along_diagonal;
};

inline FacetSlope facet_slope(double drop_cardinal, double drop_diagonal, const FacetShape& shape) {
    FacetSlope f{};
    f.s1 = drop_cardinal * shape.per_d1;
    f.s2 = (drop_diagonal - drop_cardinal) * shape.per_d2;
    f.along_cardinal = f.s2 <= 0.0;
    f.along_diagonal = !f.along_cardinal && f.s2 >= f.s1 * shape.tan_diagonal;
    const double straight =
        std::max(0.0, f.along_cardinal ? f.s1 : drop_diagonal * shape.per_diagonal);
    const bool within = !f.along_cardinal && !f.along_diagonal;
    f.square = within ? f.s1 * f.s1 + f.s2 * f.s2 : straight * straight;
    return f;
}

class Steepest {
  public:
    explicit Steepest(CellSize cell)
        : compass_(cell),
          north_{1.0 / cell.y_m, 1.0 / cell.x_m, 1.0 / std::hypot(cell.x_m, cell.y_m),
                 cell.x_m / cell.y_m},
          east_{1.0 / cell.x_m, 1.0 / cell.y_m, 1.0 / std::hypot(cell.x_m, cell.y_m),
                cell.y_m / cell.x_m} {}

    Descent operator()(const Drops& drop) const {
        double best = 0.0;
        std::size_t at = 8;
        for (std::size_t facet = 0; facet < 8; ++facet) {
            const double square = slope_of(drop, facet).square;
            at = square > best ? facet : at;
            best = std::max(best, square);
        }
        return at == 8 ? straight_down(drop) : descent_on(drop, at);
    }

    // The row around `row` for the loop in vectors, which does the same.
    FlowRow row(GridView<const float> z, std::ptrdiff_t row) const {
        return {&z(row - 1, 0),
                &z(row, 0),
                &z(row + 1, 0),
                north_,
                east_,
                compass_.bearing_rad.data(),
                static_cast<float>(unresolved_flat)};
    }

  private:
    // Facet k lies between the bearings of neighbours k and k + 1; its cardinal
    // neighbour is the even one of the two.
    static std::size_t cardinal_of(std::size_t facet) { return (facet + facet % 2) % 8; }
    static std::size_t diagonal_of(std::size_t facet) { return facet | 1U; }

    FacetSlope slope_of(const Drops& drop, std::size_t facet) const {
        const auto cardinal = cardinal_of(facet);
        return facet_slope(drop[cardinal], drop[diagonal_of(facet)],
                           cardinal % 4 == 0 ? north_ : east_);
    }

    Descent descent_on(const Drops& drop, std::size_t facet) const {
        const auto f = slope_of(drop, facet);
        const auto low = compass_.bearing_rad[facet], high = compass_.bearing_rad[facet + 1];
        const bool cardinal_is_low = facet % 2 == 0;
        double bearing;
        if (f.along_cardinal) {
            bearing = cardinal_is_low ? low : high;
        } else if (f.along_diagonal) {
            bearing = cardinal_is_low ? high : low;
        } else {
            const double from_cardinal = std::atan(f.s2 / f.s1);
            bearing =
                std::clamp(cardinal_is_low ? low + from_cardinal : high - from_cardinal, low, high);
        }
        return {std::sqrt(f.square), bearing};
    }

    // Drops so small that their squares vanish must drain all the same.
    Descent straight_down(const Drops& drop) const {
        const auto most = std::distance(drop.begin(), std::max_element(drop.begin(), drop.end()));
        const auto neighbour = static_cast<std::size_t>(most);
        if (drop[neighbour] <= 0.0) return {};
        return {0.0, compass_.bearing_rad[neighbour]};
    }

    Compass<double> compass_;
    FacetShape north_, east_;
};

template <typename T>
void work_out_cell(GridView<const T> z, const Steepest& steepest, const Compass<T>& compass,
                   std::ptrdiff_t row, std::ptrdiff_t col, T& direction_rad, T& gradient) {
    if (!has_data(z(row, col))) {
        direction_rad = gradient = std::numeric_limits<T>::quiet_NaN();
        return;
    }
    auto drop = drops_around(z, row, col);
    const bool outlet = !is_complete(drop);
    if (outlet) extrapolate(drop);
    const auto descent = steepest(drop);
    gradient = static_cast<T>(descent.gradient);
    auto direction = static_cast<T>(descent.direction_rad);
    if (direction >= compass.bearing_rad[8]) direction = T(0);
    if (direction < T(0) && !outlet) direction = T(unresolved_flat);
    direction_rad = direction;
}

}  // namespace

template <typename T>
Compass<T>::Compass(CellSize cell) {
    const double diagonal = std::atan2(cell.x_m, cell.y_m);
    for (std::size_t k = 0; k <= 8; ++k) {
        // the cardinal neighbour is k itself, or of an odd k the one before or behind it, of which
        // NE and SW lie clockwise by `diagonal`, SE and NW before it
        const bool past_cardinal = k % 4 == 1;
        const std::size_t quarters = past_cardinal ? k / 2 : (k + 1) / 2;
        const double cardinal = static_cast<double>(quarters) * pi / 2.0;
        const double odd = past_cardinal ? cardinal + diagonal : cardinal - diagonal;
        bearing_rad[k] = static_cast<T>(k % 2 == 0 ? cardinal : odd);
    }
    for (std::size_t k = 0; k < 8; ++k) per_span[k] = T(1) / (bearing_rad[k + 1] - bearing_rad[k]);
}

template struct Compass<float>;
template struct Compass<double>;

template <typename T>
void flow_direction(GridView<const T> elevation_m, CellSize cell, GridView<T> direction_rad,
                    GridView<T> gradient, int threads) {
    const Steepest steepest(cell);
    const Compass<T> compass(cell);
    const auto in_vectors = flow_rows().flow;
    const auto& z = elevation_m;
    const auto one_cell = [&](std::ptrdiff_t row, std::ptrdiff_t col) {
        work_out_cell(z, steepest, compass, row, col, direction_rad(row, col), gradient(row, col));
    };
    parallel_for_static(z.rows, threads, [&](std::ptrdiff_t row) {
        if constexpr (std::is_same_v<T, float>) {
            if (row > 0 && row < z.rows - 1 && z.cols > 2) {
                const bool left = in_vectors(steepest.row(z, row), z.cols, &direction_rad(row, 0),
                                             &gradient(row, 0));
                one_cell(row, 0);
                one_cell(row, z.cols - 1);
                if (!left) return;
                for (std::ptrdiff_t col = 1; col < z.cols - 1; ++col) {
                    if (std::isnan(direction_rad(row, col))) one_cell(row, col);
                }
                return;
            }
        }
        for (std::ptrdiff_t col = 0; col < z.cols; ++col) one_cell(row, col);
    });
    resolve_flats(elevation_m, compass, direction_rad);
}

template void flow_direction(GridView<const float>, CellSize, GridView<float>, GridView<float>,
                             int);
template void flow_direction(GridView<const double>, CellSize, GridView<double>, GridView<double>,
                             int);

}  // namespace eemt
