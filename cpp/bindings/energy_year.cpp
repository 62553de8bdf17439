// Energy and mass balance of a tile, a year at a time.
#include "eemt/energy_year.hpp"

#include <pybind11/stl.h>

#include <optional>
#include <utility>

#include "arrays.hpp"
#include "families.hpp"

namespace eemt::bindings {
namespace {

using std::optional;

template <typename T>
const T* vector_of(const Array<T>& array, const std::string& name, py::ssize_t length) {
    if (array.ndim() != 1 || array.shape(0) != length) {
        wrong_shape(name, "(" + std::to_string(length) + ",)", array);
    }
    return array.data();
}

// A plane for each month.
template <typename T, typename R>
const T* months_like(const Array<T>& array, const std::string& name, GridView<const R> reference) {
    if (array.ndim() != 3 || array.shape(0) != months_of_year || array.shape(1) != reference.rows ||
        array.shape(2) != reference.cols) {
        wrong_shape(name, "(12, " + shape_text(reference) + ")", array);
    }
    return array.data();
}

// The same of the window's cells, whose months may lie apart from each other, as those of one sum
// of several do.
using Months = py::array_t<float, 0>;

MonthlyCells monthly_cells(const Months& array, const std::string& name,
                           GridView<const float> reference) {
    if (array.ndim() != 3 || array.shape(0) != months_of_year || array.shape(1) != reference.rows ||
        array.shape(2) != reference.cols) {
        wrong_shape(name, "(12, " + shape_text(reference) + ")", array);
    }
    constexpr auto cell = static_cast<py::ssize_t>(sizeof(float));
    const bool rows_follow = reference.rows == 1 || array.strides(1) == cell * reference.cols;
    const bool cells_follow = reference.cols == 1 || array.strides(2) == cell;
    if (!rows_follow || !cells_follow || array.strides(0) % cell != 0) {
        throw std::invalid_argument(name + " must hold each month in C order");
    }
    return {array.data(), array.strides(0) / cell};
}

// Python's LatticeWindow with the arrays that it keeps alive.
class HeldLattice {
  public:
    HeldLattice(const Array<double>& values, const Array<std::int64_t>& row_interval,
                const Array<double>& row_part, const Array<std::int64_t>& col_interval,
                const Array<double>& col_part)
        : values_(values),
          row_interval_(row_interval),
          col_interval_(col_interval),
          row_part_(row_part),
          col_part_(col_part) {
        window_.values = view(values, "values");
        window_.row_interval = intervals(row_interval, "row_interval", window_.values.rows, rows());
        window_.col_interval = intervals(col_interval, "col_interval", window_.values.cols, cols());
        window_.row_part = vector_of(row_part, "row_part", rows());
        window_.col_part = vector_of(col_part, "col_part", cols());
    }

    // For a grid of that shape.
    const LatticeWindow& over(const std::string& name, GridView<const float> grid) const {
        if (rows() != grid.rows || cols() != grid.cols) {
            throw std::invalid_argument(name + " must be of (" + shape_text(grid) +
                                        ") cells, got (" + std::to_string(rows()) + ", " +
                                        std::to_string(cols()) + ")");
        }
        return window_;
    }

  private:
    py::ssize_t rows() const { return row_interval_.size(); }
    py::ssize_t cols() const { return col_interval_.size(); }

    static const std::int64_t* intervals(const Array<std::int64_t>& array, const char* name,
                                         std::ptrdiff_t points, py::ssize_t length) {
        const auto* found = vector_of(array, name, length);
        for (py::ssize_t i = 0; i < length; ++i) {
            if (found[i] >= 0 && found[i] < points - 1) continue;
            throw std::invalid_argument(std::string(name) + " must lie within the " +
                                        std::to_string(points) + " control points, got " +
                                        std::to_string(found[i]));
        }
        return found;
    }

    Array<double> values_;
    Array<std::int64_t> row_interval_, col_interval_;
    Array<double> row_part_, col_part_;
    LatticeWindow window_;
};

// A variant's arrays, which every year fills anew but for the sums over all years.
struct VariantArrays {
    Array<float> monthly, yearly;
    Array<double> e_bio, e_ppt;

    explicit VariantArrays(GridView<const float> grid)
        : monthly({months_of_year, grid.rows, grid.cols}),
          yearly({grid.rows, grid.cols}),
          e_bio({grid.rows, grid.cols}),
          e_ppt({grid.rows, grid.cols}) {
        std::fill_n(e_bio.mutable_data(), grid.size(), 0.0);
        std::fill_n(e_ppt.mutable_data(), grid.size(), 0.0);
    }
    YearTerms terms() {
        return {monthly.mutable_data(), yearly.mutable_data(), e_bio.mutable_data(),
                e_ppt.mutable_data()};
    }
};

class TileEnergy {
  public:
    TileEnergy(const Array<float>& elevation_m, const EnergyParameters& parameters, float wind_m_s,
               float albedo, int threads)
        : parameters_(parameters), threads_(threads) {
        year_.elevation_m = view(keep(elevation_m), "elevation_m");
        year_.wind_m_s = wind_m_s;
        year_.albedo = albedo;
    }

    void lies_at(const HeldLattice& row, const HeldLattice& col, std::int64_t row0,
                 std::int64_t col0) {
        lattices_.push_back(row);
        lattices_.push_back(col);
        year_.place = {false, row.over("row", grid()), col.over("col", grid()), row0, col0};
    }

    VariantArrays add_trad(const HeldLattice& latitude_rad, double step_rad, double first_node,
                           const Array<double>& node_rad, const Array<double>& node_hours) {
        lattices_.push_back(latitude_rad);
        const auto nodes = node_rad.size();
        if (nodes < 2) wrong_shape("node_rad", "(nodes,) with at least two nodes", node_rad);
        vector_of(keep(node_rad), "node_rad", nodes);
        if (node_hours.ndim() != 2 || node_hours.shape(0) != months_of_year ||
            node_hours.shape(1) != nodes) {
            wrong_shape("node_hours", "(12, " + std::to_string(nodes) + ")", node_hours);
        }
        year_.day_lengths = {latitude_rad.over("latitude_rad", grid()),
                             step_rad,
                             first_node,
                             nodes,
                             node_rad.data(),
                             keep(node_hours).data()};
        return added(year_.trad);
    }

    void set_sun(const Months& beam, const Months& diffuse, const Months& reflected,
                 const Months& flat_beam, const Months& flat_diffuse, const Array<double>& days,
                 bool ratio_of_beam) {
        year_.sun = {monthly_cells(keep(beam), "beam_wh_m2", grid()),
                     monthly_cells(keep(diffuse), "diffuse_wh_m2", grid()),
                     monthly_cells(keep(reflected), "reflected_wh_m2", grid()),
                     monthly_cells(keep(flat_beam), "flat_beam_wh_m2", grid()),
                     monthly_cells(keep(flat_diffuse), "flat_diffuse_wh_m2", grid()),
                     ratio_of_beam,
                     vector_of(keep(days), "days", months_of_year)};
    }

    VariantArrays add_topo(const Array<float>& slope_rad, const Array<float>& aspect_rad,
                           const Array<float>& wetness_ratio) {
        need_sun();
        year_.slope_rad = view_like(keep(slope_rad), "slope_rad", grid()).data;
        year_.aspect_rad = view_like(keep(aspect_rad), "aspect_rad", grid()).data;
        year_.wetness_ratio = view_like(keep(wetness_ratio), "wetness_ratio", grid()).data;
        return added(year_.topo);
    }

    VariantArrays add_topo_veg(const Array<float>& lai, const Array<float>& canopy_height_m,
                               const Array<float>& wetness_ratio) {
        need_sun();
        year_.lai = lai.ndim() == 3 ? monthly_cells(lai, "lai", grid())
                                    : MonthlyCells{view_like(lai, "lai", grid()).data, 0};
        keep(lai);
        year_.canopy_height_m = view_like(keep(canopy_height_m), "canopy_height_m", grid()).data;
        year_.wetness_ratio = view_like(keep(wetness_ratio), "wetness_ratio", grid()).data;
        return added(year_.topo_veg);
    }

    std::ptrdiff_t year(const Array<double>& tmin_c, const Array<double>& tmax_c,
                        const Array<double>& prcp_mm,
                        const optional<Array<double>>& vapour_pressure_pa,
                        const optional<Array<double>>& relative_humidity,
                        const optional<Array<double>>& wind_m_s, const Array<double>& reference_m,
                        const Array<double>& weight, const Array<double>& tmin_lapse_c_m,
                        const Array<double>& tmax_lapse_c_m, const Array<double>& days,
                        double year_days) {
        EnergyYear year = year_;
        SourceYear& source = year.source;
        const auto cells = view(reference_m, "reference_m");
        source.rows = cells.rows;
        source.cols = cells.cols;
        if (year.place.station && cells.size() != 1) {
            wrong_shape("reference_m", "(1, 1) where the climate has no place", reference_m);
        }
        source.reference_m = cells.data;
        source.weight = view_like(weight, "weight", cells).data;
        source.tmin_c = months_like(tmin_c, "tmin_c", cells);
        source.tmax_c = months_like(tmax_c, "tmax_c", cells);
        source.precipitation_mm = months_like(prcp_mm, "prcp_mm", cells);
        if (vapour_pressure_pa) {
            source.vapour_pressure_pa =
                months_like(*vapour_pressure_pa, "vapour_pressure_pa", cells);
        }
        if (relative_humidity) {
            source.relative_humidity =
                vector_of(*relative_humidity, "relative_humidity", months_of_year);
        }
        if (wind_m_s) source.wind_m_s = months_like(*wind_m_s, "wind_m_s", cells);
        source.tmin_lapse_c_m = vector_of(tmin_lapse_c_m, "tmin_lapse_c_m", months_of_year);
        source.tmax_lapse_c_m = vector_of(tmax_lapse_c_m, "tmax_lapse_c_m", months_of_year);
        source.days = vector_of(days, "days", months_of_year);
        source.year_days = year_days;
        const py::gil_scoped_release nogil;
        return eemt_year(year, parameters_, threads_);
    }

  private:
    GridView<const float> grid() const { return year_.elevation_m; }

    template <typename Held>
    Held keep(const Held& array) {
        arrays_.push_back(array);
        return array;
    }
    void need_sun() const {
        if (year_.sun.beam.data == nullptr)
            throw std::invalid_argument("the sun must be set before");
    }
    VariantArrays added(YearTerms& terms) {
        VariantArrays arrays(grid());
        terms = arrays.terms();
        keep(arrays.monthly);
        keep(arrays.yearly);
        keep(arrays.e_bio);
        keep(arrays.e_ppt);
        return arrays;
    }

    EnergyParameters parameters_;
    int threads_;
    EnergyYear year_;
    std::vector<py::array> arrays_;
    std::vector<HeldLattice> lattices_;
};

py::arg array(const char* name) { return py::arg(name).noconvert(); }

}  // namespace

void add_energy_year(py::module_& m) {
    const py::kw_only kw{};
    py::class_<HeldLattice>(m, "LatticeWindow")
        .def(py::init<const Array<double>&, const Array<std::int64_t>&, const Array<double>&,
                      const Array<std::int64_t>&, const Array<double>&>(),
             array("values"), array("row_interval"), array("row_part"), array("col_interval"),
             array("col_part"));
    py::class_<VariantArrays>(m, "VariantYear")
        .def_readonly("monthly_mj_m2", &VariantArrays::monthly)
        .def_readonly("yearly_mj_m2", &VariantArrays::yearly)
        .def_readonly("e_bio_mj_m2", &VariantArrays::e_bio)
        .def_readonly("e_ppt_mj_m2", &VariantArrays::e_ppt);
    py::class_<TileEnergy>(m, "TileEnergy")
        .def(py::init<const Array<float>&, const EnergyParameters&, float, float, int>(),
             array("elevation_m"), kw, py::arg("parameters"), py::arg("wind_m_s"),
             py::arg("albedo"), py::arg("threads") = 0)
        .def("lies_at", &TileEnergy::lies_at, py::arg("row"), py::arg("col"), kw, py::arg("row0"),
             py::arg("col0"))
        .def("set_sun", &TileEnergy::set_sun, array("beam_wh_m2"), array("diffuse_wh_m2"),
             array("reflected_wh_m2"), array("flat_beam_wh_m2"), array("flat_diffuse_wh_m2"),
             array("days"), kw, py::arg("ratio_of_beam"))
        .def("add_trad", &TileEnergy::add_trad, py::arg("latitude_rad"), kw, py::arg("step_rad"),
             py::arg("first_node"), array("node_rad"), array("node_hours"))
        .def("add_topo", &TileEnergy::add_topo, array("slope_rad"), array("aspect_rad"),
             array("wetness_ratio"))
        .def("add_topo_veg", &TileEnergy::add_topo_veg, array("lai"), array("canopy_height_m"),
             array("wetness_ratio"))
        .def("year", &TileEnergy::year, kw, array("tmin_c"), array("tmax_c"), array("prcp_mm"),
             array("vapour_pressure_pa"), array("relative_humidity"), array("wind_m_s"),
             array("reference_m"), array("weight"), array("tmin_lapse_c_m"),
             array("tmax_lapse_c_m"), array("days"), py::arg("year_days"));
}

}  // namespace eemt::bindings
