"""Slope and aspect beside r.slope.aspect and memory; wetness beside three other programs.

Slopes are ours of four copies of the terrain, side by side, since one would stay in the caches.

Wetness is filling, D-infinity and ln(a / tan b). r.watershed makes its index without filling,
from flow to several neighbours; SAGA takes four tools; pysheds runs in this process, compiled
beforehand, in its own arrays. Programs' times hold their start, reading and writing.
"""

import importlib.util
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import saga_harness as saga
from eemt_core import water
from eemt_core.terrain._slope import slope_aspect_rad
from grass_harness import GrassProject

from .clock import Line, Seconds, ours, theirs
from .memory import beyond_caches, copy_gb_s
from .terrain import CELL_M, CRS, PROJ, Terrain

SLOPE_BYTES = 3 * 4  # elevation in, slope and aspect out


def grass(place: Terrain, rounds: int) -> tuple[Seconds, Seconds]:
    """r.slope.aspect and r.watershed (wetness alone)."""
    with GrassProject(place.elevation_m.shape, CELL_M, crs=PROJ, origin=place.origin) as project:
        z = project.put(place.elevation_m)
        maps = {"slope": "slope", "aspect": "aspect"}
        return (
            theirs(lambda: project.run("r.slope.aspect", "-e", "--o", elevation=z, **maps), rounds),
            theirs(lambda: project.run("r.watershed", "--o", elevation=z, tci="tci"), rounds),
        )


def saga_wetness(place: Terrain, rounds: int) -> Seconds:
    """Fill Sinks XXL (the faster of the two after Wang & Liu), slope, D-infinity area, TWI."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        saga.write_grid(folder / "dem", place.elevation_m, CELL_M)

        def run() -> None:
            filled = {"ELEV": "dem.sgrd", "FILLED": "filled.sgrd"}
            shape = {"SLOPE": "slope.sgrd", "ASPECT": "aspect.sgrd"}
            areas = {"FLOW": "area.sgrd", "METHOD": 3, "FLOW_UNIT": 1}  # D-infinity, m2
            index = {"SLOPE": "slope.sgrd", "AREA": "area.sgrd", "TWI": "twi.sgrd", "CONV": 1}
            saga.run(folder, "ta_preprocessor", 5, **filled)
            saga.run(folder, "ta_morphometry", 0, ELEVATION="filled.sgrd", **shape)
            saga.run(folder, "ta_hydrology", 0, ELEVATION="filled.sgrd", **areas)
            saga.run(folder, "ta_hydrology", 20, **index)

        return theirs(run, rounds)


def pysheds_wetness(place: Terrain, rounds: int) -> Seconds | None:
    """Depressions, flats, D-infinity, area, slope; None where it is not installed."""
    if importlib.util.find_spec("pysheds") is None:
        return None
    from affine import Affine
    from pyproj import Proj
    from pysheds.grid import Grid
    from pysheds.view import Raster, ViewFinder

    z, (west, south) = place.elevation_m, place.origin
    corner = Affine(CELL_M, 0, west, 0, -CELL_M, south + z.shape[0] * CELL_M)
    view = ViewFinder(affine=corner, shape=z.shape, crs=Proj(CRS), nodata=np.float32(-9999))
    grid, dem = Grid(viewfinder=view), Raster(z, viewfinder=view)

    def run() -> None:
        surface = grid.resolve_flats(grid.fill_depressions(dem))
        direction = grid.flowdir(surface, routing="dinf")
        cells = grid.accumulation(direction, routing="dinf")
        slope = grid.cell_slopes(surface, direction, routing="dinf")
        np.log(np.maximum(cells, 1) * CELL_M / np.maximum(slope, 1e-3))

    run()  # compiles
    return ours(run, rounds)


def check(place: Terrain) -> None:
    """Refuse to time an index that is not that of its own parts."""
    z = place.elevation_m
    direction, gradient = water.flow_direction_rad(water.fill_depressions(z), cell_size_m=CELL_M)
    a = water.specific_catchment_area_rad(direction, cell_size_m=CELL_M)
    index = water.topographic_wetness_index(z, cell_size_m=CELL_M, threads=1)
    # float32 sums over paths of some thousand cells
    np.testing.assert_allclose(index, np.log(a / np.maximum(gradient, 1e-3)), atol=1e-3)


def measure(place: Terrain, rounds: int) -> list[Line]:
    """Figures 4a (slope and aspect) and 4b (wetness)."""
    check(place)
    z, count = place.elevation_m, place.elevation_m.size
    large = beyond_caches(z)
    slopes = ours(lambda: slope_aspect_rad(large, cell_size_m=CELL_M, threads=1), 5 * rounds)
    wetness = ours(
        lambda: water.topographic_wetness_index(z, cell_size_m=CELL_M, threads=1), 5 * rounds
    )
    r_slope_aspect, r_watershed = grass(place, rounds)
    others = {
        "r.watershed": r_watershed,
        "SAGA": saga_wetness(place, rounds),
        "pysheds": pysheds_wetness(place, rounds),
    }
    million = 1e6 / count
    names = "; ".join(
        f"{name}: {taken.best * million:.2f} s" if taken else f"{name}: not installed"
        for name, taken in others.items()
    )
    fastest = min(taken.best for taken in others.values() if taken)
    return [
        Line(
            "4a",
            f"slope and aspect, {SLOPE_BYTES} bytes a cell; the aim is a copy's bandwidth",
            "GB/s",
            SLOPE_BYTES * large.size / slopes.best / 1e9,
            copy_gb_s(),
            f"r.slope.aspect: {count / r_slope_aspect.best / 1e6:.1f} M cells/s",
            r_slope_aspect.best / slopes.best * large.size / count,
            0,
            slopes.spread,
        ),
        Line(
            "4b",
            "filling, D-infinity and wetness of a million cells",
            "s",
            wetness.best * million,
            0.3,
            names,
            fastest / wetness.best,
            3,
            wetness.spread,
            least=False,
        ),
    ]
