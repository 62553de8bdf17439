"""The hillshade of a run, from its maps of slope and aspect.

Those are what the run's own functions found in its DEM, neighbours beyond each tile included; the
DEM itself may be gone, or may lie in another projection. Directions cannot be averaged for small
scales but brightness can, so it is computed once, into a file with overviews beside the maps.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import EemtError, ResourceError
from ...machine import free_disk_mb
from ...quicklook.canvas import brightness, relief_stretch
from ...rasters import Block, WindowReader, read_overview, write_map
from .record import RunRecord

HIGHEST = 2.0**0.5
"""Brightness of a cell that faces the light; flat ground has 1."""

SLOPE_FILE, ASPECT_FILE = "slope.tif", "aspect.tif"

_SIDE, _SIGHT = 1024, 1024
_STEPS = 128
"""Of brightness, per 1: enough for a grey of 8 bits, and few digits compress well."""

_BYTES_PER_CELL = 12
"""While it is written: an uncompressed file, the compressed one, and the overviews of both."""


class StoppedError(EemtError):
    """The hillshade is no longer wanted."""


def stopped() -> StoppedError:
    """Return what those get who wait for a hillshade that is no longer wanted."""
    return StoppedError("the job has been removed", remedy="see the list of jobs")


def write_hillshade(record: RunRecord, stop: threading.Event, least_free_mb: int) -> None:
    """Write the brightness of each cell as a map; it appears whole or not at all.

    Parameters
    ----------
    stop
        Ends the work when it is set.
    least_free_mb
        Disk that must stay free [MiB].

    Raises
    ------
    ResourceError
        If there is too little disk.
    InputError
        If slope or aspect cannot be read.
    StoppedError
        If it was stopped.
    """
    grid, target = record.grid, record.hillshade
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    needed_mb = grid.rows * grid.cols * _BYTES_PER_CELL // 2**20
    if free_disk_mb(target.parent) - needed_mb < least_free_mb:
        raise ResourceError(
            f"the hillshade needs {needed_mb} MB of disk, and {least_free_mb} MB must stay free",
            remedy="remove old jobs",
        )
    write_map(
        target,
        grid,
        _blocks(record, stop),
        description="Brightness of the terrain, light from the north-west",
        units="1",
    )


def _blocks(record: RunRecord, stop: threading.Event) -> Iterator[Block]:
    paths = [record.folder / name for name in (SLOPE_FILE, ASPECT_FILE)]
    stretch = _stretch(paths[0])
    slope, aspect = map(WindowReader, paths)
    try:
        for row0 in range(0, record.grid.rows, _SIDE):
            for col0 in range(0, record.grid.cols, _SIDE):
                if stop.is_set():
                    raise stopped()
                shape = min(_SIDE, record.grid.rows - row0), min(_SIDE, record.grid.cols - col0)
                yield (
                    row0,
                    col0,
                    _light(
                        slope.read(row0, col0, *shape), aspect.read(row0, col0, *shape), stretch
                    ),
                )
    finally:
        slope.close()
        aspect.close()


def _stretch(slope_path: Path) -> float:
    slope_deg, _ = read_overview(slope_path, _SIGHT)
    steep = np.tan(np.radians(slope_deg))
    if not np.isfinite(steep).any() or np.nanmax(steep) == 0:
        return 1.0
    return relief_stretch(steep)


def _light(
    slope_deg: NDArray[np.float32], aspect_deg: NDArray[np.float32], stretch: float
) -> NDArray[np.float32]:
    """Return the brightness of cells; a slope falls towards its aspect."""
    steep, aspect_rad = np.tan(np.radians(slope_deg)) * stretch, np.radians(aspect_deg)
    south, east = steep * np.cos(aspect_rad), -steep * np.sin(aspect_rad)
    light = brightness(south.astype(np.float32), east.astype(np.float32))
    return (np.rint(light * _STEPS) / _STEPS).astype(np.float32)
