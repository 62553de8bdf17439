// Sun position and irradiation.
#include "arrays.hpp"
#include "families.hpp"

namespace eemt::bindings {

void add_solar(py::module_& m) { (void)m; }

}  // namespace eemt::bindings
