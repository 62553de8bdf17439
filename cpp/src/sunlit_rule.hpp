// Days summed by the exact rule over one block: lit intervals of each cell, and what a clear
// sky gives in them (sunlit_cells.hpp).
#pragma once

#include <vector>

#include "altitude_table.hpp"
#include "asked_nodes.hpp"
#include "eemt/clear_sky_integrals.hpp"
#include "eemt/irradiation.hpp"
#include "irradiation_block.hpp"
#include "sun_path.hpp"

namespace eemt {

template <typename T>
class SunlitRule {
  public:
    SunlitRule(const IrradiationInput<T>& input, const AltitudeTable& table,
               IrradiationBlock<T>& block);

    // Adds a day to the sums that finish_group turns into the block's group.
    void add_day(const IrradiationDay& day);
    void finish_group();

  private:
    enum Own {
        facing_centre,
        facing_ratio,
        depth_offset,
        linke,
        linke_offset,
        hours,
        flat_beam,
        sky,          // diffuse irradiation of the flat, open surface
        own_sunrise,  // [steps]
        own_sunset,
        own_count
    };
    struct AirIndex {
        int depth, linke;
        auto operator<=>(const AirIndex&) const = default;
    };

    T* own(Own f) { return own_.data() + static_cast<std::ptrdiff_t>(f) * stride_; }
    void find_facing();
    void classify_air();
    void set_turbidity(const IrradiationDay& day);
    void set_own_days(const SunDay& sun, const DaySteps& steps, SunlitDay<T>& day);
    void take_sky_of_night(const DaySteps& steps, double weight, double linke_number);
    void set_nodes(const SunDay& sun, const DaySteps& steps);
    void add_open_sky(double weight, double linke_number);
    void add_open_beam(const SunlitDay<T>& day);
    void finish_open_surface();
    void set_integrals(SunlitDay<T>& day, double weight, double linke_number);
    AirClass<T> air_class(AirIndex index, double weight, double linke_number) const;
    SunlitCells<T> cells();

    const IrradiationInput<T>& input_;
    const AltitudeTable& table_;
    IrradiationBlock<T>& block_;
    SunlitFunction<T> run_;
    IntegralsFunction<T> integrate_;
    Place place_;
    SunPath<T> path_;
    AskedNodes asked_;
    bool maps_;
    std::ptrdiff_t stride_;
    CacheLines<T> own_, lit_;
    std::vector<std::int32_t> air_class_;
    std::vector<AirIndex> air_indices_, air_classes_;
    // the day's nodes, the tables of its classes
    SkyNodes<T> nodes_;
    CacheLines<T> base_, air_mass_, mass_slope_, sin_altitude_, scratch_, integrals_;
    std::vector<SunVector> sun_;
    std::vector<T> depth_per_latitude_;
    // For the flat, open surface, over the days: extraterrestrial irradiation times 1 and times
    // the sun's components and their products; and per class of air what the beam gives to a
    // surface towards the pole and one towards the meridian.
    struct SkySums {
        double one, pole, meridian, pole_pole, pole_meridian, meridian_meridian;
    } sky_sums_{};
    struct BeamSums {
        double pole, meridian;                          // at the class's middle
        double pole_by_depth, meridian_by_depth;        // per altitude over scale height
        double pole_by_latitude, meridian_by_latitude;  // per radian
        double pole_by_linke, meridian_by_linke;
    };
    std::vector<BeamSums> beam_sums_;
};

}  // namespace eemt
