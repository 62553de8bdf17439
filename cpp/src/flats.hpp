// How water crosses level areas; the second half of flow_direction.
#pragma once

#include "eemt/dinfinity.hpp"
#include "eemt/grid_view.hpp"

namespace eemt {

// What flow_direction leaves in cells that have no lower neighbour and are no
// outlets.
inline constexpr int unresolved_flat = -2;

// Gives every unresolved cell of a level area a direction to a neighbour that is
// one step nearer to where the area drains, and no_direction where it does not.
template <typename T>
void resolve_flats(GridView<const T> elevation_m, const Compass<T>& compass,
                   GridView<T> direction_rad);

}  // namespace eemt
