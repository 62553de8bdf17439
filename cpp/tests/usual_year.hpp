// A year of climate and sun over any grid, with all arrays exactly as large as they need be.
#pragma once

#include <array>
#include <vector>

#include "check.hpp"
#include "eemt/energy_year.hpp"

namespace eemt::test {

// Points every 16 cells of a plane, row_step down and col_step across, from `first` on.
class Plane {
  public:
    Plane(std::ptrdiff_t rows, std::ptrdiff_t cols, double first, double row_step, double col_step)
        : points_(rows / spacing + 2, cols / spacing + 2) {
        for (std::ptrdiff_t r = 0; r < points_.rows; ++r) {
            for (std::ptrdiff_t c = 0; c < points_.cols; ++c) {
                points_(r, c) = first + spacing * (row_step * static_cast<double>(r) +
                                                   col_step * static_cast<double>(c));
            }
        }
        along(rows, row_interval_, row_part_);
        along(cols, col_interval_, col_part_);
    }
    LatticeWindow window() const {
        return {points_.read(), row_interval_.data(), row_part_.data(), col_interval_.data(),
                col_part_.data()};
    }

  private:
    static constexpr std::ptrdiff_t spacing = 16;
    static void along(std::ptrdiff_t cells, std::vector<std::int64_t>& interval,
                      std::vector<double>& part) {
        for (std::ptrdiff_t i = 0; i < cells; ++i) {
            interval.push_back(i / spacing);
            part.push_back((static_cast<double>(i % spacing) + 0.5) / spacing);
        }
    }
    Grid<double> points_;
    std::vector<std::int64_t> row_interval_, col_interval_;
    std::vector<double> row_part_, col_part_;
};

// What leaves for one variant.
struct Terms {
    std::vector<float> monthly, yearly;
    std::vector<double> e_bio, e_ppt;

    explicit Terms(std::size_t cells)
        : monthly(12 * cells, -1.0f), yearly(cells, -1.0f), e_bio(cells), e_ppt(cells) {}
    YearTerms write() { return {monthly.data(), yearly.data(), e_bio.data(), e_ppt.data()}; }
    bool operator==(const Terms&) const = default;
};

// Elevations `z` under a climate of 5 x 6 cells, of which one cell of the source lacks all and
// others some months; or under that of a station.
class UsualYear {
  public:
    UsualYear(const Grid<float>& z, bool station)
        : cells_(z.cells.size()),
          source_rows_(station ? 1 : 5),
          source_cols_(station ? 1 : 6),
          row_(z.rows, z.cols, 1.2, 2.4 / static_cast<double>(z.rows), 0.0),
          col_(z.rows, z.cols, 1.2, 0.0, 3.4 / static_cast<double>(z.cols)),
          latitude_(z.rows, z.cols, 0.7, -1e-5, 1e-6),
          trad(cells_),
          topo(cells_),
          topo_veg(cells_) {
        year.elevation_m = z.read();
        year.place = {station, row_.window(), col_.window(), 0, 0};
        auto& source = year.source;
        source.rows = source_rows_;
        source.cols = source_cols_;
        source.tmin_c = field(2, 6);
        source.tmax_c = field(14, 6);
        source.precipitation_mm = field(80, 60);
        source.vapour_pressure_pa = field(700, 200);
        source.wind_m_s = field(3, 1);
        source.reference_m = field(1000, 300);
        source.weight = field(0.7, 0.25);
        source.tmin_lapse_c_m = source.tmax_lapse_c_m = twelve(0.0065);
        source.days = twelve(30);
        source.year_days = 360;
        year.wind_m_s = 2.0f;
        year.albedo = 0.2f;
        year.trad = trad.write();
        year.topo = topo.write();
        year.topo_veg = topo_veg.write();
        year.day_lengths = {latitude_.window(), 1e-4, 6990, 20, nodes(), twelve(12, 20)};
        year.sun = {months(1.1e5f), months(2e4f), months(1e3f), months(1.2e5f),
                    months(2e4f),   false,        twelve(30)};
        year.wetness_ratio = cells(1.2f);
        year.slope_rad = cells(0.4f);
        year.aspect_rad = cells(3.0f);
        year.lai = months(3.0f);
        year.canopy_height_m = cells(12.0f);
    }
    UsualYear(const UsualYear&) = delete;
    UsualYear(UsualYear&&) = delete;
    UsualYear& operator=(const UsualYear&) = delete;
    UsualYear& operator=(UsualYear&&) = delete;
    ~UsualYear() = default;

    // Takes month `month` of a cell of the source away.
    void lose(std::size_t month, std::size_t cell) {
        for (auto& values : fields_) {
            if (values.size() == 12 * source_size()) values[month * source_size() + cell] = nan;
        }
    }

  private:
    static constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    std::size_t source_size() const {
        return static_cast<std::size_t>(source_rows_ * source_cols_);
    }
    const double* field(double mean, double swing) {
        auto& values = fields_.emplace_back(12 * source_size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = mean + swing * std::sin(0.7 * static_cast<double>(i));
        }
        return values.data();
    }
    const double* twelve(double value, std::size_t each = 1) {
        return numbers_.emplace_back(12 * each, value).data();
    }
    const double* nodes() {
        auto& values = numbers_.emplace_back(20);
        for (std::size_t i = 0; i < 20; ++i) values[i] = (6990 + static_cast<double>(i)) * 1e-4;
        return values.data();
    }
    MonthlyCells months(float value) {
        return {cells(value, 12), static_cast<std::ptrdiff_t>(cells_)};
    }
    const float* cells(float value, std::size_t planes = 1) {
        auto& values = rasters_.emplace_back(planes * cells_, value);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] *= 1.0f + 0.01f * static_cast<float>(i % 7);
        }
        return values.data();
    }

    std::size_t cells_;
    std::ptrdiff_t source_rows_, source_cols_;
    Plane row_, col_, latitude_;
    std::vector<std::vector<double>> fields_, numbers_;
    std::vector<std::vector<float>> rasters_;

  public:
    EnergyYear year;
    Terms trad, topo, topo_veg;
};

}  // namespace eemt::test
