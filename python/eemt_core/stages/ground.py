"""A tile's ground: elevation with its halo and far field, place on the Earth, slope, horizon."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._arrays import FloatArray
from ..grid import Lattice
from ..terrain import FarLevel, horizon_map, sky_view_factor, slope_aspect
from ..tiling import Window
from .recorder import Recorder

if TYPE_CHECKING:
    from ..task import Task

_TURN = 2.0 * np.pi


@dataclass(frozen=True)
class Ground:
    """What the sun and the water meet: (rows, cols) arrays of the core window's cells.

    Attributes
    ----------
    core, halo
        The windows in the whole DEM.
    elevation_m, slope_rad, aspect_rad
        float32; aspect clockwise from grid north.
    true_aspect_rad
        float32; aspect clockwise from true north, 0 where flat.
    latitude, convergence
        Lattices over the whole DEM [rad].
    """

    core: Window
    halo: Window
    elevation_m: FloatArray
    slope_rad: FloatArray
    aspect_rad: FloatArray
    true_aspect_rad: FloatArray
    latitude: Lattice
    convergence: Lattice
    threads: int


def read_ground(folder: Path, task: Task, recorder: Recorder) -> Ground:
    """Read the terrain of a task's folder; record slope and aspect."""
    core, halo = Window(*task.parameters["core"]), Window(*task.parameters["halo"])
    threads = task.resources.cores
    inner = core.relative_to(halo).slices
    with recorder.stage("slope"):
        around_m = np.load(folder / "dem.npy", mmap_mode="r")
        # one ring of cells around the core is all that a gradient sees
        ring = core.grown(1, 1, (halo.row1, halo.col1))
        cut = np.ascontiguousarray(around_m[_within(ring, halo)])
        slope, aspect = slope_aspect(cut, cell_size_m=_cell_size(task), threads=threads)
        trimmed = core.relative_to(ring).slices
        slope, aspect = slope[trimmed].copy(), aspect[trimmed].copy()
        with np.load(folder / "geometry.npz") as arrays:
            latitude = Lattice.from_arrays("latitude_rad", arrays)
            convergence = Lattice.from_arrays("convergence_rad", arrays)
        turned = (aspect + convergence.expand(*core.numbers)) % _TURN
        true_aspect = np.where(slope > 0, turned, aspect).astype(np.float32)
        recorder.save("slope", slope)
        recorder.save("aspect", true_aspect)
    return Ground(
        core=core,
        halo=halo,
        elevation_m=np.ascontiguousarray(around_m[inner]),
        slope_rad=slope,
        aspect_rad=aspect,
        true_aspect_rad=true_aspect,
        latitude=latitude,
        convergence=convergence,
        threads=threads,
    )


def read_horizon(
    folder: Path, task: Task, ground: Ground, recorder: Recorder
) -> tuple[NDArray[np.int16], FloatArray]:
    """Return the horizon of each cell and its sky-view factor; record the latter.

    r.sun's light is not refracted before it meets the terrain, so in its mode the horizon is
    not either.
    """
    solar = task.parameters["solar"]
    with recorder.stage("horizon"):
        horizon = horizon_map(
            np.load(folder / "dem.npy"),
            cell_size_m=_cell_size(task),
            window=ground.core.relative_to(ground.halo).numbers,
            directions=solar["directions"],
            anchor=(ground.halo.row0, ground.halo.col0),
            far_field=_far_field(folder),
            refraction=solar["mode"] == "exact",
            threads=ground.threads,
        )
    with recorder.stage("sky view"):
        sky_view = sky_view_factor(
            horizon, ground.slope_rad, ground.aspect_rad, threads=ground.threads
        )
        recorder.save("sky_view", sky_view)
    return horizon, sky_view


def _far_field(folder: Path) -> list[FarLevel]:
    levels = []
    with np.load(folder / "far.npz") as arrays:
        for number in range(1, len(arrays.files) // 2 + 1):
            x, y, east_m, south_m = arrays[f"{number}.place_m"].tolist()
            elevation_m = arrays[f"{number}.elevation_m"]
            levels.append(FarLevel(elevation_m, (x, y), east_m, south_m))
    return levels


def _cell_size(task: Task) -> tuple[float, float]:
    x, y = task.parameters["cell_size_m"]
    return float(x), float(y)


def _within(window: Window, outer: Window) -> Any:
    return window.relative_to(outer).slices
