#include "rsun_rule.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "eemt/clear_sky.hpp"
#include "eemt/constants.hpp"

namespace eemt {

template <typename T>
RsunRule<T>::RsunRule(const IrradiationInput<T>& input, const AltitudeTable& table,
                      IrradiationBlock<T>& block)
    : input_(input),
      table_(table),
      block_(block),
      run_(
          functions_of<T>(rsun_functions())[input.horizon != nullptr][input.linke_maps != nullptr]),
      place_{std::sin(block.latitude_rad()), std::cos(block.latitude_rad()),
             block.convergence_rad()},
      stride_(spread_stride<T>(block.padded())),
      sums_(static_cast<std::size_t>(sum_count * stride_)),
      own_(static_cast<std::size_t>(own_count * stride_)) {
    const T* heights = block.field(IrradiationBlock<T>::scale_heights);
    for (int i = 0; i < block.padded(); ++i) {
        own(pressure)[i] = static_cast<T>(std::exp(-static_cast<double>(heights[i])));
    }
    const auto [low, high] = std::minmax_element(own(pressure), own(pressure) + block.padded());
    pressure_min_ = static_cast<double>(*low);
    pressure_max_ = static_cast<double>(*high);
}

template <typename T>
RsunCells<T> RsunRule<T>::cells() {
    using Block = IrradiationBlock<T>;
    return {block_.padded(),
            block_.field(Block::sin_latitude),
            block_.field(Block::cos_latitude),
            block_.field(Block::normal_pole),
            block_.field(Block::normal_meridian),
            block_.field(Block::normal_east),
            block_.field(Block::normal_up),
            block_.field(Block::muneer_slope),
            block_.field(Block::sky_view),
            own(pressure),
            own(linke),
            own(c0),
            own(c1),
            own(c2),
            block_.field(Block::level)};
}

template <typename T>
void RsunRule<T>::add_day(const IrradiationDay& day) {
    set_turbidity(day);
    std::fill(sums_.begin(), sums_.end(), T(0));
    const double hours_per_step = input_.step_hours;
    const DiffuseCoefficients c = diffuse_coefficients(day.linke);
    RsunStep<T> step{};
    step.diffuse_c0 = static_cast<T>(c.c0);
    step.diffuse_c1 = static_cast<T>(c.c1);
    step.diffuse_c2 = static_cast<T>(c.c2);
    step.hours = static_cast<T>(hours_per_step);
    const RsunSums<T> sums{sum(beam),  sum(diffuse),   sum(horizontal),
                           sum(hours), sum(flat_beam), sum(flat_diffuse)};
    // NOLINTNEXTLINE(bugprone-float-loop-counter): the times as they come by adding up, to the bit
    for (double time = 0.5 * hours_per_step; time < 24.0; time += hours_per_step) {
        const SunVector middle = sun_vector(day.sun, (time - 12.0) * pi / 12.0);
        // Skips what is night for all cells; where it is not, each cell has its own altitude.
        if (place_.sin_altitude(middle) < -block_.half_latitude_span() - 1e-9) continue;
        set_horizon(step, middle);
        set_sun(step, middle, day.linke);
        run_(cells(), step, sums);
    }
    add_to_group(day.sun.extraterrestrial_normal_w_m2);
}

template <typename T>
void RsunRule<T>::set_turbidity(const IrradiationDay& day) {
    if (input_.linke_maps == nullptr) return;
    block_.read_linke(day, own(linke));
    for (int i = 0; i < block_.padded(); ++i) {
        const DiffuseCoefficients c = diffuse_coefficients(static_cast<double>(own(linke)[i]));
        own(c0)[i] = static_cast<T>(c.c0);
        own(c1)[i] = static_cast<T>(c.c1);
        own(c2)[i] = static_cast<T>(c.c2);
    }
}

// The horizon towards the sun: two directions and their weights.
template <typename T>
void RsunRule<T>::set_horizon(RsunStep<T>& step, const SunVector& sun) const {
    if (input_.horizon == nullptr) return;
    const double azimuth = std::atan2(sun.east, place_.northward(sun)) - place_.convergence_rad;
    const double count = static_cast<double>(input_.directions);
    double position = azimuth / (2.0 * pi) * count;
    position -= std::floor(position / count) * count;
    const std::ptrdiff_t a = static_cast<std::ptrdiff_t>(position) % input_.directions;
    const double share = position - std::floor(position);
    step.pack_stride = input_.directions * pack_cells;
    step.horizon_a = block_.horizon_towards(a);
    step.horizon_b = block_.horizon_towards((a + 1) % input_.directions);
    step.weight_a = static_cast<T>((1.0 - share) / horizon_scale);
    step.weight_b = static_cast<T>(share / horizon_scale);
}

// The sun at the middle of a step, and the air it shines through.
template <typename T>
void RsunRule<T>::set_sun(RsunStep<T>& step, const SunVector& sun, double linke_number) const {
    step.sun_pole = static_cast<T>(sun.pole);
    step.sun_meridian = static_cast<T>(sun.meridian);
    step.sun_east = static_cast<T>(sun.east);
    const double up = std::max(place_.sin_altitude(sun), 0.0);
    const auto mass = table_.air_mass(up);
    step.sin_altitude = static_cast<T>(up);
    step.mass0 = static_cast<T>(mass.value);
    step.mass1 = static_cast<T>(mass.first);
    step.mass2 = static_cast<T>(mass.second);

    // The air masses that occur in the block lie within centre +- half.
    const double span = block_.half_latitude_span();
    const double bend = mass.second * span * span, tilt = std::abs(mass.first) * span;
    const double low = pressure_min_ * std::max(mass.value - tilt - bend, 0.0);
    const double high = pressure_max_ * (mass.value + tilt + bend);
    const double centre = 0.5 * (low + high);
    const double half = std::max(0.5 * (high - low), 1e-4 * centre);
    constexpr int count = rsun_series_terms;
    std::array<double, count> c{};
    for (int j = 0; j < count; ++j) {
        const double angle = (j + 0.5) * pi / count;
        const double m = centre + half * std::cos(angle);
        const double f = input_.linke_maps != nullptr ? optical_depth_per_linke(m)
                                                      : beam_transmittance(m, linke_number);
        for (int i = 0; i < count; ++i) c[static_cast<std::size_t>(i)] += f * std::cos(i * angle);
    }
    step.mass_centre = static_cast<T>(centre);
    step.mass_scale = static_cast<T>(1.0 / half);
    step.series[0] = static_cast<T>(c[0] / count);
    for (std::size_t i = 1; i < c.size(); ++i) step.series[i] = static_cast<T>(2.0 * c[i] / count);
}

template <typename T>
void RsunRule<T>::add_to_group(double extraterrestrial_w_m2) {
    const T g0 = static_cast<T>(extraterrestrial_w_m2);
    const T albedo = static_cast<T>(input_.albedo);
    const T* up = block_.field(IrradiationBlock<T>::normal_up);
    for (int i = 0; i < block_.padded(); ++i) {
        const T ground = T(0.5) * (T(1) - up[i]);
        block_.group(Component::beam)[i] += g0 * sum(beam)[i];
        block_.group(Component::diffuse)[i] += g0 * sum(diffuse)[i];
        block_.group(Component::reflected)[i] += g0 * albedo * ground * sum(horizontal)[i];
        block_.group(Component::hours)[i] += sum(hours)[i];
        block_.group(Component::flat_beam)[i] += g0 * sum(flat_beam)[i];
        block_.group(Component::flat_diffuse)[i] += g0 * sum(flat_diffuse)[i];
        block_.group(Component::horizontal)[i] += g0 * sum(horizontal)[i];
    }
}

template class RsunRule<float>;
template class RsunRule<double>;

}  // namespace eemt
