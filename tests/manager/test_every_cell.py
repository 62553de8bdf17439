"""Every cell with an elevation has a value in every map, even with few valid neighbours."""

import numpy as np
import pytest
from affine import Affine
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eemt_core import water
from eemt_core.solar._landscape import DemWindow, survey
from oracles.relief import relief
from runs import assert_same_maps, eemt_run, maps_of, mountains, write_dem
from solar_sums import sunlight

pytestmark = pytest.mark.slow

TEMPERATURES = "tmin_c = [-8, -6, -3, 1, 5, 10, 13, 12, 8, 2, -4, -8]"
STATION = f"""name = "made"
source = "made"
elevation_m = 1500.0
latitude = 70.1
period = "1991-2020"
[monthly]
{TEMPERATURES}
{TEMPERATURES.replace("tmin", "tmax").replace("-8, -6", "4, 6").replace("-4, -8", "9, 4")}
prcp_mm = [60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60]
"""

SHAPES = [(1, 1), (1, 70), (70, 1), (2, 9), (65, 64), (150, 140)]


def terrain_with_gaps(shape, seed, share, block):
    """Relief with data only in a share of its blocks: single cells, small and large islands."""
    rng = np.random.default_rng(seed)
    coarse = rng.random([-(-n // block) for n in shape]) < share
    there = np.kron(coarse, np.ones((block, block), bool))[: shape[0], : shape[1]]
    there.flat[rng.integers(there.size)] = True
    z = relief((150, 140), seed, roughness=3.0, height_m=300.0, dtype=np.float32)
    return np.where(there, z[: shape[0], : shape[1]], np.nan).astype(np.float32)


@given(
    st.sampled_from(SHAPES),
    st.integers(0, 1000),
    st.sampled_from([0.0, 0.002, 0.05, 0.5, 0.95]),
    st.sampled_from([1, 3, 6]),
    st.sampled_from(["exact", "rsun"]),
)
@example((150, 140), 0, 0.0, 1, "exact")
@settings(max_examples=40)
def test_no_valid_cell_is_lost_by_any_kernel(shape, seed, share, block, mode):
    z = terrain_with_gaps(shape, seed, share, block)
    there = np.isfinite(z)
    options = {"cell_size_m": 10.0, "latitude_rad": 0.6, "directions": 8, "mode": mode}
    light = sunlight(z, days=[20, 200], groups=[0, 0], **options)
    cells = survey(DemWindow(z, 10.0, 0.6), directions=8, mode=mode).cells
    maps = {
        **{name: getattr(light, name)[0] for name in ("total_wh_m2", "flat_total_wh_m2", "hours")},
        **{name: getattr(cells, name) for name in ("slope_rad", "aspect_rad", "sky_view")},
        "wetness": water.topographic_wetness_index(z, cell_size_m=10.0),
    }
    for name, values in maps.items():
        np.testing.assert_array_equal(np.isfinite(values), there, err_msg=name)


def test_an_islet_is_lit_by_its_like_and_the_mainland_as_without_it():
    z = np.full((300, 300), np.nan, np.float32)
    z[9:120, 9:120] = mountains((111, 111))
    alone = z.copy()
    z[233:239, 233:239] = np.arange(6) * 20.0  # a slope of 2, no sample (every eighth cell) in it
    options = {"cell_size_m": 10.0, "latitude_rad": 0.6, "days": [172], "albedo": 0.4}
    sums, islet = sunlight(z, **options), np.s_[233:239, 233:239]
    sky_view = survey(DemWindow(z, 10.0, 0.6)).cells.sky_view
    own = 0.4 * (1 - sky_view[islet]) * sums.horizontal_wh_m2[0][islet]
    np.testing.assert_allclose(sums.reflected_wh_m2[0][islet], own, rtol=1e-6)
    assert own.min() > 10
    mainland = sunlight(alone, **options).total_wh_m2[0]
    assert mainland[:200, :200].tobytes() == sums.total_wh_m2[0][:200, :200].tobytes()


def test_every_map_of_a_run_has_every_cell_whole_or_in_tiles(tmp_path):
    z = np.full((200, 200), np.nan, np.float32)
    z[9:100, 9:90] = mountains((91, 81))
    z[40:60, 30:50] = np.nan
    z[50, 40] = 40.0
    z[140:143, 180:186] = np.arange(6) * 5.0
    z[199, 0] = z[0, 199] = z[127, 128] = 12.0
    # at 70 N: months without any sun are among them
    polar = Affine(10, 0, 500_000, 0, -10, 7_770_000)
    dem = write_dem(tmp_path / "dem.tif", z, nodata=np.nan, transform=polar)
    (tmp_path / "station.toml").write_text(STATION)
    for name, tile_cells in (("whole", 512), ("tiled", 128)):
        ended = eemt_run(
            *(dem, "-o", tmp_path / name, "--climate", tmp_path / "station.toml"),
            *("--step", "60", "--directions", "8", "--no-pictures", "--tile-size", tile_cells),
        )
        assert ended.returncode == 0, ended.stderr
    assert_same_maps(tmp_path / "whole", tmp_path / "tiled")
    maps = maps_of(tmp_path / "whole")
    assert len(maps) > 60
    for name, values in maps.items():
        np.testing.assert_array_equal(np.isfinite(values), np.isfinite(z), err_msg=name)
