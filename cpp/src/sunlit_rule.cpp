#include "sunlit_rule.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "block_day.hpp"
#include "eemt/clear_sky.hpp"
#include "eemt/constants.hpp"

namespace eemt {
namespace {

#include "eemt/muneer.hpp"

// The circumsolar part's factors of the normal's components towards the sun and towards the
// zenith. Below 0.1 rad Muneer replaces 1/tan altitude by
// 1/(0.1 - 0.008 altitude), which stays finite. We keep the part of the horizontal
// (cos slope) that his low-sun form drops: so the forms meet, level ground receives the
// horizontal diffuse irradiance, and a blend from 0.08 to 0.12 rad hides the rest.
struct Circumsolar {
    double sun, zenith;
};

Circumsolar circumsolar(double sin_altitude) {
    const double safe = std::max(sin_altitude, 0.05);
    if (sin_altitude > 0.1198) return {1.0 / safe, 0.0};  // above 0.12 rad
    const double altitude = std::asin(sin_altitude);
    const double low = std::clamp((0.12 - altitude) / 0.04, 0.0, 1.0);
    const double low_sun = low / (std::cos(altitude) * (0.1 - 0.008 * altitude));
    return {(1.0 - low) / safe + low_sun, low - sin_altitude * low_sun};
}

// Two Chebyshev nodes lie at 1/sqrt(2) of the half width.
constexpr double node_share = 0.70710678118654752;

}  // namespace

template <typename T>
SunlitRule<T>::SunlitRule(const IrradiationInput<T>& input, const AltitudeTable& table,
                          IrradiationBlock<T>& block)
    : input_(input),
      table_(table),
      block_(block),
      run_(functions_of<T>(sunlit_functions())[input.linke_maps != nullptr]),
      integrate_(functions_of<T>(integrals_functions())),
      place_{std::sin(block.latitude_rad()), std::cos(block.latitude_rad()),
             block.convergence_rad()},
      path_(place_, static_cast<int>(input.directions)),
      maps_(input.linke_maps != nullptr),
      open_(block, maps_),
      stride_(spread_stride<T>(block.padded())),
      own_(static_cast<std::size_t>(own_count * stride_)),
      lit_(static_cast<std::size_t>(block.padded())),
      air_class_(static_cast<std::size_t>(block.padded())),
      air_indices_(static_cast<std::size_t>(block.padded())) {
    find_facing();
    const T* heights = block_.field(IrradiationBlock<T>::scale_heights);
    for (int i = 0; i < block_.padded(); ++i) {
        const double exact = static_cast<double>(heights[i]);
        AirIndex& index = air_indices_[static_cast<std::size_t>(i)];
        index = {static_cast<int>(std::floor(exact / height_class_width)), 0};
        own(height_offset)[i] = static_cast<T>(exact - (index.height + 0.5) * height_class_width);
    }
    if (!maps_) classify_air();
}

template <typename T>
void SunlitRule<T>::find_facing() {
    const T* pole = block_.field(IrradiationBlock<T>::normal_pole);
    const T* meridian = block_.field(IrradiationBlock<T>::normal_meridian);
    const T* east = block_.field(IrradiationBlock<T>::normal_east);
    for (int i = 0; i < block_.padded(); ++i) {
        const double across =
            std::hypot(static_cast<double>(meridian[i]), static_cast<double>(east[i]));
        own(facing_centre)[i] = static_cast<T>(
            std::atan2(-static_cast<double>(east[i]), static_cast<double>(meridian[i])));
        own(facing_ratio)[i] =
            static_cast<T>(static_cast<double>(pole[i]) / std::max(across, 1e-9));
    }
}

// Numbers the classes that occur, and gives each cell its number.
template <typename T>
void SunlitRule<T>::classify_air() {
    air_classes_ = air_indices_;
    std::sort(air_classes_.begin(), air_classes_.end());
    air_classes_.erase(std::unique(air_classes_.begin(), air_classes_.end()), air_classes_.end());
    for (std::size_t i = 0; i < air_indices_.size(); ++i) {
        air_class_[i] = static_cast<std::int32_t>(
            std::lower_bound(air_classes_.begin(), air_classes_.end(), air_indices_[i]) -
            air_classes_.begin());
    }
}

template <typename T>
void SunlitRule<T>::set_turbidity(const IrradiationDay& day) {
    if (!maps_) return;
    block_.read_linke(day, own(linke));
    for (int i = 0; i < block_.padded(); ++i) {
        const double exact = static_cast<double>(own(linke)[i]);
        AirIndex& index = air_indices_[static_cast<std::size_t>(i)];
        index.linke = static_cast<int>(std::floor(exact / linke_class_width));
        own(linke_offset)[i] = static_cast<T>(exact - (index.linke + 0.5) * linke_class_width);
    }
    classify_air();
}

template <typename T>
void SunlitRule<T>::add_day(const IrradiationDay& day) {
    const BlockDay longest_day =
        block_day(block_.latitude_rad(), block_.half_latitude_span(), day.sun);
    const auto [sunrise, sunset] = longest_day.hour_angles;
    // A day shorter than a second gives nothing.
    if (sunset - sunrise < 2.0 * pi / seconds_per_day) return;
    const double longest = input_.step_hours * pi / 12.0;
    DaySteps steps{};
    steps.count = static_cast<int>(std::ceil((sunset - sunrise) / longest - 1e-9));
    steps.sunrise = sunrise;
    steps.width = (sunset - sunrise) / steps.count;
    const double hours_per_step = steps.width * 12.0 / pi;
    const double weight = day.sun.extraterrestrial_normal_w_m2 * hours_per_step;

    set_turbidity(day);
    set_middles(day.sun, steps);
    SunlitDay<T> loop{};
    loop.steps = steps.count;
    loop.sunrise = static_cast<T>(sunrise);
    loop.steps_per_radian = static_cast<T>(1.0 / steps.width);
    const double tangent = std::tan(day.sun.declination_rad);
    loop.tan_declination = static_cast<T>(tangent);
    loop.tan_declination_rate =
        static_cast<T>((1.0 + tangent * tangent) * day.sun.declination_rate);
    loop.hours_per_step = static_cast<T>(hours_per_step);
    set_integrals(loop, weight, day.linke);
    if (longest_day.differs) set_own_days(day.sun, steps, loop);
    if (input_.horizon != nullptr) {
        path_.lay(day.sun, steps, table_, input_.refraction, longest_day.differs);
        asked_.choose(path_.nodes(), block_.lowest_horizon(), block_.highest_horizon(),
                      block_.patches(), block_.half_latitude_span());
        loop.asked_counts = asked_.counts().data();
        loop.asked_nodes = asked_.nodes().data();
        loop.nodes = static_cast<int>(path_.nodes().size());
        loop.path = path_.nodes().data();
        loop.stretches = path_.stretches().data();
        loop.horizon = block_.horizon_towards(0);
        loop.pack_stride = input_.directions * pack_cells;
    }
    run_(cells(), loop, {lit_.data(), own(hours)});
    open_.add_sky(sun_, weight, day.linke);
    if (longest_day.differs) open_.take_sky_of_night(loop, weight, day.linke, own(linke));
    open_.add_beam(loop, air_classes_.size());
    if (maps_) open_.add_days_to_cells(cells(), own(linke));
}

// Each cell's own sunrise and sunset: straight between 65 latitudes of the block, which are 170 m
// apart at most. Near the latitude where the sun no longer sets that is half a minute off.
template <typename T>
void SunlitRule<T>::set_own_days(const SunDay& sun, const DaySteps& steps, SunlitDay<T>& day) {
    constexpr int parts = 64;
    const double span = block_.half_latitude_span();
    std::array<double, parts + 1> rises{}, sets{};
    for (std::size_t k = 0; k <= parts; ++k) {
        const double offset = span * (2.0 * static_cast<double>(k) / parts - 1.0);
        const auto [rise, set] = sunrise_sunset(block_.latitude_rad() + offset, sun);
        rises[k] = (rise - steps.sunrise) / steps.width;
        sets[k] = (set - steps.sunrise) / steps.width;
    }
    const T* north = block_.field(IrradiationBlock<T>::latitude_offset);
    for (int i = 0; i < block_.padded(); ++i) {
        const double place = (static_cast<double>(north[i]) / span + 1.0) * (0.5 * parts);
        const int k = std::clamp(static_cast<int>(place), 0, parts - 1);
        const double share = std::clamp(place - k, 0.0, 1.0);
        const auto at = static_cast<std::size_t>(k);
        own(own_sunrise)[i] = static_cast<T>(rises[at] + share * (rises[at + 1] - rises[at]));
        own(own_sunset)[i] = static_cast<T>(sets[at] + share * (sets[at + 1] - sets[at]));
    }
    day.own_sunrise = own(own_sunrise);
    day.own_sunset = own(own_sunset);
}

// The sun and the air at the middle of each step.
template <typename T>
void SunlitRule<T>::set_middles(const SunDay& sun, const DaySteps& steps) {
    const auto count = static_cast<std::size_t>(steps.count);
    sun_.resize(count);
    geometry_.resize(count);
    air_mass_.resize(count);
    mass_slope_.resize(count);
    sin_altitude_.resize(count);
    SunCourse course(sun, steps.sunrise + 0.5 * steps.width, steps.width);
    for (std::size_t i = 0; i < count; ++i, course.advance()) {
        const SunVector v = sun_[i] = course.sun();
        const double up = std::max(place_.sin_altitude(v), 0.0);
        const auto mass = table_.relative_air_mass(up);
        const Circumsolar c = circumsolar(up);
        const double zenith_pole = c.zenith * place_.sin_latitude;
        const double zenith_meridian = c.zenith * place_.cos_latitude;
        geometry_[i] = {static_cast<T>(v.pole),
                        static_cast<T>(v.meridian),
                        static_cast<T>(v.east),
                        static_cast<T>(c.sun * v.pole + zenith_pole),
                        static_cast<T>(c.sun * v.meridian + zenith_meridian),
                        static_cast<T>(c.sun * v.east),
                        T(1),
                        T(1)};
        air_mass_[i] = static_cast<T>(mass.value);
        mass_slope_[i] = static_cast<T>(mass.first * place_.northward(v));
        sin_altitude_[i] = static_cast<T>(up);
    }
    middles_ = {steps.count, geometry_.data(), air_mass_.data(), mass_slope_.data(),
                sin_altitude_.data()};
}

template <typename T>
void SunlitRule<T>::set_integrals(SunlitDay<T>& day, double weight, double linke_number) {
    const std::ptrdiff_t row = integrals_row[maps_];
    day.class_stride = spread_stride<T>(day.steps * row);
    integrals_.resize(air_classes_.size() * static_cast<std::size_t>(day.class_stride));
    scratch_.resize(integrals_scratch(static_cast<std::size_t>(day.steps)));
    height_per_latitude_.resize(air_classes_.size());
    T* rows = integrals_.data();
    for (std::size_t i = 0; i < air_classes_.size(); ++i, rows += day.class_stride) {
        height_per_latitude_[i] = integrate_(
            middles_, air_class(air_classes_[i], weight, linke_number), scratch_.data(), rows);
    }
    day.integrals = integrals_.data();
    day.height_per_latitude = height_per_latitude_.data();
}

template <typename T>
AirClass<T> SunlitRule<T>::air_class(AirIndex index, double weight, double linke_number) const {
    const double height = (index.height + 0.5) * height_class_width;
    const double height_half = 0.5 * height_class_width * node_share;
    const double turbidity = maps_ ? (index.linke + 0.5) * linke_class_width : linke_number;
    const double linke_half = maps_ ? 0.5 * linke_class_width * node_share : 0.0;
    const auto diffuse = [](double linke_there) {
        const DiffuseCoefficients c = diffuse_coefficients(linke_there);
        return DiffuseTerms<T>{static_cast<T>(c.c0), static_cast<T>(c.c1), static_cast<T>(c.c2)};
    };
    return {static_cast<T>(std::exp(-(height - height_half))),
            static_cast<T>(std::exp(-(height + height_half))),
            static_cast<T>(turbidity),
            static_cast<T>(height_half),
            static_cast<T>(linke_half),
            static_cast<T>(weight),
            diffuse(turbidity - linke_half),
            diffuse(turbidity),
            diffuse(turbidity + linke_half)};
}

template <typename T>
SunlitCells<T> SunlitRule<T>::cells() {
    using Block = IrradiationBlock<T>;
    return {block_.padded(),    block_.field(Block::latitude_offset),
            own(facing_centre), own(facing_ratio),
            air_class_.data(),  own(height_offset),
            own(linke_offset)};
}

template <typename T>
void SunlitRule<T>::finish_group() {
    open_.add_days_to_cells(cells(), own(linke));
    using Block = IrradiationBlock<T>;
    const T* sin_latitude = block_.field(Block::sin_latitude);
    const T* cos_latitude = block_.field(Block::cos_latitude);
    const T* pole = block_.field(Block::normal_pole);
    const T* meridian = block_.field(Block::normal_meridian);
    const T* east = block_.field(Block::normal_east);
    const T* muneer = block_.field(Block::muneer_slope);
    const T* view = block_.field(Block::sky_view);
    const T albedo = static_cast<T>(input_.albedo);
    for (int i = 0; i < block_.padded(); ++i) {
        const LitSums<T>& lit = lit_[static_cast<std::size_t>(i)];
        const T diffuse = open_.diffuse()[i];
        const T horizontal = sin_latitude[i] * lit.beam_pole + cos_latitude[i] * lit.beam_meridian +
                             view[i] * diffuse;
        const T beam =
            pole[i] * lit.beam_pole + meridian[i] * lit.beam_meridian + east[i] * lit.beam_east;
        const T circumsolar = pole[i] * lit.circumsolar_pole +
                              meridian[i] * lit.circumsolar_meridian +
                              east[i] * lit.circumsolar_east;
        const T shaded = diffuse * (view[i] + T(muneer_shaded) * muneer[i]);
        const T slope = shaded + circumsolar + muneer[i] * lit.muneer + view[i] * lit.sky_view;
        block_.group(Component::beam)[i] += std::max(beam, T(0));
        block_.group(Component::diffuse)[i] += std::max(slope, T(0));
        block_.group(Component::reflected)[i] +=
            albedo * (T(1) - view[i]) * std::max(horizontal, T(0));
        block_.group(Component::hours)[i] += own(hours)[i];
        block_.group(Component::flat_beam)[i] += std::max(open_.beam()[i], T(0));
        block_.group(Component::flat_diffuse)[i] += diffuse;
        block_.group(Component::horizontal)[i] += std::max(horizontal, T(0));
    }
    std::fill(lit_.begin(), lit_.end(), LitSums<T>{});
    std::fill(own(hours), own(hours) + block_.padded(), T(0));
    open_.clear_cells();
}

template class SunlitRule<float>;
template class SunlitRule<double>;

}  // namespace eemt
