// Cells on their way into encoded blocks, and into packed inputs of tasks.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "arrays.hpp"
#include "eemt/block_cells.hpp"
#include "eemt/packing.hpp"
#include "families.hpp"

namespace eemt::bindings {
namespace {

using Bytes = Array<std::uint8_t>;

constexpr py::ssize_t cell_bytes = 4;

void check_bits(const char* name, int bits) {
    if (bits < 0 || bits > mantissa_bits) {
        throw std::invalid_argument(std::string(name) + " must lie in [0, 23], got " +
                                    std::to_string(bits));
    }
}

Array<float> round_mantissa_py(const Array<float>& cells, int bits) {
    const auto grid = view(cells, "cells");
    check_bits("bits", bits);
    NewGrid<float> rounded(grid.rows, grid.cols);
    {
        py::gil_scoped_release nogil;
        round_mantissa(grid, bits, rounded.grid);
    }
    return rounded.array;
}

Array<float> halve_py(const Array<float>& cells, bool circular) {
    const auto grid = view(cells, "cells");
    NewGrid<float> halved((grid.rows + 1) / 2, (grid.cols + 1) / 2);
    {
        py::gil_scoped_release nogil;
        halve(grid, circular, halved.grid);
    }
    return halved.array;
}

py::tuple told(const CellStatistics& found) {
    return py::make_tuple(found.cells, found.gaps, found.total, found.low, found.high);
}

py::tuple count_py(const Array<float>& cells) {
    const auto grid = view(cells, "cells");
    CellStatistics found;
    {
        py::gil_scoped_release nogil;
        found = count(grid);
    }
    return told(found);
}

Bytes predict_py(const Array<float>& cells) {
    const auto grid = view(cells, "cells");
    Bytes planes({grid.rows, cell_bytes * grid.cols});
    auto* const bytes = planes.mutable_data();
    {
        py::gil_scoped_release nogil;
        predict(grid, bytes);
    }
    return planes;
}

void check_planes(const Bytes& planes) {
    if (planes.ndim() != 2 || planes.size() == 0 || planes.shape(1) % cell_bytes != 0) {
        wrong_shape("planes", "(rows, 4 * cols) with at least one cell", planes);
    }
}

// Whether the array holds just these bytes.
bool same_bytes_py(const Bytes& planes, const py::bytes& plain) {
    check_planes(planes);
    const std::string_view bytes = plain;
    const auto size = static_cast<std::size_t>(planes.size());
    const auto* const held = planes.data();
    py::gil_scoped_release nogil;
    return bytes.size() == size && std::memcmp(held, bytes.data(), size) == 0;
}

Array<float> unpredict_py(const Bytes& planes) {
    check_planes(planes);
    NewGrid<float> cells(planes.shape(0), planes.shape(1) / cell_bytes);
    const auto* const bytes = planes.data();
    {
        py::gil_scoped_release nogil;
        unpredict(bytes, cells.grid);
    }
    return cells.array;
}

// The planes, (4, cells), and the scale that was taken.
py::tuple pack_planes_py(const Array<float>& cells, int scale) {
    const auto grid = view(cells, "cells");
    if (scale < 0) {
        throw std::invalid_argument("scale must be 0 or more, got " + std::to_string(scale));
    }
    Bytes planes({cell_bytes, grid.size()});
    auto* const bytes = planes.mutable_data();
    int taken = 0;
    {
        py::gil_scoped_release nogil;
        taken = pack_planes(grid, scale, bytes);
    }
    return py::make_tuple(planes, taken);
}

template <typename T>
py::tuple block_planes_py(const Array<T>& cells, py::ssize_t row0, py::ssize_t col0,
                          py::ssize_t edge, double factor, int bits, int above_bits,
                          bool circular) {
    const auto grid = view(cells, "cells");
    check_bits("bits", bits);
    check_bits("above_bits", above_bits);
    if (!grid.contains(row0, col0)) {
        throw std::invalid_argument("row0 and col0 must lie within cells");
    }
    if (edge < 1 || edge > 1 << 15) {
        throw std::invalid_argument("edge must lie in [1, 32768], got " + std::to_string(edge));
    }
    Bytes planes({edge, cell_bytes * edge});
    NewGrid<float> halved((std::min(edge, grid.rows - row0) + 1) / 2,
                          (std::min(edge, grid.cols - col0) + 1) / 2);
    auto* const bytes = planes.mutable_data();
    CellStatistics found;
    {
        py::gil_scoped_release nogil;
        found = block_planes<T>(grid, row0, col0, edge, {factor, bits, above_bits, circular}, bytes,
                                halved.grid);
    }
    return py::make_tuple(planes, halved.array, told(found));
}

template <typename T>
void add_for_dtype(py::module_& m) {
    m.def("block_planes", &block_planes_py<T>, py::arg("cells").noconvert(), py::kw_only(),
          py::arg("row0"), py::arg("col0"), py::arg("edge"), py::arg("factor"), py::arg("bits"),
          py::arg("above_bits"), py::arg("circular"));
}

}  // namespace

void add_blocks(py::module_& m) {
    m.def("round_mantissa", &round_mantissa_py, py::arg("cells").noconvert(), py::kw_only(),
          py::arg("bits"));
    m.def("halve", &halve_py, py::arg("cells").noconvert(), py::kw_only(), py::arg("circular"));
    m.def("count", &count_py, py::arg("cells").noconvert());
    m.def("predict", &predict_py, py::arg("cells").noconvert());
    m.def("unpredict", &unpredict_py, py::arg("planes").noconvert());
    m.def("same_bytes", &same_bytes_py, py::arg("planes").noconvert(), py::arg("plain"));
    m.def("pack_planes", &pack_planes_py, py::arg("cells").noconvert(), py::kw_only(),
          py::arg("scale"));
    add_for_dtype<float>(m);
    add_for_dtype<double>(m);
}

}  // namespace eemt::bindings
