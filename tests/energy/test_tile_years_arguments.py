"""What the kernel of a tile's years refuses: it computes or raises, and reads nothing outside."""

import re
from dataclasses import replace

import numpy as np
import pytest

from eemt_core import _core
from eemt_core.climate._source_year import source_year
from eemt_core.energy._kernel_parameters import for_kernel
from eemt_core.errors import ArgumentError
from energy_years import SUMS, by_kernel, climate, kernel, places, tile

ROWS, COLS = DEM = (5, 7)
NATIVE = (4, 5)
GIVEN = tile(climate(NATIVE, places(DEM, NATIVE)), DEM)
YEAR = source_year(GIVEN.cut, 2015, GIVEN.lapse)
SUN = {f"{name}_wh_m2": values for name, values in GIVEN.sun.items()} | {"days": np.full(12, 30.0)}
OTHER_GRIDS = [(ROWS, COLS + 1), (ROWS - 1, COLS), (COLS, ROWS), (ROWS * COLS,), (0, COLS)]


def bare():
    return _core.energy.TileEnergy(
        GIVEN.cells["elevation_m"],
        parameters=for_kernel(GIVEN.parameters),
        wind_m_s=2.0,
        albedo=0.2,
    )


def with_sun(**changes):
    made = bare()
    made.set_sun(**{**SUN, **changes}, ratio_of_beam=False)
    return made


def refused(name, expected, got):
    return pytest.raises(
        ValueError, match=rf"^{name} must have shape .*{re.escape(expected)}.*{re.escape(str(got))}"
    )


@pytest.mark.parametrize("shape", OTHER_GRIDS)
@pytest.mark.parametrize("name", ["slope_rad", "aspect_rad", "wetness_ratio"])
def test_a_grid_of_another_shape_is_named(name, shape):
    cells = {n: GIVEN.cells[n] for n in ("slope_rad", "aspect_rad", "wetness_ratio")}
    cells[name] = np.zeros(shape, np.float32)
    with refused(name, "(5, 7)", shape):
        with_sun().add_topo(**cells)


@pytest.mark.parametrize("shape", [*OTHER_GRIDS, (11, ROWS, COLS), (12, ROWS, COLS - 1)])
def test_leaves_are_one_grid_or_twelve(shape):
    height_m, wetness = GIVEN.cells["canopy_height_m"], GIVEN.cells["wetness_ratio"]
    with refused("lai", "5, 7)", shape):
        with_sun().add_topo_veg(np.zeros(shape, np.float32), height_m, wetness)


@pytest.mark.parametrize("shape", [(ROWS, COLS), (11, ROWS, COLS), (12, COLS, ROWS), (0, 1, 1)])
@pytest.mark.parametrize("name", SUMS)
def test_the_sun_has_twelve_months(name, shape):
    with refused(f"{name}_wh_m2", "(12, 5, 7)", shape):
        with_sun(**{f"{name}_wh_m2": np.zeros(shape, np.float32)})


def test_slopes_come_after_the_sun():
    with pytest.raises(ValueError, match=r"^the sun must be set before"):
        bare().add_topo(*(GIVEN.cells[n] for n in ("slope_rad", "aspect_rad", "wetness_ratio")))


FIELDS = ["tmin_c", "tmax_c", "prcp_mm", "vapour_pressure_pa", "wind_m_s"]


@pytest.mark.parametrize("shape", [NATIVE, (11, *NATIVE), (12, 4, 6), (12, 1, 1)])
@pytest.mark.parametrize("name", FIELDS)
def test_a_climate_has_twelve_months_of_its_cells(name, shape):
    made, _ = kernel(GIVEN)
    with refused(name, "(12, 4, 5)", shape):
        made.year(**{**YEAR, name: np.zeros(shape)})


@pytest.mark.parametrize("name", ["relative_humidity", "tmin_lapse_c_m", "tmax_lapse_c_m", "days"])
def test_months_are_twelve(name):
    made, _ = kernel(GIVEN)
    for shape in [(11,), (), (12, 1)]:
        with refused(name, "(12,)", shape):
            made.year(**{**YEAR, name: np.zeros(shape)})


def test_elevations_and_weights_are_of_the_climate_s_cells():
    made, _ = kernel(GIVEN)
    with refused("weight", "(4, 5)", (5, 4)):
        made.year(**{**YEAR, "weight": np.ones((5, 4))})
    with refused("reference_m", "(rows, cols)", (20,)):
        made.year(**{**YEAR, "reference_m": np.ones(20)})


def test_a_gridded_climate_has_a_place():
    with refused("reference_m", "(1, 1) where the climate has no place", NATIVE):
        bare().year(**YEAR)


@pytest.mark.parametrize("name", [*FIELDS, "reference_m", "weight", "days"])
def test_another_type_of_number_is_refused(name):
    made, _ = kernel(GIVEN)
    with pytest.raises(TypeError):
        made.year(**{**YEAR, name: YEAR[name].astype(np.float32)})


def test_a_lattice_lies_over_the_tile_s_cells():
    made, wrong = bare(), _core.energy.LatticeWindow(*GIVEN.cut.row.places(0, 0, ROWS, COLS - 1))
    right = _core.energy.LatticeWindow(*GIVEN.cut.row.places(0, 0, ROWS, COLS))
    with pytest.raises(ValueError, match=r"^col must be of \(5, 7\) cells, got \(5, 6\)"):
        made.lies_at(right, wrong, row0=0, col0=0)


@pytest.mark.parametrize("interval", [-1, 1, 2**62])
def test_an_interval_lies_within_the_control_points(interval):
    found = GIVEN.cut.row.places(0, 0, ROWS, COLS)
    assert found.values.shape == (2, 2)
    with pytest.raises(ValueError, match="row_interval must lie within the 2 control points"):
        _core.energy.LatticeWindow(*found._replace(row_interval=np.full(ROWS, interval)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -1e300, 1e30])
def test_no_value_leads_beyond_an_array(value):
    values = GIVEN.cut.row.values.copy()
    values[1, 1] = value
    odd = GIVEN.cut.row.places(0, 0, ROWS, COLS)._replace(values=values)
    made = bare()
    lattice = _core.energy.LatticeWindow(*odd)
    made.lies_at(lattice, lattice, row0=0, col0=0)
    with pytest.raises(ValueError, match="the climate does not reach over these cells"):
        made.year(**YEAR)
    nodes = {"node_rad": np.array([0.0, 1e-4]), "node_hours": np.ones((12, 2))}
    made, _ = kernel(GIVEN, ())
    days = made.add_trad(lattice, step_rad=1e-4, first_node=0.0, **nodes)
    made.year(**YEAR)
    assert not np.isinf(days.yearly_mj_m2).any()
    for name in FIELDS:
        field = YEAR[name].copy()
        field[3] = value
        made.year(**{**YEAR, name: field})


def test_day_lengths_have_two_nodes():
    made, lattice = bare(), _core.energy.LatticeWindow(*GIVEN.latitude.places(*GIVEN.window))
    for nodes, hours in [((1,), (12, 1)), ((2, 2), (12, 2)), ((3,), (12, 2)), ((3,), (11, 3))]:
        with pytest.raises(ValueError, match=r"^node_(rad|hours) must have shape"):
            made.add_trad(
                lattice,
                step_rad=1e-4,
                first_node=0.0,
                node_rad=np.zeros(nodes),
                node_hours=np.zeros(hours),
            )


def test_a_climate_in_another_unit_is_refused():
    kelvin = climate(NATIVE, places(DEM, NATIVE))
    kelvin.values["tmin_c"][:] += 273.15
    with pytest.raises(ArgumentError, match="tmin_c must hold temperature"):
        by_kernel(tile(kelvin, DEM))
    kilopascals = climate(NATIVE, places(DEM, NATIVE))
    kilopascals.values["vapour_pressure_pa"][:] /= 1000
    with pytest.raises(ArgumentError, match="multiply kilopascals by 1000"):
        by_kernel(tile(kilopascals, DEM))


def test_months_of_the_sun_may_lie_apart_and_each_is_in_c_order():
    all_sums = np.zeros((12, len(SUMS), ROWS, COLS), np.float32)
    for number, name in enumerate(SUMS):
        all_sums[:, number] = GIVEN.sun[name]
    apart = {name: all_sums[:, number] for number, name in enumerate(SUMS)}
    made, expected = (by_kernel(replace(GIVEN, sun=sun))[0] for sun in (apart, GIVEN.sun))
    assert made["topo"]["monthly"].tobytes() == expected["topo"]["monthly"].tobytes()
    turned = np.zeros((12, COLS, ROWS), np.float32).transpose(0, 2, 1)
    with pytest.raises(ValueError, match=r"^beam_wh_m2 must hold each month in C order$"):
        with_sun(beam_wh_m2=turned)
