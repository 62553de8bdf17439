// Energy and mass balance.
#include "arrays.hpp"
#include "families.hpp"

namespace eemt::bindings {

void add_energy(py::module_& m) { (void)m; }

}  // namespace eemt::bindings
