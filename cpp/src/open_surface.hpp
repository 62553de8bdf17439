// What the days give to level ground under an open sky at each cell's place: the flat components
// of the exact rule, from sums over the block's steps and tables instead of over cells.
#pragma once

#include <vector>

#include "eemt/clear_sky_integrals.hpp"
#include "eemt/sunlit_cells.hpp"
#include "irradiation_block.hpp"
#include "sun_path.hpp"

namespace eemt {

template <typename T>
class OpenSurface {
  public:
    // `linke_maps`: cells have a turbidity of their own, else all have that of the day.
    OpenSurface(const IrradiationBlock<T>& block, bool linke_maps);

    // Adds the diffuse irradiation of a day with the sun at the middles of its steps. `weight`:
    // extraterrestrial irradiance times hours per step [Wh m-2].
    void add_sky(const std::vector<SunVector>& middles, double weight, double linke_number);
    // Adds the beam of a day, whose tables have so many classes of air.
    void add_beam(const SunlitDay<T>& day, std::size_t classes);
    // Takes the sky off each cell that add_sky gave it outside its own day: the diffuse irradiance
    // of a sun at the horizon. `linke` has each cell's turbidity; only with maps.
    void take_sky_of_night(const SunlitDay<T>& day, double weight, double linke_number,
                           const T* linke);
    // Works out what the days since the last call gave to each cell. Needed at the end of a
    // group of days, and with maps before the next day, whose classes of air are others.
    void add_days_to_cells(const SunlitCells<T>& cells, const T* linke);

    // Sums of each cell [Wh m-2].
    const T* beam() const { return beam_.data(); }
    const T* diffuse() const { return diffuse_.data(); }
    void clear_cells();

  private:
    // Extraterrestrial irradiation times the three terms of diffuse_coefficients() in the sun's
    // components: times 1, times each of them, times their products.
    struct SkySums {
        double one, pole, meridian, pole_pole, pole_meridian, meridian_meridian;
    };
    // What the beam gives to a surface towards the pole and to one towards the meridian.
    struct Beam {
        double pole, meridian;
    };
    // Of a class of air.
    struct BeamSums {
        Beam middle;       // at the class's middle
        Beam by_height;    // per scale height
        Beam by_latitude;  // per radian
        Beam by_linke;
    };

    const IrradiationBlock<T>& block_;
    bool linke_maps_;
    CacheLines<T> beam_, diffuse_;
    SkySums sky_{};
    std::vector<BeamSums> beams_;
};

}  // namespace eemt
