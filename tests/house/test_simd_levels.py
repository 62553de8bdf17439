"""Kernels compiled for several instruction sets give the same results."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eemt_core import _core

LEVELS = _core.processor.instruction_sets()

WORK = """
import sys
import numpy as np
from eemt_core import _core, water
from eemt_core.solar import Sun
from eemt_core.solar._irradiation import Cells, irradiate
from eemt_core.terrain._horizon_codes import horizon_codes, sky_view_of_codes
from eemt_core.terrain._slope import slope_aspect_rad

rng = np.random.default_rng(7)
dtype = np.dtype(sys.argv[2])
z = np.add.outer(300 * np.sin(np.arange(70) / 9), 200 * np.cos(np.arange(90) / 7))
z = (1500 + z + rng.normal(0, 5, z.shape)).astype(dtype)
slope, aspect = slope_aspect_rad(z, cell_size_m=30.0)
horizon = horizon_codes(z, cell_size_m=30.0, directions=36)
view = sky_view_of_codes(horizon, slope, aspect)
wetness = water.topographic_wetness_index(z, cell_size_m=30.0)
out = {"horizon": horizon, "view": view, "slope": slope, "aspect": aspect, "wetness": wetness}
# the same horizon for all levels, so that what follows is compared by itself
turn = np.arange(36)[:, None, None] / 36 * 2 * np.pi
smooth = 0.12 + 0.1 * np.sin(turn + rng.uniform(0, 6, z.shape))
fixed = np.round(32767 * smooth).astype(np.int16)
latitude = np.full(z.shape, 0.7, dtype)
for name, mode, linke, skyline in (
    ("number", "exact", 3.0, fixed),
    ("maps", "exact", np.full(z.shape, 3.3, dtype), fixed),
    ("rsun", "rsun", 3.0, fixed),
    ("open", "exact", 3.0, None),
):
    cells = Cells(z, slope, aspect, latitude, linke=linke, horizon=skyline)
    sums = irradiate(cells, Sun([1, 100, 172], mode=mode, year=2026), albedo=0.2)
    parts = (sums.beam_wh_m2, sums.diffuse_wh_m2, sums.reflected_wh_m2)
    out[name] = np.stack([*parts, sums.hours, sums.flat_beam_wh_m2])
assert _core.processor.instruction_set() == sys.argv[3]
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
    for level in LEVELS:
        path = Path(folder, f"{level}.npz")
        done = run(level, path, request.param, level)
        assert done.returncode == 0, done.stderr
        found[level] = dict(np.load(path))
    return found


@pytest.mark.parametrize("level", LEVELS[1:] or LEVELS)
def test_irradiation_agrees_between_levels(results, level):
    for name in ("number", "maps", "rsun", "open"):
        expected, got = results[LEVELS[0]][name], results[level][name]
        # 1e-6 of a sum; a moment between two float32 of a day's steps is worth 1e-3 Wh
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=5e-3, err_msg=name)


@pytest.mark.parametrize("level", LEVELS[1:] or LEVELS)
def test_horizons_agree_between_levels(results, level):
    # stored in steps of 3e-5: an angle on the edge between two may be rounded either way
    steps = np.abs(results[level]["horizon"].astype(int) - results[LEVELS[0]]["horizon"])
    assert steps.max() <= 1
    assert (steps > 0).mean() < 1e-3
    np.testing.assert_allclose(results[level]["view"], results[LEVELS[0]]["view"], atol=1e-5)


@pytest.mark.parametrize("level", LEVELS[1:] or LEVELS)
def test_slope_and_wetness_agree_between_levels(results, level):
    # float32: one or two roundings of 6e-8; in the wetness index they add up along the flow
    for name, tolerance in {"slope": 3e-7, "aspect": 2e-6, "wetness": 1e-4}.items():
        expected, got = results[LEVELS[0]][name], results[level][name]
        np.testing.assert_allclose(got, expected, atol=tolerance, err_msg=name)


def test_a_level_that_is_not_there_is_refused():
    done = run("v9", code="import eemt_core._core")
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "EEMT_SIMD=v9 is no instruction set of this build and processor; set it to base" in last
