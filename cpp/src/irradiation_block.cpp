#include "irradiation_block.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "eemt/clear_sky.hpp"

namespace eemt {

template <typename T>
IrradiationBlock<T>::IrradiationBlock(const IrradiationInput<T>& input, std::ptrdiff_t row0,
                                      std::ptrdiff_t col0, std::ptrdiff_t rows, std::ptrdiff_t cols)
    : input_(input),
      row0_(row0),
      col0_(col0),
      rows_(rows),
      cols_(cols),
      count_(static_cast<int>(rows_ * cols_)),
      padded_((count_ + irradiation_lanes - 1) / irradiation_lanes * irradiation_lanes),
      stride_(padded_ + 64 / static_cast<std::ptrdiff_t>(sizeof(T))),
      sector_stride_(padded_ + 64 / static_cast<std::ptrdiff_t>(sizeof(std::int16_t))),
      fields_(static_cast<std::size_t>(field_count * stride_)),
      day_(static_cast<std::size_t>(sum_count * stride_)),
      group_(static_cast<std::size_t>(component_count * stride_)),
      valid_(static_cast<std::size_t>(count_)) {
    for (int i = 0; i < count_; ++i) gather_cell(i, row0_ + i / cols_, col0_ + i % cols_);
    if (empty()) return;
    fill_gaps();
    const auto [low, high] = std::minmax_element(field(pressure), field(pressure) + padded_);
    pressure_min_ = static_cast<double>(*low);
    pressure_max_ = static_cast<double>(*high);
    gather_horizon();
}

template <typename T>
void IrradiationBlock<T>::gather_cell(int i, std::ptrdiff_t row, std::ptrdiff_t col) {
    const double z = static_cast<double>(input_.elevation_m(row, col));
    const double slope = static_cast<double>(input_.slope_rad(row, col));
    const double aspect = static_cast<double>(input_.aspect_rad(row, col));
    const double latitude = static_cast<double>(input_.latitude_rad(row, col));
    const double turn = input_.convergence_rad.data != nullptr
                            ? static_cast<double>(input_.convergence_rad(row, col))
                            : 0.0;
    const double sky = input_.sky_view.data != nullptr
                           ? static_cast<double>(input_.sky_view(row, col))
                           : 0.5 * (1.0 + std::cos(slope));
    if (std::isnan(z + slope + aspect + latitude + turn + sky)) return;
    valid_[static_cast<std::size_t>(i)] = 1;
    // The block's centre: the middle of the ranges of latitude and convergence.
    if (valid_count_ == 0) {
        first_valid_ = i;
        latitude_ = latitude;
        convergence_ = turn;
    }
    ++valid_count_;
    const double sin_phi = std::sin(latitude), cos_phi = std::cos(latitude);
    const double normal_east = std::sin(slope) * std::sin(aspect + turn);
    const double normal_north = std::sin(slope) * std::cos(aspect + turn);
    const double normal_up = std::cos(slope);
    const double half = std::sin(0.5 * slope);
    field(sin_lat)[i] = static_cast<T>(sin_phi);
    field(cos_lat)[i] = static_cast<T>(cos_phi);
    field(pole)[i] = static_cast<T>(normal_north * cos_phi + normal_up * sin_phi);
    field(meridian)[i] = static_cast<T>(normal_up * cos_phi - normal_north * sin_phi);
    field(east)[i] = static_cast<T>(normal_east);
    field(up)[i] = static_cast<T>(normal_up);
    field(fg)[i] = static_cast<T>(std::sin(slope) - slope * std::cos(slope) - pi * half * half);
    field(view)[i] = static_cast<T>(sky);
    field(pressure)[i] = static_cast<T>(pressure_ratio(z));
    field(flat)[i] = slope == 0.0 ? T(1) : T(0);
}

template <typename T>
void IrradiationBlock<T>::fill_gaps() {
    // Cells without data and the padding take a valid cell's values: harmless to compute,
    // never written. Then the ranges over the block.
    double low = std::numeric_limits<double>::max(), high = -low;
    double turn_low = low, turn_high = high;
    for (int i = 0; i < padded_; ++i) {
        if (i < count_ && valid_[static_cast<std::size_t>(i)] != 0) {
            const std::ptrdiff_t row = row0_ + i / cols_, col = col0_ + i % cols_;
            const double latitude = static_cast<double>(input_.latitude_rad(row, col));
            const double turn = input_.convergence_rad.data != nullptr
                                    ? static_cast<double>(input_.convergence_rad(row, col))
                                    : 0.0;
            low = std::min(low, latitude);
            high = std::max(high, latitude);
            turn_low = std::min(turn_low, turn);
            turn_high = std::max(turn_high, turn);
            continue;
        }
        for (int f = 0; f < field_count; ++f) {
            T* values = field(static_cast<Field>(f));
            values[i] = values[first_valid_];
        }
    }
    latitude_ = 0.5 * (low + high);
    half_latitude_span_ = 0.5 * (high - low);
    convergence_ = 0.5 * (turn_low + turn_high);
}

template <typename T>
void IrradiationBlock<T>::gather_horizon() {
    if (input_.horizon == nullptr) return;
    horizon_.assign(static_cast<std::size_t>(input_.directions * sector_stride_), 0);
    const std::ptrdiff_t plane = input_.elevation_m.size();
    for (std::ptrdiff_t k = 0; k < input_.directions; ++k) {
        std::int16_t* target = horizon_.data() + k * sector_stride_;
        for (std::ptrdiff_t row = 0; row < rows_; ++row) {
            const std::int16_t* source =
                input_.horizon + k * plane + (row0_ + row) * input_.elevation_m.cols + col0_;
            std::copy(source, source + cols_, target + row * cols_);
        }
    }
}

template <typename T>
BlockCells<T> IrradiationBlock<T>::cells() const {
    return {padded_,      field(sin_lat), field(cos_lat), field(pole), field(meridian),
            field(east),  field(up),      field(fg),      field(view), field(pressure),
            field(linke), field(dc0),     field(dc1),     field(dc2),  field(flat)};
}

template <typename T>
void IrradiationBlock<T>::set_turbidity(const IrradiationDay& day) {
    if (input_.linke_maps == nullptr) return;
    const std::ptrdiff_t plane = input_.elevation_m.size();
    const T* map_a = input_.linke_maps + day.linke_map_a * plane;
    const T* map_b = input_.linke_maps + day.linke_map_b * plane;
    for (int i = 0; i < padded_; ++i) {
        const int cell = i < count_ && valid_[static_cast<std::size_t>(i)] != 0 ? i : first_valid_;
        const std::ptrdiff_t at =
            (row0_ + cell / cols_) * input_.elevation_m.cols + col0_ + cell % cols_;
        const double value = (1.0 - day.linke_weight_b) * static_cast<double>(map_a[at]) +
                             day.linke_weight_b * static_cast<double>(map_b[at]);
        const DiffuseCoefficients c = diffuse_coefficients(value);
        field(linke)[i] = static_cast<T>(value);
        field(dc0)[i] = static_cast<T>(c.c0);
        field(dc1)[i] = static_cast<T>(c.c1);
        field(dc2)[i] = static_cast<T>(c.c2);
    }
}

template <typename T>
void IrradiationBlock<T>::start_day() {
    std::fill(day_.begin(), day_.end(), T(0));
}

template <typename T>
DaySums<T> IrradiationBlock<T>::sums() {
    return {day(beam),      day(diffuse),      day(horizontal), day(hours),
            day(flat_beam), day(flat_diffuse), day(clearance)};
}

template <typename T>
void IrradiationBlock<T>::end_day(double extraterrestrial_w_m2) {
    const T g0 = static_cast<T>(extraterrestrial_w_m2);
    const T albedo = static_cast<T>(input_.albedo);
    const bool own_slope = input_.rule == DayRule::rsun;  // r.sun's (1 - cos slope)/2
    T* group = group_.data();
    for (int i = 0; i < padded_; ++i) {
        const T ground = own_slope ? T(0.5) * (T(1) - field(up)[i]) : T(1) - field(view)[i];
        group[i] += g0 * day(beam)[i];
        group[stride_ + i] += g0 * day(diffuse)[i];
        group[2 * stride_ + i] += g0 * albedo * ground * day(horizontal)[i];
        group[3 * stride_ + i] += day(hours)[i];
        group[4 * stride_ + i] += g0 * day(flat_beam)[i];
        group[5 * stride_ + i] += g0 * day(flat_diffuse)[i];
        group[6 * stride_ + i] += g0 * day(horizontal)[i];
    }
}

template <typename T>
void IrradiationBlock<T>::write_group(T* sums, std::ptrdiff_t group) {
    const std::ptrdiff_t plane = input_.elevation_m.size();
    for (std::ptrdiff_t component = 0; component < component_count; ++component) {
        T* target = sums + (group * component_count + component) * plane;
        const T* source = group_.data() + component * stride_;
        for (int i = 0; i < count_; ++i) {
            if (valid_[static_cast<std::size_t>(i)] == 0) continue;
            target[(row0_ + i / cols_) * input_.elevation_m.cols + col0_ + i % cols_] += source[i];
        }
    }
    std::fill(group_.begin(), group_.end(), T(0));
}

template class IrradiationBlock<float>;
template class IrradiationBlock<double>;

}  // namespace eemt
