// Which instruction set the kernels run on.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "eemt/simd.hpp"
#include "families.hpp"

namespace py = pybind11;

namespace eemt::bindings {

void add_processor(py::module_& m) {
    m.def("instruction_set", &simd_level_name);
    m.def("instruction_sets", &simd_levels);
    m.def("use_instruction_set", &use_simd_level, py::arg("name"));
}

}  // namespace eemt::bindings
