#include "eemt/irradiation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "eemt/clear_sky.hpp"
#include "eemt/constants.hpp"
#include "eemt/parallel.hpp"
#include "irradiation_block.hpp"

namespace eemt {
namespace {

// Inverse of the sea-level air mass as a function of the sine of altitude, tabulated: the
// optics of every block and step start from a table look-up. Quadratic interpolation on
// 4096 intervals is good to 1e-7 of the value above the horizon's last tenth of a degree.
class AirMassTable {
  public:
    AirMassTable() {
        for (int i = 0; i <= size; ++i) {
            inverse_[static_cast<std::size_t>(i)] =
                1.0 / sea_level_air_mass(std::asin(static_cast<double>(i) / size));
        }
    }

    struct Expansion {
        double value, first, second;  // m(x0 + d) = value + first d + second d^2
    };

    Expansion about(double sin_altitude) const {
        const double x = std::clamp(sin_altitude, 0.0, 1.0) * size;
        const int i = std::clamp(static_cast<int>(std::lround(x)), 1, size - 1);
        const double before = inverse_[static_cast<std::size_t>(i - 1)];
        const double here = inverse_[static_cast<std::size_t>(i)];
        const double after = inverse_[static_cast<std::size_t>(i + 1)];
        const double u = x - i;
        const double slope = 0.5 * (after - before), bend = 0.5 * (after - 2.0 * here + before);
        const double w0 = here + u * (slope + u * bend);
        const double w1 = (slope + 2.0 * u * bend) * size, w2 = bend * size * size;
        const double r = w1 / w0;
        return {1.0 / w0, -r / w0, (r * r - w2 / w0) / w0};
    }

  private:
    static constexpr int size = 4096;
    std::array<double, size + 1> inverse_{};
};

struct SunVector {
    double pole, meridian, east;
};

SunVector sun_vector(const SunDay& sun, double hour_angle) {
    const double declination = sun.declination_rad + sun.declination_rate * hour_angle;
    const double cos_dec = std::cos(declination);
    return {std::sin(declination), cos_dec * std::cos(hour_angle), -cos_dec * std::sin(hour_angle)};
}

template <typename T>
struct StepLoops {
    StepFunction<T> exact, clearance, rsun;
};

StepFunctions functions_of_level() {
#if defined(EEMT_SIMD_X86)
    if (simd_level() == SimdLevel::v4) return simd_v4::step_functions();
    if (simd_level() == SimdLevel::v3) return simd_v3::step_functions();
#endif
    return simd_base::step_functions();
}

template <typename T>
StepLoops<T> step_loops(bool shadows, bool maps) {
    const StepFunctions f = functions_of_level();
    if constexpr (sizeof(T) == sizeof(float)) {
        return {f.exact_f32[shadows][maps], f.clearance_f32, f.rsun_f32[shadows][maps]};
    } else {
        return {f.exact_f64[shadows][maps], f.clearance_f64, f.rsun_f64[shadows][maps]};
    }
}

// Sets up the steps of one block and runs them.
template <typename T>
class BlockRun {
  public:
    BlockRun(const IrradiationInput<T>& input, const AirMassTable& table, const StepLoops<T>& loops,
             IrradiationBlock<T>& block)
        : input_(input),
          table_(table),
          loops_(loops),
          block_(block),
          cells_(block.cells()),
          sin_phi_(std::sin(block.latitude_rad())),
          cos_phi_(std::cos(block.latitude_rad())) {}

    void day(const IrradiationDay& day) {
        block_.set_turbidity(day);
        block_.start_day();
        if (input_.rule == DayRule::exact) {
            exact_day(day);
        } else {
            rsun_day(day);
        }
        block_.end_day(day.sun.extraterrestrial_normal_w_m2);
    }

  private:
    double sin_altitude(const SunVector& sun) const {
        return sin_phi_ * sun.pole + cos_phi_ * sun.meridian;
    }

    void exact_day(const IrradiationDay& day) {
        const auto [sunrise, sunset] = sunrise_sunset(block_.latitude_rad(), day.sun);
        const double step = input_.step_hours * pi / 12.0;
        // A day shorter than a second gives nothing.
        if (sunset - sunrise < pi / 43200.0) return;
        const int steps = static_cast<int>(std::ceil((sunset - sunrise) / step - 1e-9));
        const double width = (sunset - sunrise) / steps;
        StepConstants<T> k{};
        set_diffuse(k, day);
        k.hours = static_cast<T>(width * 12.0 / pi);
        SunVector start = sun_vector(day.sun, sunrise);
        set_horizon(k, start);
        if (input_.horizon != nullptr) loops_.clearance(cells_, k, block_.sums());
        for (int i = 0; i < steps; ++i) {
            const SunVector middle = sun_vector(day.sun, sunrise + (i + 0.5) * width);
            const SunVector end = sun_vector(day.sun, sunrise + (i + 1.0) * width);
            k.half_pole = static_cast<T>(0.5 * (end.pole - start.pole));
            k.half_meridian = static_cast<T>(0.5 * (end.meridian - start.meridian));
            k.half_east = static_cast<T>(0.5 * (end.east - start.east));
            set_horizon(k, end);
            set_sun(k, middle, day.linke);
            loops_.exact(cells_, k, block_.sums());
            start = end;
        }
    }

    void rsun_day(const IrradiationDay& day) {
        const double step = input_.step_hours;
        StepConstants<T> k{};
        set_diffuse(k, day);
        k.hours = static_cast<T>(step);
        for (double time = 0.5 * step; time < 24.0; time += step) {
            const SunVector middle = sun_vector(day.sun, (time - 12.0) * pi / 12.0);
            // The cells decide for themselves; skip what is night for all of them.
            if (sin_altitude(middle) < -block_.half_latitude_span() - 1e-9) continue;
            set_horizon(k, middle);
            set_sun(k, middle, day.linke);
            loops_.rsun(cells_, k, block_.sums());
        }
    }

    void set_diffuse(StepConstants<T>& k, const IrradiationDay& day) const {
        const DiffuseCoefficients c = diffuse_coefficients(day.linke);
        k.diffuse_c0 = static_cast<T>(c.c0);
        k.diffuse_c1 = static_cast<T>(c.c1);
        k.diffuse_c2 = static_cast<T>(c.c2);
    }

    // The horizon towards the sun: two directions and their weights.
    void set_horizon(StepConstants<T>& k, const SunVector& sun) const {
        const double up = sin_altitude(sun);
        k.end_pole = static_cast<T>(sun.pole);
        k.end_meridian = static_cast<T>(sun.meridian);
        k.end_refraction = T(0);
        if (input_.horizon == nullptr) return;
        if (input_.refraction) {
            const double altitude = std::asin(std::clamp(up, 0.0, 1.0));
            k.end_refraction = static_cast<T>(
                std::sin(altitude + atmospheric_refraction(altitude)) - std::sin(altitude));
        }
        const double north = cos_phi_ * sun.pole - sin_phi_ * sun.meridian;
        const double azimuth = std::atan2(sun.east, north) - block_.convergence_rad();
        const double count = static_cast<double>(input_.directions);
        double position = azimuth / (2.0 * pi) * count;
        position -= std::floor(position / count) * count;
        const std::ptrdiff_t a = static_cast<std::ptrdiff_t>(position) % input_.directions;
        const double share = position - std::floor(position);
        k.sector_a = block_.sector(a);
        k.sector_b = block_.sector((a + 1) % input_.directions);
        k.weight_a = static_cast<T>((1.0 - share) / 32767.0);
        k.weight_b = static_cast<T>(share / 32767.0);
    }

    // The sun at the middle of a step, and the air it shines through.
    void set_sun(StepConstants<T>& k, const SunVector& sun, double linke) const {
        k.sun_pole = static_cast<T>(sun.pole);
        k.sun_meridian = static_cast<T>(sun.meridian);
        k.sun_east = static_cast<T>(sun.east);
        const double up = std::max(sin_altitude(sun), 0.0);
        const auto mass = table_.about(up);
        k.sin_altitude = static_cast<T>(up);
        k.mass0 = static_cast<T>(mass.value);
        k.mass1 = static_cast<T>(mass.first);
        k.mass2 = static_cast<T>(mass.second);
        if (input_.rule == DayRule::exact) {
            set_transmittance(k, mass, linke);
        } else {
            set_series(k, mass, linke);
        }
        set_circumsolar(k, up);
    }

    // The air masses that occur in the block lie within centre +- half.
    struct Range {
        double centre, half;
    };
    Range air_masses(const AirMassTable::Expansion& mass) const {
        const double span = block_.half_latitude_span();
        const double bend = mass.second * span * span;
        const double low =
            block_.pressure_min() * std::max(mass.value - std::abs(mass.first) * span - bend, 0.0);
        const double high =
            block_.pressure_max() * (mass.value + std::abs(mass.first) * span + bend);
        const double centre = 0.5 * (low + high);
        return {centre, std::max(0.5 * (high - low), 1e-4 * centre)};
    }

    double optics(double air_mass, double linke) const {
        return input_.linke_maps != nullptr ? optical_depth_per_linke(air_mass)
                                            : beam_transmittance(air_mass, linke);
    }

    // A cubic through the Chebyshev nodes of the block's air masses.
    void set_transmittance(StepConstants<T>& k, const AirMassTable::Expansion& mass,
                           double linke) const {
        const auto [centre, half] = air_masses(mass);
        // cos((2 j + 1) pi / 8), j = 0..3
        constexpr double outer = 0.92387953251128674, inner = 0.38268343236508977;
        constexpr std::array<double, 4> nodes{outer, inner, -inner, -outer};
        std::array<double, 4> c{};
        for (const double x : nodes) {
            const double f = optics(centre + half * x, linke);
            c[0] += 0.25 * f;
            c[1] += 0.5 * f * x;
            c[2] += 0.5 * f * (2.0 * x * x - 1.0);
            c[3] += 0.5 * f * (4.0 * x * x * x - 3.0 * x);
        }
        k.mass_centre = static_cast<T>(centre);
        k.depth[0] = static_cast<T>(c[0] - c[2]);
        k.depth[1] = static_cast<T>((c[1] - 3.0 * c[3]) / half);
        k.depth[2] = static_cast<T>(2.0 * c[2] / (half * half));
        k.depth[3] = static_cast<T>(4.0 * c[3] / (half * half * half));
    }

    void set_series(StepConstants<T>& k, const AirMassTable::Expansion& mass, double linke) const {
        const auto [centre, half] = air_masses(mass);
        constexpr int count = 8;
        std::array<double, count> c{};
        for (int j = 0; j < count; ++j) {
            const double angle = (j + 0.5) * pi / count;
            const double f = optics(centre + half * std::cos(angle), linke);
            for (int i = 0; i < count; ++i)
                c[static_cast<std::size_t>(i)] += f * std::cos(i * angle);
        }
        k.mass_centre = static_cast<T>(centre);
        k.mass_scale = static_cast<T>(1.0 / half);
        k.series[0] = static_cast<T>(c[0] / count);
        for (std::size_t i = 1; i < c.size(); ++i) k.series[i] = static_cast<T>(2.0 * c[i] / count);
    }

    // Below 0.1 rad Muneer replaces 1/tan altitude in the circumsolar part by
    // 1/(0.1 - 0.008 altitude), which stays finite. We keep the part of the horizontal
    // (cos slope) that his low-sun form drops: so the forms meet, level ground receives
    // the horizontal diffuse irradiance, and a blend from 0.08 to 0.12 rad hides the rest.
    void set_circumsolar(StepConstants<T>& k, double up) const {
        const double altitude = std::asin(std::min(up, 1.0));
        const double low = std::clamp((0.12 - altitude) / 0.04, 0.0, 1.0);
        const double safe = std::max(up, 0.05);
        k.inverse0 = static_cast<T>((1.0 - low) / safe);
        k.inverse1 = static_cast<T>(-(1.0 - low) / (safe * safe));
        k.low_share = static_cast<T>(low);
        k.low_sun = static_cast<T>(low / (std::cos(altitude) * (0.1 - 0.008 * altitude)));
    }

    const IrradiationInput<T>& input_;
    const AirMassTable& table_;
    const StepLoops<T>& loops_;
    IrradiationBlock<T>& block_;
    BlockCells<T> cells_;
    double sin_phi_, cos_phi_;
};

// A run of rows or columns that lies within one block of the raster.
struct Span {
    std::ptrdiff_t first, count;
};

std::vector<Span> block_spans(std::ptrdiff_t length, std::ptrdiff_t anchor, std::ptrdiff_t block) {
    std::vector<Span> spans;
    const std::ptrdiff_t inside = (anchor % block + block) % block;
    std::ptrdiff_t first = 0, next = block - inside;
    while (first < length) {
        const std::ptrdiff_t stop = std::min(next, length);
        spans.push_back({first, stop - first});
        first = stop;
        next += block;
    }
    return spans;
}

template <typename T>
void run_block(const IrradiationInput<T>& input, const AirMassTable& table,
               const StepLoops<T>& loops, const std::vector<IrradiationDay>& days, Span rows,
               Span cols, T* sums) {
    IrradiationBlock<T> block(input, rows.first, cols.first, rows.count, cols.count);
    if (block.empty()) return;
    BlockRun<T> run(input, table, loops, block);
    for (std::size_t i = 0; i < days.size(); ++i) {
        run.day(days[i]);
        if (i + 1 == days.size() || days[i + 1].group != days[i].group) {
            block.write_group(sums, days[i].group);
        }
    }
}

// Zero where there is a cell to sum for, NaN elsewhere.
template <typename T>
void clear(const IrradiationInput<T>& input, std::ptrdiff_t groups, T* sums, int threads) {
    const std::ptrdiff_t plane = input.elevation_m.size();
    parallel_for_static(groups * component_count, threads, [&](std::ptrdiff_t g) {
        for (std::ptrdiff_t i = 0; i < plane; ++i) {
            T missing = input.elevation_m.data[i] + input.slope_rad.data[i] +
                        input.aspect_rad.data[i] + input.latitude_rad.data[i];
            if (input.convergence_rad.data != nullptr) missing += input.convergence_rad.data[i];
            if (input.sky_view.data != nullptr) missing += input.sky_view.data[i];
            sums[g * plane + i] = std::isnan(missing) ? std::numeric_limits<T>::quiet_NaN() : T(0);
        }
    });
}

}  // namespace

template <typename T>
void irradiation(const IrradiationInput<T>& input, const std::vector<IrradiationDay>& days,
                 std::ptrdiff_t groups, T* sums, int threads) {
    clear(input, groups, sums, threads);
    const AirMassTable table;
    const StepLoops<T> loops = step_loops<T>(input.horizon != nullptr, input.linke_maps != nullptr);
    const std::vector<Span> rows =
        block_spans(input.elevation_m.rows, input.anchor_row, input.block);
    const std::vector<Span> cols =
        block_spans(input.elevation_m.cols, input.anchor_col, input.block);
    const auto blocks = static_cast<std::ptrdiff_t>(rows.size() * cols.size());
    parallel_for_dynamic(blocks, threads, [&](std::ptrdiff_t i) {
        const auto block = static_cast<std::size_t>(i);
        run_block(input, table, loops, days, rows[block / cols.size()], cols[block % cols.size()],
                  sums);
    });
}

template void irradiation(const IrradiationInput<float>&, const std::vector<IrradiationDay>&,
                          std::ptrdiff_t, float*, int);
template void irradiation(const IrradiationInput<double>&, const std::vector<IrradiationDay>&,
                          std::ptrdiff_t, double*, int);

}  // namespace eemt
