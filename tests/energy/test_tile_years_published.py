"""The kernel of a tile's years gives the terms that were worked out by hand or printed."""

import numpy as np

from eemt_core import _core
from eemt_core.climate import ClimateCut, LapseRates
from eemt_core.climate._source_year import source_year
from eemt_core.energy import EnergyParameters
from eemt_core.energy._kernel_parameters import for_kernel
from eemt_core.grids.grid import Lattice
from energy_years import CIVIL

# One year of a semiarid site: E_BIO 11.622 + E_PPT 2.058 = 13.681 MJ m-2.
MEAN_C = np.array([-1, 1, 4, 8, 13, 18, 21, 20, 16, 10, 4, 0], float)
PRCP_MM = np.array([70, 65, 70, 50, 40, 30, 80, 85, 55, 50, 55, 70], float)
HOURS = np.array([9.8, 10.7, 11.9, 13.1, 14.2, 14.7, 14.4, 13.5, 12.4, 11.2, 10.1, 9.6])
BASE_M = 1500.0


def station(mean_c, half_range_c, prcp_mm, **others):
    values = {"tmin_c": mean_c - half_range_c, "tmax_c": mean_c + half_range_c, "prcp_mm": prcp_mm}
    return ClimateCut(
        periods=("normals",),
        days=(CIVIL,),
        values={
            name: np.broadcast_to(np.asarray(months, np.float32), 12).reshape(1, 12, 1, 1).copy()
            for name, months in {**values, **others}.items()
        },
        reference_m=np.full((1, 1), BASE_M, np.float32),
        weight=np.ones((1, 1), np.float32),
    )


def tile(elevation_m, parameters=None):
    return _core.energy.TileEnergy(
        np.array([elevation_m], np.float32),
        parameters=for_kernel(parameters or EnergyParameters()),
        wind_m_s=2.0,
        albedo=0.2,
    )


def grid(*values):
    return np.array([values], np.float32)


def test_a_year_of_trad_has_the_published_terms():
    made = tile([BASE_M], EnergyParameters(water_heat_capacity_j_kg_k=4186))
    latitude = Lattice.sample((1, 1), 8, lambda row, col: np.full(row.shape, 0.6))
    trad = made.add_trad(
        _core.energy.LatticeWindow(*latitude.places(0, 0, 1, 1)),
        step_rad=1e-4,
        first_node=5999.0,
        node_rad=np.array([0.5999, 0.6, 0.6001]),
        node_hours=np.repeat(HOURS[:, None], 3, axis=1),
    )
    made.year(**source_year(station(MEAN_C, 7.0, PRCP_MM), "normals", LapseRates()))
    bio = [1.079, 1.176, 1.691, 2.225, 0, 0, 0, 0, 0, 2.628, 1.637, 1.186]
    ppt = [0, 0.197, 0.670, 0.154, 0, 0, 0, 0, 0, 0.466, 0.571, 0]
    # two numbers rounded to a thousandth each
    np.testing.assert_allclose(trad.monthly_mj_m2[:, 0, 0], np.add(bio, ppt), atol=1.1e-3)
    np.testing.assert_allclose(trad.e_bio_mj_m2, 11.622, atol=5e-4)
    np.testing.assert_allclose(trad.e_ppt_mj_m2, 2.058, atol=5e-4)
    np.testing.assert_allclose(trad.yearly_mj_m2, 13.681, atol=1e-3)


def topo(made, slope_rad, aspect_rad, climate):
    months = np.full((12, *slope_rad.shape), 1e5, np.float32)
    none = np.zeros_like(months)
    made.set_sun(months, none, none, months, none, np.array(CIVIL, float), ratio_of_beam=False)
    terms = made.add_topo(slope_rad, aspect_rad, np.ones_like(slope_rad))
    limited = made.year(**source_year(climate, "normals", LapseRates()))
    assert limited == 0
    return terms


def test_north_faces_gain_5_mj_a_year_over_south_faces():
    cold = station(-12.0, 7.0, 40.0, vapour_pressure_pa=150.0)
    slope_rad = np.full((1, 2), np.arcsin(0.33), np.float32)
    terms = topo(tile([2500.0, 2500.0]), slope_rad, grid(0, np.pi), cold)
    north, south = terms.yearly_mj_m2[0]
    # identity: 346 g m-2 x 22 kJ g-1 x 0.66; the paper's tables have 5.08 with a spread of 0.34
    np.testing.assert_allclose(north - south, 346 * 22e-3 * 0.66, atol=1e-5)
    assert not terms.e_ppt_mj_m2.any()


def test_elevation_classes_have_the_energy_of_eq_11():
    classes = [2433.0, 2080.0, 1683.0, 1365.0, 1063.0, 0.0]
    flat = np.zeros((1, 6), np.float32)
    terms = topo(tile(classes), flat, flat, station(MEAN_C, 7.0, PRCP_MM, vapour_pressure_pa=600.0))
    np.testing.assert_allclose(terms.e_bio_mj_m2[0], [16.8, 13.7, 10.3, 7.6, 5.0, 2.2], atol=0.051)
