"""A task leaves the same bytes on old and new processors, and is refused by those that lack it.

The old ones are emulated: programs find no other instructions there, neither the kernels nor the
mathematical library nor numpy.
"""

import os
import shutil
import subprocess
import sys

import pytest
from affine import Affine

from eemt_core import instruction_set
from eemt_core.files import read_json
from eemt_core.tiles import contract
from geotiffs import write_geotiff
from runs import mountains
from tile_tasks import tile_task

AVAILABLE = instruction_set.available()
# the first processors with x86-64-v2, and those with AVX2
OLD = {"base": "Nehalem", "v3": "Haswell"}
LEVELS = [level for level in AVAILABLE if level in OLD]
EXPORT = """
from pathlib import Path
from eemt_core.manager.export import export_tiles
from eemt_core.manager.reporter import Silent
from eemt_core.manager.request import RunRequest
dem, folder = map(Path, sys.argv[1:])
cut = {"tile_cells": 64, "halo_cells": 64, "threads": 1, "instruction_set": "base"}
export_tiles(RunRequest(dem, Path("unused"), **cut), folder, Silent())
"""


def run(folder, *prefix, **variables):
    """Run the task in a folder as a worker would."""
    return subprocess.run(
        [*prefix, sys.executable, "-m", "eemt_core.tiles", folder],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=600,
    )


def cells(folder):
    return (folder / contract.BLOCKS_FILE).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_an_old_processor_leaves_the_bytes_of_this_one(level, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    tile_task(here, level=level)
    shutil.copytree(here, there)
    done = run(here)
    assert done.returncode == 0, done.stderr
    done = run(there, "qemu-x86_64", "-cpu", OLD[level])
    assert done.returncode == 0, done.stderr
    assert cells(there) == cells(here)


@pytest.mark.slow
def test_an_old_processor_cuts_the_same_inputs(tmp_path):
    """Of a DEM that is reprojected, with far fields and the wetness index of the whole."""
    dem = write_geotiff(
        tmp_path / "dem.tif",
        mountains((110, 140)),
        crs="EPSG:4326",
        transform=Affine(1 / 3600, 0, -105.5, 0, -1 / 3600, 40.2),
    )
    old = tmp_path / "python"
    old.write_text(f'#!/bin/sh\nexec qemu-x86_64 -cpu {OLD["base"]} {sys.executable} "$@"\n')
    old.chmod(0o755)
    cut = {}
    for python in (sys.executable, str(old)):
        # tasks of its own are emulated as well
        code = f"import sys; sys.executable = {python!r}; {EXPORT}"
        folder = tmp_path / f"exported {len(cut)}"
        done = subprocess.run(
            [python, "-c", code, dem, folder],
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
        files = [*folder.glob("tiles/*/*"), folder / "wetness" / contract.ARRAYS_FILE]
        cut[python] = {file.relative_to(folder): file.read_bytes() for file in files}
    here, there = cut.values()
    assert len(here) > 20
    assert here == there


@pytest.mark.parametrize("level", AVAILABLE)
def test_a_task_runs_on_its_instruction_set_where_there_are_better_ones(level, tmp_path):
    folder = tmp_path / "tile"
    tile_task(folder, level=level)
    done = run(folder)
    assert done.returncode == 0, done.stderr
    assert read_json(folder / contract.RESULT_FILE)["instruction_set"] == level


def test_a_processor_that_lacks_it_refuses_the_task(tmp_path):
    folder = tmp_path / "tile"
    tile_task(folder, level="v4")
    done = run(folder, EEMT_SIMD=AVAILABLE[0])
    assert done.returncode == 5
    sentence, _ = contract.read_error(folder)
    assert sentence == (
        "the run computes with instruction set v4 (x86-64-v4, with AVX-512), which this processor "
        f"lacks; it has {AVAILABLE[0]}: leave such machines out, or begin the run with "
        f"<<instruction_set={AVAILABLE[0]}>>"
    )
    assert not (folder / contract.RESULT_FILE).exists()


def test_levels_leave_different_bytes(tmp_path):
    """Otherwise the tests above would hold nothing."""
    left = []
    for level in (AVAILABLE[0], AVAILABLE[-1]):
        tile_task(tmp_path / level, level=level)
        assert run(tmp_path / level).returncode == 0
        left.append(cells(tmp_path / level))
    assert (left[0] != left[1]) == (len(AVAILABLE) > 1)
