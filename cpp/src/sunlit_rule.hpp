// Days summed by the exact rule over one block: lit intervals of each cell, and what a clear
// sky gives in them (sunlit_cells.hpp).
#pragma once

#include <vector>

#include "altitude_table.hpp"
#include "asked_nodes.hpp"
#include "eemt/clear_sky_integrals.hpp"
#include "eemt/irradiation.hpp"
#include "irradiation_block.hpp"
#include "open_surface.hpp"
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
        height_offset,
        linke,
        linke_offset,
        hours,
        own_sunrise,  // [steps]
        own_sunset,
        own_count
    };
    struct AirIndex {
        int height, linke;
        auto operator<=>(const AirIndex&) const = default;
    };

    T* own(Own f) { return own_.data() + static_cast<std::ptrdiff_t>(f) * stride_; }
    void find_facing();
    void classify_air();
    void set_turbidity(const IrradiationDay& day);
    void set_own_days(const SunDay& sun, const DaySteps& steps, SunlitDay<T>& day);
    void set_middles(const SunDay& sun, const DaySteps& steps);
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
    OpenSurface<T> open_;
    std::ptrdiff_t stride_;
    CacheLines<T> own_;
    CacheLines<LitSums<T>> lit_;
    std::vector<std::int32_t> air_class_;
    std::vector<AirIndex> air_indices_, air_classes_;
    // the middles of the day's steps, and the tables of its classes of air
    StepMiddles<T> middles_;
    CacheLines<LitSums<T>> geometry_;
    CacheLines<T> air_mass_, mass_slope_, sin_altitude_, scratch_, integrals_;
    std::vector<SunVector> sun_;
    std::vector<T> height_per_latitude_;
};

}  // namespace eemt
