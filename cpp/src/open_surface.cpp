#include "open_surface.hpp"

#include <algorithm>
#include <cstring>

#include "eemt/clear_sky.hpp"

namespace eemt {
namespace {

template <typename T>
LitSums<T> lit_sums_at(const T* from) {
    LitSums<T> sums;
    std::memcpy(&sums, from, sizeof sums);
    return sums;
}

}  // namespace

template <typename T>
OpenSurface<T>::OpenSurface(const IrradiationBlock<T>& block, bool linke_maps)
    : block_(block),
      linke_maps_(linke_maps),
      beam_(static_cast<std::size_t>(block.padded())),
      diffuse_(static_cast<std::size_t>(block.padded())) {}

template <typename T>
void OpenSurface<T>::add_sky(const std::vector<SunVector>& middles, double weight,
                             double linke_number) {
    SkySums day{static_cast<double>(middles.size()), 0.0, 0.0, 0.0, 0.0, 0.0};
    for (const SunVector& v : middles) {
        day.pole += v.pole;
        day.meridian += v.meridian;
        day.pole_pole += v.pole * v.pole;
        day.pole_meridian += v.pole * v.meridian;
        day.meridian_meridian += v.meridian * v.meridian;
    }
    // with maps the cells have coefficients of their own
    const DiffuseCoefficients c =
        linke_maps_ ? DiffuseCoefficients{1.0, 1.0, 1.0} : diffuse_coefficients(linke_number);
    sky_.one += weight * c.c0 * day.one;
    sky_.pole += weight * c.c1 * day.pole;
    sky_.meridian += weight * c.c1 * day.meridian;
    sky_.pole_pole += weight * c.c2 * day.pole_pole;
    sky_.pole_meridian += weight * c.c2 * day.pole_meridian;
    sky_.meridian_meridian += weight * c.c2 * day.meridian_meridian;
}

template <typename T>
void OpenSurface<T>::add_beam(const SunlitDay<T>& day, std::size_t classes) {
    const std::ptrdiff_t row = integrals_row[linke_maps_];
    beams_.resize(classes);
    for (std::size_t i = 0; i < classes; ++i) {
        const T* first = day.integrals + static_cast<std::ptrdiff_t>(i) * day.class_stride;
        const T* last = first + (day.steps - 1) * row;
        // Over the whole day: up to the end of the last step, where its share is 1 and so all
        // coefficients count in full, less up to the beginning of the first.
        const auto add_day = [&](Beam& sum, RowOffset part, int coefficients, double factor) {
            Beam beam{};
            for (int k = 0; k < coefficients; ++k) {
                const LitSums<T> term = lit_sums_at(last + part + k * lit_lanes);
                beam.pole += static_cast<double>(term.beam_pole);
                beam.meridian += static_cast<double>(term.beam_meridian);
            }
            const LitSums<T> start = lit_sums_at(first + part);
            sum.pole += factor * (beam.pole - static_cast<double>(start.beam_pole));
            sum.meridian += factor * (beam.meridian - static_cast<double>(start.beam_meridian));
        };
        BeamSums& sums = beams_[i];
        add_day(sums.middle, row_value, 3, 1.0);
        add_day(sums.by_height, row_by_height, 2, 1.0);
        add_day(sums.by_latitude, row_by_height, 2,
                static_cast<double>(day.height_per_latitude[i]));
        if (linke_maps_) add_day(sums.by_linke, row_by_linke, 2, 1.0);
    }
}

template <typename T>
void OpenSurface<T>::take_sky_of_night(const SunlitDay<T>& day, double weight, double linke_number,
                                       const T* linke) {
    double horizontal = diffuse_coefficients(linke_number).c0;
    for (int i = 0; i < block_.padded(); ++i) {
        const double own_steps = static_cast<double>(day.own_sunset[i] - day.own_sunrise[i]);
        if (linke_maps_) horizontal = diffuse_coefficients(static_cast<double>(linke[i])).c0;
        diffuse_[static_cast<std::size_t>(i)] -=
            static_cast<T>(weight * horizontal * (day.steps - own_steps));
    }
}

template <typename T>
void OpenSurface<T>::add_days_to_cells(const SunlitCells<T>& cells, const T* linke) {
    if (beams_.empty()) return;
    const T* sin_latitude = block_.field(IrradiationBlock<T>::sin_latitude);
    const T* cos_latitude = block_.field(IrradiationBlock<T>::cos_latitude);
    for (std::size_t i = 0; i < diffuse_.size(); ++i) {
        const double s = static_cast<double>(sin_latitude[i]);
        const double m = static_cast<double>(cos_latitude[i]);
        const double sine = s * sky_.pole + m * sky_.meridian;
        const double square = s * s * sky_.pole_pole + 2.0 * s * m * sky_.pole_meridian +
                              m * m * sky_.meridian_meridian;
        DiffuseCoefficients c{1.0, 1.0, 1.0};
        if (linke_maps_) c = diffuse_coefficients(static_cast<double>(linke[i]));
        diffuse_[i] += static_cast<T>(c.c0 * sky_.one + c.c1 * sine + c.c2 * square);

        const BeamSums& sums = beams_[static_cast<std::size_t>(cells.air_class[i])];
        const double height = static_cast<double>(cells.height_offset[i]);
        const double north = static_cast<double>(cells.latitude_offset[i]);
        const double linke_offset = static_cast<double>(cells.linke_offset[i]);
        const auto beam = [&](double Beam::* way) {
            return sums.middle.*way + height * sums.by_height.*way + north * sums.by_latitude.*way +
                   linke_offset * sums.by_linke.*way;
        };
        beam_[i] += static_cast<T>(s * beam(&Beam::pole) + m * beam(&Beam::meridian));
    }
    sky_ = {};
    beams_.clear();
}

template <typename T>
void OpenSurface<T>::clear_cells() {
    std::fill(beam_.begin(), beam_.end(), T(0));
    std::fill(diffuse_.begin(), diffuse_.end(), T(0));
}

template class OpenSurface<float>;
template class OpenSurface<double>;

}  // namespace eemt
