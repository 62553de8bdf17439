#include "irradiation_block.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "eemt/constants.hpp"

namespace eemt {

template <typename T>
IrradiationBlock<T>::IrradiationBlock(const IrradiationInput<T>& input, std::ptrdiff_t row0,
                                      std::ptrdiff_t col0, std::ptrdiff_t rows, std::ptrdiff_t cols)
    : input_(input),
      count_(static_cast<int>(rows * cols)),
      padded_((count_ + pack_cells - 1) / pack_cells * pack_cells),
      stride_(spread_stride<T>(padded_)),
      fields_(static_cast<std::size_t>(field_count * stride_)),
      group_(static_cast<std::size_t>(component_count * stride_)),
      valid_(static_cast<std::size_t>(count_)) {
    index_.reserve(static_cast<std::size_t>(count_));
    for (std::ptrdiff_t stripe = col0; stripe < col0 + cols; stripe += pack_cells) {
        const std::ptrdiff_t end = std::min(stripe + pack_cells, col0 + cols);
        for (std::ptrdiff_t row = row0; row < row0 + rows; ++row) {
            const std::ptrdiff_t at = row * input.elevation_m.cols + stripe;
            runs_.push_back({at, static_cast<int>(index_.size()), static_cast<int>(end - stripe)});
            for (std::ptrdiff_t i = at; i < at + end - stripe; ++i) index_.push_back(i);
        }
    }
    for (int i = 0; i < count_; ++i) gather_cell(i);
    if (empty()) return;
    find_centre();
    fill_gaps();
    gather_horizon();
}

template <typename T>
void IrradiationBlock<T>::gather_cell(int i) {
    const std::ptrdiff_t at = index(i);
    const double z = static_cast<double>(input_.elevation_m.data[at]);
    const double slope = static_cast<double>(input_.slope_rad.data[at]);
    const double aspect = static_cast<double>(input_.aspect_rad.data[at]);
    const double latitude = static_cast<double>(input_.latitude_rad.data[at]);
    const double turn = input_.convergence_rad.data != nullptr
                            ? static_cast<double>(input_.convergence_rad.data[at])
                            : 0.0;
    const double sky = input_.sky_view.data != nullptr
                           ? static_cast<double>(input_.sky_view.data[at])
                           : 0.5 * (1.0 + std::cos(slope));
    if (!std::isfinite(z + slope + aspect + latitude + turn + sky)) return;
    valid_[static_cast<std::size_t>(i)] = 1;
    if (valid_count_ == 0) first_valid_ = i;
    ++valid_count_;
    const double sin_phi = std::sin(latitude), cos_phi = std::cos(latitude);
    const double east = std::sin(slope) * std::sin(aspect + turn);
    const double north = std::sin(slope) * std::cos(aspect + turn);
    const double up = std::cos(slope);
    const double half = std::sin(0.5 * slope);
    values_of(sin_latitude)[i] = static_cast<T>(sin_phi);
    values_of(cos_latitude)[i] = static_cast<T>(cos_phi);
    values_of(normal_pole)[i] = static_cast<T>(north * cos_phi + up * sin_phi);
    values_of(normal_meridian)[i] = static_cast<T>(up * cos_phi - north * sin_phi);
    values_of(normal_east)[i] = static_cast<T>(east);
    values_of(normal_up)[i] = static_cast<T>(up);
    values_of(muneer_slope)[i] =
        static_cast<T>(std::sin(slope) - slope * std::cos(slope) - pi * half * half);
    values_of(sky_view)[i] = static_cast<T>(sky);
    values_of(level)[i] = slope == 0.0 ? T(1) : T(0);
    values_of(scale_heights)[i] = static_cast<T>(z / pressure_scale_height_m);
}

// The block's centre: the middle of the ranges of latitude and convergence.
template <typename T>
void IrradiationBlock<T>::find_centre() {
    double low = std::numeric_limits<double>::max(), high = -low;
    double turn_low = low, turn_high = high;
    for (int i = 0; i < count_; ++i) {
        if (valid_[static_cast<std::size_t>(i)] == 0) continue;
        const double latitude = static_cast<double>(input_.latitude_rad.data[index(i)]);
        const double turn = input_.convergence_rad.data != nullptr
                                ? static_cast<double>(input_.convergence_rad.data[index(i)])
                                : 0.0;
        low = std::min(low, latitude);
        high = std::max(high, latitude);
        turn_low = std::min(turn_low, turn);
        turn_high = std::max(turn_high, turn);
    }
    latitude_ = 0.5 * (low + high);
    half_latitude_span_ = 0.5 * (high - low);
    convergence_ = 0.5 * (turn_low + turn_high);
    for (int i = 0; i < count_; ++i) {
        values_of(latitude_offset)[i] =
            static_cast<T>(static_cast<double>(input_.latitude_rad.data[index(i)]) - latitude_);
    }
}

// Cells without data and the padding take a valid cell's values: harmless to compute, never
// written.
template <typename T>
void IrradiationBlock<T>::fill_gaps() {
    for (int i = 0; i < padded_; ++i) {
        if (i < count_ && valid_[static_cast<std::size_t>(i)] != 0) continue;
        for (int f = 0; f < field_count; ++f) {
            T* values = values_of(static_cast<Field>(f));
            values[i] = values[first_valid_];
        }
    }
}

template <typename T>
void IrradiationBlock<T>::gather_horizon() {
    if (input_.horizon == nullptr) return;
    horizon_.resize(static_cast<std::size_t>(input_.directions * padded_));
    const std::ptrdiff_t plane = input_.elevation_m.size();
    for (std::ptrdiff_t k = 0; k < input_.directions; ++k) {
        const std::int16_t* source = input_.horizon + k * plane;
        for (int first = 0; first < padded_; first += pack_cells) {
            std::int16_t* target = horizon_.data() + first * input_.directions + k * pack_cells;
            if (first % patch_cells == 0) {
                lowest_.push_back(std::numeric_limits<std::int16_t>::max());
                highest_.push_back(std::numeric_limits<std::int16_t>::min());
            }
            std::int16_t low = lowest_.back(), high = highest_.back();
            for (int j = 0; j < pack_cells; ++j) {
                const int i = std::min(first + j, count_ - 1);
                target[j] = source[index(i)];
                low = std::min(low, target[j]);
                high = std::max(high, target[j]);
            }
            lowest_.back() = low;
            highest_.back() = high;
        }
    }
}

template <typename T>
void IrradiationBlock<T>::read_linke(const IrradiationDay& day, T* linke) const {
    const std::ptrdiff_t plane = input_.elevation_m.size();
    const T* map_a = input_.linke_maps + day.linke_map_a * plane;
    const T* map_b = input_.linke_maps + day.linke_map_b * plane;
    for (int i = 0; i < padded_; ++i) {
        const bool valid = i < count_ && valid_[static_cast<std::size_t>(i)] != 0;
        const std::ptrdiff_t at = index(valid ? i : first_valid_);
        linke[i] = static_cast<T>((1.0 - day.linke_weight_b) * static_cast<double>(map_a[at]) +
                                  day.linke_weight_b * static_cast<double>(map_b[at]));
    }
}

template <typename T>
void IrradiationBlock<T>::write_group(T* sums, std::ptrdiff_t group) {
    const std::ptrdiff_t plane = input_.elevation_m.size();
    for (std::ptrdiff_t component = 0; component < component_count; ++component) {
        T* target = sums + (group * component_count + component) * plane;
        const T* source = group_.data() + component * stride_;
        for (const Run& run : runs_) {
            const char* valid = valid_.data() + run.first;
            for (int i = 0; i < run.count; ++i) {
                target[run.at + i] =
                    valid[i] != 0 ? source[run.first + i] : std::numeric_limits<T>::quiet_NaN();
            }
        }
    }
    std::fill(group_.begin(), group_.end(), T(0));
}

template class IrradiationBlock<float>;
template class IrradiationBlock<double>;

}  // namespace eemt
