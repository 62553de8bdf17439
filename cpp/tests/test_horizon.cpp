// Horizons and sky view on awkward grids, windows and far fields: nothing read or written
// beyond them, NaN stays alone, a window has the bits of the whole.
#include "check.hpp"
#include "eemt/gradient.hpp"
#include "eemt/horizon.hpp"
#include "eemt/sky_view.hpp"

using namespace eemt;
using namespace eemt::test;

namespace {

constexpr int directions = 20;

template <typename T>
HorizonOptions all_of(const Grid<T>& z) {
    HorizonOptions options;
    options.cell = {30.0, 20.0};
    options.window_rows = z.rows, options.window_cols = z.cols;
    options.directions = directions;
    return options;
}

template <typename T>
std::vector<std::int16_t> horizon_of(const Grid<T>& z, const HorizonOptions& options,
                                     const std::vector<FarLevel<T>>& far_field = {}) {
    std::vector<std::int16_t> codes(
        static_cast<std::size_t>(directions * options.window_rows * options.window_cols));
    horizon_map<T>(z.read(), far_field, options, codes.data());
    return codes;
}

template <typename T>
void runs_on_awkward_grids() {
    for (auto& z : awkward_grids<T>()) {
        HorizonOptions options = all_of(z);
        const auto codes = horizon_of(z, options);
        for (std::size_t i = 0; i < codes.size(); ++i) {
            CHECK((codes[i] == horizon_nodata) == std::isnan(z.cells[i % z.cells.size()]));
        }
        options.threads = 3;
        CHECK(horizon_of(z, options) == codes);

        Grid<T> slope(z.rows, z.cols), aspect(z.rows, z.cols), sky(z.rows, z.cols);
        slope_aspect<T>(z.read(), options.cell, slope.view(), aspect.view(), 1);
        sky_view_factor<T>(codes.data(), directions, slope.read(), aspect.read(), sky.view(), 1);
        for (std::size_t i = 0; i < z.cells.size(); ++i) {
            CHECK(std::isnan(sky.cells[i]) == std::isnan(z.cells[i]));
            CHECK(std::isnan(z.cells[i]) || (sky.cells[i] >= 0 && sky.cells[i] <= T(1)));
        }
    }
}

template <typename T>
void a_window_has_the_bits_of_the_whole() {
    const Grid<T> z = hills<T>(45, 60);
    HorizonOptions options = all_of(z);
    const auto whole = horizon_of(z, options);
    options.window_row = 13, options.window_col = 41;
    options.window_rows = 32, options.window_cols = 5;
    const auto part = horizon_of(z, options);
    std::size_t i = 0;
    for (std::ptrdiff_t d = 0; d < directions; ++d) {
        for (std::ptrdiff_t r = 13; r < 45; ++r) {
            for (std::ptrdiff_t c = 41; c < 46; ++c) {
                CHECK(part[i++] == whole[static_cast<std::size_t>((d * 45 + r) * 60 + c)]);
            }
        }
    }
}

// Levels that surround the grid, lie aside, hold nothing but NaN, or lie wholly within.
template <typename T>
void far_fields_of_any_place_and_size() {
    const Grid<T> around = hills<T>(30, 40), one(1, 1, T(3000));
    const Grid<T> nothing(5, 5, std::numeric_limits<T>::quiet_NaN());
    for (auto& z : awkward_grids<T>()) {
        for (const double offset : {-700.0, 0.0, 900.0}) {
            const std::vector<FarLevel<T>> far_field = {
                {one.read(), {1.0, 1.0}, 5.0, 5.0},
                {nothing.read(), {50.0, 50.0}, -50.0, -50.0},
                {around.read(), {70.0, 90.0}, offset, offset},
                {one.read(), {90000.0, 90000.0}, -50000.0, -60000.0},
            };
            const auto codes = horizon_of(z, all_of(z), far_field);
            for (std::size_t i = 0; i < codes.size(); ++i) {
                CHECK((codes[i] == horizon_nodata) == std::isnan(z.cells[i % z.cells.size()]));
            }
        }
    }
}

// Infinite elevations count as missing, in the grid and around it.
template <typename T>
void infinite_elevations_are_missing() {
    for (const T value :
         {std::numeric_limits<T>::infinity(), -std::numeric_limits<T>::infinity()}) {
        Grid<T> z = hills<T>(19, 25), missing = z;
        for (std::ptrdiff_t c = 4; c < 19; c += 4) {
            z(c, c) = value;
            missing(c, c) = std::numeric_limits<T>::quiet_NaN();
        }
        const CellSize coarse{60.0, 60.0};
        CHECK(horizon_of(z, all_of(z), {{z.read(), coarse, -300.0, -500.0}}) ==
              horizon_of(missing, all_of(z), {{missing.read(), coarse, -300.0, -500.0}}));
    }
}

}  // namespace

int main() {
    runs_on_awkward_grids<float>();
    runs_on_awkward_grids<double>();
    a_window_has_the_bits_of_the_whole<float>();
    a_window_has_the_bits_of_the_whole<double>();
    far_fields_of_any_place_and_size<float>();
    far_fields_of_any_place_and_size<double>();
    infinite_elevations_are_missing<float>();
    infinite_elevations_are_missing<double>();
}
