#include "altitude_table.hpp"

#include "eemt/clear_sky.hpp"

namespace eemt {

AltitudeTable::AltitudeTable() {
    for (int i = 0; i <= size; ++i) {
        const double sine = static_cast<double>(i) / size;
        const double altitude = std::asin(sine);
        const auto at = static_cast<std::size_t>(i);
        inverse_mass_[at] = 1.0 / sea_level_air_mass(altitude);
        lift_[at] = std::sin(altitude + atmospheric_refraction(altitude)) - sine;
    }
}

}  // namespace eemt
