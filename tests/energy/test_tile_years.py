"""The kernel of a tile's years against the array functions, which are the judges of its terms."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eemt_core.climate import LapseRates
from eemt_core.climate._source_year import source_year
from eemt_core.energy import EnergyParameters
from energy_years import VARIANTS, by_arrays, by_kernel, climate, kernel, places, tile

DEM, NATIVE = (70, 90), (7, 8)


def assert_equal(made, judged):
    """Both interpolate in double precision and round once, so their months have the same bits.

    Only where the compiler may fuse a multiplication with an addition (not on x86-64) a vapour
    pressure or a temperature differs by one rounding, 6e-8: 1e-5 of the largest term, as a cell
    has 0.1 of a rain and of an evaporation that differ by a hundredth.
    """
    for name, arrays in judged[0].items():
        for key, expected in arrays.items():
            found = made[0][name][key]
            assert found.dtype == expected.dtype
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5, err_msg=name)
            assert np.array_equal(np.isnan(found), np.isnan(expected))
    assert made[1] == judged[1]


def gridded(dem=DEM, window=None, *, native=NATIVE, scene=None, **source):
    return tile(climate(native, places(dem, native), **source), dem, window, **(scene or {}))


CASES = {
    "years": lambda: gridded(periods=(2015, 2016, 2017)),
    "normals": lambda: gridded(periods=("1981-2010",)),
    "gaps": lambda: gridded(gaps=0.2, periods=(2015, 2016)),
    "weights": lambda: gridded(weighted=True),
    "weights and gaps": lambda: gridded(weighted=True, gaps=0.2),
    "no vapour, no wind": lambda: gridded(drop=("vapour_pressure_pa", "wind_m_s")),
    "station": lambda: tile(climate((1, 1), None, periods=(2015, 2016)), DEM),
    "dry station": lambda: tile(climate((1, 1), None, drop=("vapour_pressure_pa",)), DEM),
    "one row": lambda: gridded((1, 300)),
    "one column": lambda: gridded((300, 1)),
    "one cell": lambda: gridded((1, 1)),
    "a window": lambda: gridded((70, 90), (11, 17, 41, 59)),
    "more climate than cells": lambda: gridded((33, 29), native=(80, 90)),
    "all gaps": lambda: gridded((20, 30), gaps=1.0),
    "no ground": lambda: gridded((20, 30), scene={"holes": 1.0}),
    "beam": lambda: gridded(scene={"of_beam": True}),
    "monthly lapse": lambda: gridded(
        scene={"lapse": LapseRates([3.0, 4.0, 5.5, 6.5, 7.0, 7.5] * 2, -2.0)}
    ),
    "other choices": lambda: gridded(
        scene={
            "parameters": EnergyParameters(
                solar_term_on="mean",
                saturation_at="mean",
                latent_heat="temperature",
                hamon_form="dingman",
                surface_resistance="fao",
                canopy_npp_form="printed",
                wind_m_s=4.5,
                albedo=0.15,
            )
        },
        drop=("wind_m_s",),
    ),
    "the polar circle": lambda: gridded(scene={"latitude_deg": 66.6}),
    "the pole": lambda: gridded(scene={"latitude_deg": 90.0 - 1e-9}),
}


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_the_array_functions(case):
    given = CASES[case]()
    assert_equal(by_kernel(given), by_arrays(given))


@given(
    st.integers(1, 40),
    st.integers(1, 70),
    st.integers(4, 9),
    st.integers(4, 9),
    st.sampled_from([0.0, 0.1, 0.6]),
    st.booleans(),
    st.integers(0, 99),
)
@settings(max_examples=25)
def test_agrees_on_any_sizes(rows, cols, down, across, gaps, weighted, seed):
    dem, native = (rows, cols), (down, across)
    given = gridded(dem, native=native, gaps=gaps, weighted=weighted, seed=seed)
    assert_equal(by_kernel(given), by_arrays(given))


def test_any_threads_and_variants_give_the_same_bytes():
    given = gridded((130, 90), gaps=0.1)
    one = by_kernel(given)
    for threads, variants in [(2, VARIANTS), (3, VARIANTS), (1, VARIANTS[:1]), (2, VARIANTS[1:])]:
        made = by_kernel(given, variants, threads)
        for name in variants:
            for key, expected in one[0][name].items():
                assert made[0][name][key].tobytes() == expected.tobytes(), (name, key, threads)


@given(st.integers(0, 60), st.integers(0, 80), st.integers(1, 30), st.integers(1, 40))
@settings(max_examples=15)
def test_a_cell_has_the_same_bits_whatever_the_tile(row0, col0, rows, cols):
    rows, cols = min(rows, DEM[0] - row0), min(cols, DEM[1] - col0)
    cut = climate(NATIVE, places(DEM, NATIVE), gaps=0.1)
    whole, _ = by_kernel(tile(cut, DEM))
    part, _ = by_kernel(tile(cut, DEM, (row0, col0, rows, cols)))
    at = np.s_[..., row0 : row0 + rows, col0 : col0 + cols]
    for name, arrays in part.items():
        for key, found in arrays.items():
            assert found.tobytes() == whole[name][key][at].tobytes(), (name, key)


def test_leaves_of_twelve_months_are_those_of_each():
    given = gridded(periods=(2015,))
    still, _ = by_kernel(given, ("topo_veg",))
    leaves = np.stack([given.cells["lai"] * (month % 3) for month in range(12)])
    given.cells["lai"] = leaves
    made, _ = by_kernel(given, ("topo_veg",))
    same = [1, 4, 7, 10]
    monthly = made["topo_veg"]["monthly"], still["topo_veg"]["monthly"]
    assert monthly[0][same].tobytes() == monthly[1][same].tobytes()
    assert np.nanmax(np.abs(monthly[0][2] - monthly[1][2])) > 1e-3


def test_the_sums_over_the_years_begin_as_0_and_grow():
    given = gridded(scene={"holes": 0.0})
    tile_, arrays = kernel(given, ("trad",))
    assert not arrays["trad"].e_bio_mj_m2.any()
    year = source_year(given.cut, 2015, given.lapse)
    tile_.year(**year)
    once = arrays["trad"].e_bio_mj_m2.copy()
    tile_.year(**year)
    np.testing.assert_allclose(arrays["trad"].e_bio_mj_m2, 2 * once, rtol=1e-12)


def test_a_climate_that_does_not_reach_over_the_cells_is_refused():
    given = gridded()
    cut = given.cut
    short = {name: values[..., :-3] for name, values in cut.values.items()}
    narrow = replace(
        cut, values=short, reference_m=cut.reference_m[:, :-3], weight=cut.weight[:, :-3]
    )
    with pytest.raises(ValueError, match="the climate does not reach over these cells"):
        by_kernel(replace(given, cut=narrow))
