// Horizons and sky view.
#include "arrays.hpp"
#include "families.hpp"

namespace eemt::bindings {

void add_horizon(py::module_& m) { (void)m; }

}  // namespace eemt::bindings
