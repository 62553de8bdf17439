// One function per family of kernels; module.cpp calls them all.
#pragma once

#include <pybind11/pybind11.h>

namespace eemt::bindings {

void add_terrain(pybind11::module_& m);
void add_horizon(pybind11::module_& m);
void add_solar(pybind11::module_& m);
void add_water(pybind11::module_& m);
void add_energy(pybind11::module_& m);
void add_energy_year(pybind11::module_& m);
void add_blocks(pybind11::module_& m);
void add_processor(pybind11::module_& m);

}  // namespace eemt::bindings
