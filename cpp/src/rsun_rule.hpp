// Days summed by r.sun's rule over one block: samples of its midnight-aligned time grid, each
// lit or not as a whole.
#pragma once

#include "altitude_table.hpp"
#include "eemt/irradiation.hpp"
#include "eemt/rsun_steps.hpp"
#include "irradiation_block.hpp"
#include "sun_path.hpp"

namespace eemt {

template <typename T>
class RsunRule {
  public:
    RsunRule(const IrradiationInput<T>& input, const AltitudeTable& table,
             IrradiationBlock<T>& block);

    // Adds a day to the block's group.
    void add_day(const IrradiationDay& day);
    // Does nothing: add_day has added all to the group.
    void finish_group() {}

  private:
    enum Sum { beam, diffuse, horizontal, hours, flat_beam, flat_diffuse, sum_count };
    enum Own { pressure, linke, c0, c1, c2, own_count };

    T* sum(Sum s) { return sums_.data() + static_cast<std::ptrdiff_t>(s) * stride_; }
    T* own(Own f) { return own_.data() + static_cast<std::ptrdiff_t>(f) * stride_; }
    RsunCells<T> cells();
    void set_turbidity(const IrradiationDay& day);
    void set_horizon(RsunStep<T>& step, const SunVector& sun) const;
    void set_sun(RsunStep<T>& step, const SunVector& sun, double linke_number) const;
    void add_to_group(double extraterrestrial_w_m2);

    const IrradiationInput<T>& input_;
    const AltitudeTable& table_;
    IrradiationBlock<T>& block_;
    RsunFunction<T> run_;
    Place place_;
    double pressure_min_, pressure_max_;
    std::ptrdiff_t stride_;
    CacheLines<T> sums_, own_;
};

}  // namespace eemt
