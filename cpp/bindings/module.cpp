// The extension module: a list of its families and what it was built with.
#include <pybind11/pybind11.h>

#include <exception>
#include <new>

#include "eemt/parallel.hpp"
#include "eemt/simd.hpp"
#include "families.hpp"

namespace py = pybind11;

PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
    m.doc() = "C++ kernels of eemt_core: arrays in, arrays out. Use eemt_core's functions instead.";
    try {
        eemt::simd_level();
    } catch (const std::exception& problem) {
        throw py::import_error(problem.what());
    }
    // NOLINTNEXTLINE(performance-unnecessary-value-param): pybind11 wants this signature
    py::register_local_exception_translator([](std::exception_ptr problem) {
        try {
            if (problem) std::rethrow_exception(problem);
        } catch (const std::bad_alloc&) {
            PyErr_SetString(PyExc_MemoryError,
                            "too little memory for so many cells: work on one window of the raster "
                            "after another, or with fewer threads");
        }
    });
    using namespace eemt::bindings;
    auto terrain = m.def_submodule("terrain", "Slope, aspect, horizons, sky view.");
    add_terrain(terrain);
    add_horizon(terrain);
    auto solar = m.def_submodule("solar", "Sun position and irradiation.");
    add_solar(solar);
    auto water = m.def_submodule("water", "Depression filling, flow, wetness.");
    add_water(water);
    auto energy = m.def_submodule("energy", "Energy and mass balance.");
    add_energy(energy);
    add_energy_year(energy);
    auto blocks = m.def_submodule("blocks", "Cells on their way into encoded blocks.");
    add_blocks(blocks);
    auto processor = m.def_submodule("processor", "The instruction set that the kernels run on.");
    add_processor(processor);

    m.def(
        "build_config",
        [] {
            py::dict config;
            config["version"] = EEMT_VERSION;
            config["compiler"] = EEMT_COMPILER;
#if defined(EEMT_OPENMP)
            config["openmp"] = true;
#else
            config["openmp"] = false;
#endif
            config["threads"] = eemt::available_threads();
            return config;
        },
        "What the kernels were built with and will run on.");
}
