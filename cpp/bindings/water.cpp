// Depression filling, flow and wetness.
#include "arrays.hpp"
#include "families.hpp"

namespace eemt::bindings {

void add_water(py::module_& m) { (void)m; }

}  // namespace eemt::bindings
