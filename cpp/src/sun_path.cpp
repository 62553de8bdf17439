#include "sun_path.hpp"

#include <algorithm>
#include <cmath>

#include "eemt/constants.hpp"

namespace eemt {
namespace {

constexpr double sample_width = pi / 72.0;  // of hour angle: ten minutes
// How far the sun may depart from the straight line between two nodes: three hundredths
// of a degree, no more than the horizon's own error.
constexpr double unseen_sine = 6e-4;
constexpr double low_sine = 0.06;  // of altitudes where refraction changes fast: 3.4 degrees
// How far from its time a parabola through the nodes may place the sun: five seconds.
constexpr double unseen_hour_angle = 5.0 * 2.0 * pi / seconds_per_day;

// Within 1e-5 (Abramowitz & Stegun 1964, 4.4.47): enough to find a crossing's neighbourhood.
double rough_azimuth(double east, double north) {
    const double e = std::abs(east), n = std::abs(north);
    const double large = std::max(e, n), small = std::min(e, n);
    const double z = large > 0.0 ? small / large : 0.0, q = z * z;
    double angle =
        z * (0.9998660 + q * (-0.3302995 + q * (0.1801410 + q * (-0.0851330 + q * 0.0208351))));
    if (e > n) angle = pi / 2.0 - angle;
    if (north < 0.0) angle = pi - angle;
    return east < 0.0 ? -angle : angle;
}

// The declination's drift within a day is below 0.004 rad, its cube nothing.
struct Declination {
    double sine, cosine;
    Declination(double sin_noon, double cos_noon, double drift) {
        const double level = 1.0 - 0.5 * drift * drift;
        sine = sin_noon * level + cos_noon * drift;
        cosine = cos_noon * level - sin_noon * drift;
    }
};

}  // namespace

SunVector sun_vector(const SunDay& sun, double hour_angle) {
    const double declination = sun.declination_rad + sun.declination_rate * hour_angle;
    const double cos_dec = std::cos(declination);
    return {std::sin(declination), cos_dec * std::cos(hour_angle), -cos_dec * std::sin(hour_angle)};
}

SunCourse::SunCourse(const SunDay& sun, double hour_angle, double width)
    : rate_(sun.declination_rate),
      sin_noon_(std::sin(sun.declination_rad)),
      cos_noon_(std::cos(sun.declination_rad)),
      width_(width),
      sin_width_(std::sin(width)),
      cos_width_(std::cos(width)),
      hour_angle_(hour_angle),
      sine_(std::sin(hour_angle)),
      cosine_(std::cos(hour_angle)) {}

SunVector SunCourse::sun() const {
    const Declination dec(sin_noon_, cos_noon_, rate_ * hour_angle_);
    return {dec.sine, dec.cosine * cosine_, -dec.cosine * sine_};
}

void SunCourse::advance() {
    const double sine = sine_ * cos_width_ + cosine_ * sin_width_;
    cosine_ = cosine_ * cos_width_ - sine_ * sin_width_;
    sine_ = sine;
    hour_angle_ += width_;
}

template <typename T>
SunPath<T>::SunPath(const Place& place, int directions) : place_(place), directions_(directions) {
    for (int k = 0; k < directions; ++k) {
        const double azimuth = k * 2.0 * pi / directions + place.convergence_rad;
        azimuths_.push_back({std::sin(azimuth), std::cos(azimuth)});
    }
}

template <typename T>
void SunPath<T>::sample(const SunDay& sun, const DaySteps& steps, double floor) {
    const double length = steps.sunset() - steps.sunrise;
    const int count = std::max(2, static_cast<int>(std::ceil(length / sample_width)));
    const double per_radian = directions_ / (2.0 * pi);
    samples_.clear();
    sampled_sun_.clear();
    SunCourse course(sun, steps.sunrise, length / count);
    for (int i = 0; i <= count; ++i, course.advance()) {
        const SunVector v = course.sun();
        const double northward = place_.northward(v);
        double position = (rough_azimuth(v.east, northward) - place_.convergence_rad) * per_radian;
        if (i > 0) {  // the same way round as before
            const double turn = position - samples_.back().position;
            position -= std::round(turn / directions_) * directions_;
        }
        samples_.push_back(
            {course.hour_angle(), position, std::max(place_.sin_altitude(v), floor), northward});
        sampled_sun_.push_back(v);
    }
}

// Adds the moments between a sample and the next at which the azimuth is that of a direction.
template <typename T>
void SunPath<T>::cross(const SunDay& sun, std::size_t sample) {
    const Moment &from = samples_[sample], &to = samples_[sample + 1];
    const SunVector& start = sampled_sun_[sample];
    const double way = to.position - from.position;
    // Near the zenith the sun sweeps over many directions at once, above all horizons.
    if (std::abs(way) > 0.25 * directions_) return;
    const int sense = way > 0.0 ? 1 : -1;
    const double first = sense > 0 ? std::floor(from.position) + 1.0 : std::ceil(from.position) - 1;
    // Where the sun stands a little later: turned about the pole, and drifted.
    const double across = std::sqrt(1.0 - start.pole * start.pole);
    const auto later = [&](double angle) {
        const double square = angle * angle, drift = sun.declination_rate * angle;
        const double sine = angle * (1.0 - square * (1.0 / 6.0 - square / 120.0));
        const double cosine = 1.0 - square * (0.5 - square * (1.0 / 24.0 - square / 720.0));
        const double shrunk = 1.0 - drift * start.pole / across;
        return SunVector{start.pole + drift * across,
                         shrunk * (start.meridian * cosine + start.east * sine),
                         shrunk * (start.east * cosine - start.meridian * sine)};
    };
    for (int i = 0; sense * (to.position - (first + sense * i)) > 0.0; ++i) {
        const double position = first + sense * i;
        const double round = std::floor(position / directions_) * directions_;
        const Direction& azimuth = azimuths_[static_cast<std::size_t>(position - round)];
        const double share = (position - from.position) / way;
        const double guess = share * (to.hour_angle - from.hour_angle);
        // Newton's step towards east cos(azimuth) = north sin(azimuth)
        const SunVector v = later(guess);
        const double miss = v.east * azimuth.cosine - place_.northward(v) * azimuth.sine;
        const double speed =
            place_.sin_latitude * v.east * azimuth.sine - v.meridian * azimuth.cosine;
        const double exact = guess - (speed != 0.0 ? miss / speed : 0.0);
        const double hour_angle =
            std::clamp(from.hour_angle + exact, moments_.back().hour_angle, to.hour_angle);
        const SunVector there = later(hour_angle - from.hour_angle);
        moments_.push_back(
            {hour_angle, position, place_.sin_altitude(there), place_.northward(there)});
    }
}

template <typename T>
void SunPath<T>::lay(const SunDay& sun, const DaySteps& steps, const AltitudeTable& table,
                     bool refraction, bool beyond_day) {
    // at sunrise and sunset rounding must not put the sun below the horizon
    sample(sun, steps, beyond_day ? -1.0 : 0.0);
    moments_.assign(1, samples_.front());
    for (std::size_t i = 0; i + 1 < samples_.size(); ++i) cross(sun, i);
    moments_.push_back(samples_.back());
    find_bends();
    divide();
    finish(steps, refraction ? &table : nullptr);
}

// From the second differences at both ends of each stretch; straight where the azimuth turns
// back or stands.
template <typename T>
void SunPath<T>::find_bends() {
    const auto curvature = [&](std::size_t k, Bend& half) {
        half = {};
        if (k == 0 || k + 1 >= moments_.size()) return false;
        const Moment &p = moments_[k - 1], &q = moments_[k], &r = moments_[k + 1];
        const double h1 = q.position - p.position, h2 = r.position - q.position;
        if (h1 * h2 <= 0.0 || std::min(std::abs(h1), std::abs(h2)) < 0.05) return false;
        half.hour_angle =
            ((r.hour_angle - q.hour_angle) / h2 - (q.hour_angle - p.hour_angle) / h1) / (h1 + h2);
        half.sine = ((r.sine - q.sine) / h2 - (q.sine - p.sine) / h1) / (h1 + h2);
        return true;
    };
    bends_.clear();
    Bend here{}, next{};
    bool known = false;
    for (std::size_t k = 0; k + 1 < moments_.size(); ++k) {
        const bool next_known = curvature(k + 1, next);
        const double length = moments_[k + 1].position - moments_[k].position;
        const double square = length * length * (known && next_known ? 0.5 : 1.0);
        bends_.push_back(
            {square * (here.hour_angle + next.hour_angle), square * (here.sine + next.sine)});
        here = next;
        known = next_known;
    }
}

// Whether the parabola of a stretch passes a sample of the sun's path closely enough.
template <typename T>
bool SunPath<T>::holds(const Moment& from, const Moment& to, const Bend& bend,
                       std::size_t sample) const {
    const Moment& sun = samples_[sample];
    const double way = to.position - from.position;
    const double u = (sun.position - from.position) / (way != 0.0 ? way : 1.0), v = 1.0 - u;
    const double hour_angle = v * from.hour_angle + u * to.hour_angle - bend.hour_angle * u * v;
    return std::abs(hour_angle - sun.hour_angle) < unseen_hour_angle;
}

// Divides stretches that need more nodes than those at their ends. Where the sun climbs steeply
// its azimuth stands still or turns back, which no parabola follows: there the samples become
// nodes. Around noon the sun may pass over a ridge that hides it at both ends, and near the
// horizon refraction changes fast: there the stretch is divided into equal parts.
template <typename T>
void SunPath<T>::divide() {
    divided_.assign(1, moments_.front());
    divided_bends_.clear();
    std::size_t sample = 1;  // the next one
    for (std::size_t k = 0; k + 1 < moments_.size(); ++k) {
        const Moment &from = moments_[k], &to = moments_[k + 1];
        const Bend& bend = bends_[k];
        const std::size_t first = sample;
        bool good = true;
        while (samples_[sample].hour_angle < to.hour_angle) {
            good = good && holds(from, to, bend, sample);
            ++sample;
        }
        if (!good) {
            for (std::size_t i = first; i < sample; ++i) {
                divided_.push_back(samples_[i]);
                divided_bends_.push_back({});
            }
            divided_.push_back(to);
            divided_bends_.push_back({});
            continue;
        }
        const double unseen = 0.25 * std::abs(bend.sine) / unseen_sine;
        const bool low = std::min(from.sine, to.sine) < low_sine;
        const int parts =
            low ? 4 : std::clamp(static_cast<int>(std::ceil(std::sqrt(unseen))), 1, 4);
        for (int i = 1; i <= parts; ++i) {
            const double u = static_cast<double>(i) / parts, v = 1.0 - u;
            divided_.push_back({v * from.hour_angle + u * to.hour_angle - bend.hour_angle * u * v,
                                v * from.position + u * to.position,
                                v * from.sine + u * to.sine - bend.sine * u * v,
                                v * from.northward + u * to.northward});
            divided_bends_.push_back(
                {bend.hour_angle / (parts * parts), bend.sine / (parts * parts)});
        }
    }
    moments_.swap(divided_);
    bends_.swap(divided_bends_);
}

template <typename T>
void SunPath<T>::finish(const DaySteps& steps, const AltitudeTable* refraction) {
    nodes_.clear();
    stretches_.clear();
    for (const Moment& m : moments_) {
        const double round =
            m.position - std::floor(m.position / directions_) * static_cast<double>(directions_);
        const int a = static_cast<int>(round) % directions_;
        const int b = (a + 1) % directions_;
        const double share = round - std::floor(round);
        const double sine = refraction != nullptr ? m.sine + refraction->lift(m.sine) : m.sine;
        nodes_.push_back(
            {a * pack_cells, b * pack_cells,
             std::min(static_cast<std::int32_t>(std::lround(share * horizon_weight_scale)),
                      horizon_weight_scale - 1),
             static_cast<T>(sine * horizon_scale), static_cast<T>(m.northward * horizon_scale)});
    }
    for (std::size_t k = 0; k + 1 < moments_.size(); ++k) {
        const double start = moments_[k].hour_angle, end = moments_[k + 1].hour_angle;
        stretches_.push_back({static_cast<T>((start - steps.sunrise) / steps.width),
                              static_cast<T>((end - start) / steps.width),
                              static_cast<T>(bends_[k].hour_angle / steps.width),
                              static_cast<T>(bends_[k].sine * horizon_scale)});
    }
}

template class SunPath<float>;
template class SunPath<double>;

}  // namespace eemt
