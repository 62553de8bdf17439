// A year of one quantity on a climate's cells, ready to be interpolated between them.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "eemt/energy_year.hpp"
#include "eemt/energy_year_rows.hpp"

namespace eemt {

class SourcePlanes {
  public:
    // Nothing, where the source lacks the quantity or nobody asks for it.
    SourcePlanes() = default;
    // An amount. Every cell that has a number weighs the same.
    SourcePlanes(const SourceYear& source, const double* months)
        : SourcePlanes(source, months, nullptr) {}
    // A temperature, which is reduced to sea level. Cells have the weights of their elevations.
    SourcePlanes(const SourceYear& source, const double* months, const double* lapse_per_m)
        : rows_(source.rows), cols_(source.cols) {
        if (months == nullptr) return;
        const auto cells = rows_ * cols_, all = months_of_year * cells;
        products_.resize(static_cast<std::size_t>(all));
        weights_.resize(static_cast<std::size_t>(all));
        bool weighted = false;
        for (std::ptrdiff_t month = 0; month < months_of_year; ++month) {
            const auto* field = months + month * cells;
            auto* product = products_.data() + month * cells;
            auto* weight = weights_.data() + month * cells;
            for (std::ptrdiff_t i = 0; i < cells; ++i) {
                const bool cooling = lapse_per_m != nullptr;
                const double value =
                    cooling ? field[i] + lapse_per_m[month] * source.reference_m[i] : field[i];
                const bool known = std::isfinite(value);
                weight[i] = !known ? 0.0 : cooling ? source.weight[i] : 1.0;
                product[i] = known ? value * weight[i] : 0.0;
                weighted |= !(weight[i] == 1.0);
            }
        }
        if (!weighted) weights_ = {};
    }

    bool empty() const { return products_.empty(); }
    BlendPlane month(std::ptrdiff_t month) const {
        const auto first = month * rows_ * cols_;
        return {products_.data() + first, weights_.empty() ? nullptr : weights_.data() + first,
                rows_, cols_};
    }

  private:
    std::ptrdiff_t rows_ = 0, cols_ = 0;
    std::vector<double> products_, weights_;
};

}  // namespace eemt
