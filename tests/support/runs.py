"""Small runs for tests: DEMs, requests, task folders, the real program."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import rasterio

from eemt_core.grids import pyramid
from eemt_core.manager.folder import OutFolder
from eemt_core.manager.inputs.tile_inputs import TileInputs
from eemt_core.manager.plan.plan import make_plan
from eemt_core.manager.reporter import Silent
from eemt_core.manager.request import RunRequest
from eemt_core.rasters import read_window
from eemt_core.solar._parameters import SolarParameters
from eemt_core.tiles.task import Resources
from geotiffs import write_geotiff
from oracles.relief import relief

PROGRAM = [sys.executable, "-c", "from eemt_core.cli.run import main; main()"]
QUICK_SUN = {"step_minutes": 60.0, "directions": 8}
"""For a `request` of which the sun is not looked at."""


def mountains(shape, *, seed=5, roughness=3.5, height_m=300.0):
    """Relief as steep as real mountains: smooth at the scale of a cell."""
    return relief(shape, seed, roughness=roughness, height_m=height_m, dtype=np.float32)


def mountains_with_gaps(shape):
    """Mountains of which some cells have no value, and one has it without neighbours."""
    ground = mountains(shape)
    ground[3:9, 40:50] = ground[20, 20] = np.nan
    ground[30:45, 30:45] = np.nan
    ground[37, 37] = 1000.0
    return ground


def write_dem(path, elevation_m, **options):
    """Write elevations as a GeoTIFF of 10 m cells in UTM zone 13 north."""
    return write_geotiff(path, elevation_m.astype(np.float32), **options)


def request(dem, out, *, days=(172,), tile_cells=None, halo_cells=256, solar=None, **options):
    """A run of few days with a step that is quick, whose maps keep all bits, and no pictures."""
    solar = SolarParameters(**{"days": tuple(days), "step_minutes": 30.0, **(solar or {})})
    return RunRequest(
        dem=dem,
        out=out,
        solar=solar,
        tile_cells=tile_cells,
        halo_cells=halo_cells,
        pictures=False,
        **{"precision": "full", **options},
    )


def task_folders(asked, folder, *, cores=1):
    """Plan a run and write the folders of all its tiles below `folder`; return their paths."""
    out = OutFolder(asked.out)
    out.open(overwrite=False, resume=False)
    try:
        out.make_folders()
        plan = make_plan(asked, out, Silent())
        levels = pyramid.levels_needed(*plan.grid.shape, plan.tiling.halo_cells)
        coarse = pyramid.build(
            lambda window: read_window(plan.dem.path, *window.numbers),
            *plan.grid.shape,
            cell_size_m=plan.grid.cell_size_m,
            levels=levels,
            folder=Path(folder) / "pyramid",
        )
        paths = []
        Path(folder).mkdir(parents=True, exist_ok=True)
        with closing(TileInputs(plan, coarse)) as inputs:
            for tile in plan.tiling:
                paths.append(Path(folder) / tile.name)
                inputs.write(tile, paths[-1], Resources(cores, 1000, 100))
        return paths
    finally:
        out.close()


def eemt_run(*arguments, env=None, **options):
    """Run the program and wait for it."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **(env or {})},
        **options,
    )


def start_eemt_run(*arguments):
    """Start the program in a session of its own, as a terminal would.

    With the terminal's Ctrl-C too: tests that were started in the background ignore it, and
    what they start would do so after them.
    """
    python, _, program = PROGRAM
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    return subprocess.Popen(
        [python, "-c", f"{listening}; {program}", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def maps_of(out):
    """Cells of all maps in a folder by their names; what begins with a dot is no map yet."""
    found = {}
    for name in _names_of(out):
        with rasterio.open(Path(out, name)) as source:
            found[name] = source.read(1)
    return found


def _names_of(out):
    paths = []
    for folder, below, names in os.walk(out):
        below[:] = [name for name in below if not name.startswith(".")]  # where others still work
        maps = [n for n in names if n.endswith((".tif", ".vrt")) and not n.startswith(".")]
        paths += [Path(folder, n).relative_to(out).as_posix() for n in maps]
    return sorted(paths)


def assert_same_maps(left, right):
    """Every map of both folders has the same cells, bit by bit."""
    one, other = maps_of(left), maps_of(right)
    assert one.keys() == other.keys()
    for name, values in one.items():
        assert values.tobytes() == other[name].tobytes(), name


def files_of(out):
    """Contents of the files of all maps in a folder, by their names."""
    return {name: (out / name).read_bytes() for name in _names_of(out)}


def assert_same_files(left, right):
    """Every map of both folders is the same file, byte by byte."""
    one, other = files_of(left), files_of(right)
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []
