"""One source, several instruction sets: their results agree."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eemt_core import _core

LEVELS = ("base", "v3", "v4")
BEST = LEVELS.index(_core.solar.simd_level())

WORK = """
import sys
import numpy as np
from eemt_core import energy, solar, terrain, water
from eemt_core import _core

rng = np.random.default_rng(7)
dtype = np.dtype(sys.argv[2])
z = np.add.outer(300 * np.sin(np.arange(70) / 9), 200 * np.cos(np.arange(90) / 7))
z = (1500 + z + rng.normal(0, 5, z.shape)).astype(dtype)
slope, aspect = terrain.slope_aspect(z, cell_size_m=30.0)
horizon = terrain.horizon_map(z, cell_size_m=30.0, directions=36)
view = terrain.sky_view_factor(horizon, slope, aspect)
wetness = water.topographic_wetness_index(z, cell_size_m=30.0)
out = {"horizon": horizon, "view": view, "slope": slope, "aspect": aspect, "wetness": wetness}
# the same horizon for all levels, so that what follows is compared by itself
turn = np.arange(36)[:, None, None] / 36 * 2 * np.pi
smooth = 0.12 + 0.1 * np.sin(turn + rng.uniform(0, 6, z.shape))
fixed = np.round(32767 * smooth).astype(np.int16)
for name, options in {
    "number": {"linke": 3.0},
    "maps": {"linke": np.full(z.shape, 3.3, dtype)},
    "rsun": {"linke": 3.0, "mode": "rsun"},
    "open": {"linke": 3.0, "horizon": None},
}.items():
    options = {"horizon": fixed, "days": [1, 100, 172], "latitude_rad": 0.7, **options}
    sums = solar.irradiation(z, slope, aspect, **options)
    out[name] = np.stack([sums.beam, sums.diffuse, sums.reflected, sums.hours, sums.flat_beam])
assert _core.solar.simd_level() == sys.argv[3]
np.savez(sys.argv[1], **out)
"""


def run(level, *arguments, code=WORK):
    environment = {**os.environ, "EEMT_SIMD": level}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module", params=["float32", "float64"])
def results(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("levels")
    found = {}
    for level in LEVELS[: BEST + 1]:
        path = Path(folder, f"{level}.npz")
        done = run(level, path, request.param, level)
        assert done.returncode == 0, done.stderr
        found[level] = dict(np.load(path))
    return found


@pytest.mark.parametrize("level", LEVELS[1 : BEST + 1] or ["base"])
def test_irradiation_agrees_between_levels(results, level):
    for name in ("number", "maps", "rsun", "open"):
        expected, got = results["base"][name], results[level][name]
        # 1e-6 of a sum; a moment between two float32 of a day's steps is worth 1e-3 Wh
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=5e-3, err_msg=name)


@pytest.mark.parametrize("level", LEVELS[1 : BEST + 1] or ["base"])
def test_horizons_agree_between_levels(results, level):
    # stored in steps of 3e-5: an angle on the edge between two may be rounded either way
    steps = np.abs(results[level]["horizon"].astype(int) - results["base"]["horizon"])
    assert steps.max() <= 1
    assert (steps > 0).mean() < 1e-3
    np.testing.assert_allclose(results[level]["view"], results["base"]["view"], atol=1e-5)


@pytest.mark.parametrize("level", LEVELS[1 : BEST + 1] or ["base"])
def test_slope_and_wetness_agree_between_levels(results, level):
    # float32: a rounding or two of 6e-8, in the wetness summed along the water's way
    for name, tolerance in {"slope": 3e-7, "aspect": 2e-6, "wetness": 1e-4}.items():
        expected, got = results["base"][name], results[level][name]
        np.testing.assert_allclose(got, expected, atol=tolerance, err_msg=name)


def test_a_level_that_is_not_there_is_refused():
    done = run("v9", code="import eemt_core._core")
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "EEMT_SIMD=v9 is no instruction set of this build and processor; set it to base" in last
