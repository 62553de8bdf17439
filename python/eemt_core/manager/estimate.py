"""What a run would take, before anything is written.

Cells, tiles, maps, memory and disk come from the functions that plan a run; only the time is
reckoned here, from kernels that run for some tenths of a second on this machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from .._arrays import FloatArray
from ..blocks.codec import Codec
from ..blocks.layers import Piece, encode_layer
from ..blocks.pyramid import Pyramid
from ..calendar365 import month_groups
from ..demo import write_dem
from ..grids.grid import Grid
from ..machine import usable_cores
from ..rasters import Run, outline_dem, write_cog
from ..solar import Sun
from ..solar._landscape import DemWindow, survey
from ..solar._parameters import SolarParameters
from .maps.names import all_maps, own_maps, result_layers
from .plan.energy import chosen_variants, chosen_years
from .plan.plan import check_request, cut_tiling, settled_solar
from .plan.resources import results_and_maps_bytes, tile_resources
from .plan.staffing import makespan, staffing
from .plan.wetness import computing_mb, may_compute
from .reporter import Silent
from .request import RunRequest

_MANAGER_MB = 300
"""Of the manager: libraries, and some blocks of the maps that it places."""

_MAP_BYTES, _PICTURE_BYTES, _RECORD_BYTES = 2**16, 2**21, 2**22
"""Of a map beside its cells, of a picture, and of journal, record and logs together, at most."""

_BALANCE_DAYS = 2
"""So many days of sun does the balance of a cell, a month and a variant take the time of."""

_CHECK_S, _PICTURE_S = 1e-7, 0.7
"""To check a cell of the DEM, and to draw a picture, on common machines [s]."""

_PLACE_S = 3e-9
"""To copy a cell's share of a block on common machines [s]."""

_WETNESS_DAYS = 10
"""So many days of sun does the wetness index of a cell take the time of."""

_SAMPLE, _MARGIN, _SAMPLE_DAYS = 128, 64, 12

_BASIS: tuple[str, ...] = (
    "Cells, tiles and maps are those of the plan, from the headers of the files.",
    "Memory and disk are what the run sets aside; compressed maps take less.",
)


@dataclass(frozen=True)
class Estimate:
    """What a run would take.

    Attributes
    ----------
    rows, cols
        Of the grid that maps are made on, after a reprojection if there is one.
    tiles, tile_rows, tile_cols
        How many tiles, and the cells of the largest one's edges.
    maps, years, variants
        How many maps; the years and forms of EEMT among them.
    processes, threads
        Tasks at once on this machine, and cores of each.
    tile_memory_mb
        What the largest task declares [MB].
    memory_mb
        What the run holds on this machine at most [MB].
    peak_disk_bytes, final_disk_bytes
        Disk where the maps lie, at most: while it runs, and when it has ended.
    seconds
        From start to end on this machine, as it is used at the moment; None where the tiles go to
        other machines alone, or nothing was timed.
    core_seconds
        Of one core, for all tiles together; 0 where nothing was timed.
    basis
        Where the numbers come from, in sentences.
    """

    rows: int
    cols: int
    tiles: int
    tile_rows: int
    tile_cols: int
    maps: int
    years: tuple[str, ...]
    variants: tuple[str, ...]
    processes: int
    threads: int
    tile_memory_mb: int
    memory_mb: int
    peak_disk_bytes: int
    final_disk_bytes: int
    seconds: float | None
    core_seconds: float
    basis: tuple[str, ...]

    @property
    def cells(self) -> int:
        """Cells of the grid."""
        return self.rows * self.cols

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as plain JSON."""
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        return {"cells": self.cells, **plain}


def make_estimate(request: RunRequest, *, timed: bool = True) -> Estimate:
    """Return what a run would take; see `eemt_core.estimate`.

    Where it is not `timed`, no kernel runs, and no time is reckoned.
    """
    check_request(request)
    with ExitStack() as stack:
        path = request.dem
        if path is None:
            path = write_dem(Path(stack.enter_context(TemporaryDirectory())) / "demo.tif")
        outline = outline_dem(path, request.elevation_unit, nodata=request.nodata)
    grid, energy, solar = outline.grid, request.energy, settled_solar(request)
    variants = chosen_variants(energy) if energy else ()
    years = chosen_years(energy) if energy else ()
    needs_wetness = any(variant != "trad" for variant in variants)
    computed = request.twi is None and may_compute(grid, needed=needs_wetness, reporter=Silent())
    has_wetness = computed or request.twi is not None
    maps = all_maps(
        solar,
        wetness=has_wetness,
        variants=variants,
        years=years,
        averages=request.averages,
    )
    layers, own, bits = result_layers(maps), len(own_maps(maps)), request.precision_bits
    cut = cut_tiling(request, grid, Silent())
    largest = max(cut, key=lambda tile: tile.halo.cells)
    need = tile_resources(largest, solar=solar, layers=layers, variants=len(variants), bits=bits)
    cores = request.threads or usable_cores()
    index_mb = computing_mb(grid) if computed else 0
    sizes = [tile.core.cells for tile in cut]
    staff = staffing(cores, sizes, need.memory_mb, index_mb, needs_wetness=energy is not None)
    tiles_mb = staff.processes * need.memory_mb
    busiest = max(index_mb, tiles_mb) if staff.wetness_first else index_mb + tiles_mb

    cells = grid.rows * grid.cols
    cluster = request.cluster
    is_far = cluster is not None and not cluster.most_workers
    pictures = (9 + 2 * len(variants)) * request.pictures  # at most
    sun_days = len(solar.days) + _BALANCE_DAYS * 12 * len(years) * len(variants)
    seconds, core_s = None, 0.0
    basis = _BASIS
    if timed:
        rates = measure(solar, grid, Codec(request.compress, bits))
        per_tile_s = [
            tile.halo.cells * rates.survey_s
            + tile.core.cells * (sun_days * rates.day_s + layers * rates.encode_s)
            for tile in cut
        ]
        core_s = len(cut) * rates.start_s + sum(per_tile_s)
        index_s = cells * _WETNESS_DAYS * rates.day_s if computed else 0.0
        maps_s = own * (rates.file_s + cells * _PLACE_S)
        seconds = (
            3 * rates.start_s
            + cells * _CHECK_S
            + index_s
            + makespan(per_tile_s, staff.processes, cores, rates.start_s)
            + maps_s
            + pictures * _PICTURE_S
        )
        basis = (*_BASIS, rates.sentence)
    final = (
        results_and_maps_bytes(cells, own, bits)
        + len(maps) * _MAP_BYTES
        + _RECORD_BYTES
        + pictures * _PICTURE_BYTES
    )
    copies = cells * 4 * (2 * outline.is_made + 3 * computed + 1)  # DEM, index, coarser grids
    under_way = staff.processes * need.disk_mb * 2**20
    peak = results_and_maps_bytes(cells, layers, bits) + final + copies + under_way
    return Estimate(
        rows=grid.rows,
        cols=grid.cols,
        tiles=len(cut),
        tile_rows=cut.edge[0],
        tile_cols=cut.edge[1],
        maps=len(maps),
        years=years,
        variants=variants,
        processes=staff.processes,
        threads=staff.threads,
        tile_memory_mb=need.memory_mb,
        memory_mb=_MANAGER_MB + busiest,
        peak_disk_bytes=peak,
        final_disk_bytes=final,
        seconds=None if is_far else seconds,
        core_seconds=core_s,
        basis=basis,
    )


@dataclass(frozen=True)
class Rates:
    """Times of one core [s].

    Attributes
    ----------
    survey_s
        To survey a cell: slope, horizon, sky view.
    day_s
        Of a cell and day of sun.
    encode_s
        To encode a cell of a map.
    file_s
        To write a map, besides copying its cells.
    start_s
        Until a task's process works.
    """

    survey_s: float
    day_s: float
    encode_s: float
    file_s: float
    start_s: float

    @property
    def sentence(self) -> str:
        """The times for the user."""
        return (
            f"Time: kernels timed now on this machine took {self.survey_s * 1e9:.0f} ns for the "
            f"slope, horizon and sky view of a cell, {self.day_s * 1e9:.0f} ns for a day of "
            f"its sun, {self.encode_s * 1e9:.0f} ns to encode a cell of a map, {self.file_s:.3f} s "
            f"to write a map, and a process {self.start_s:.2f} s to start."
        )


def measure(solar: SolarParameters, grid: Grid, codec: Codec) -> Rates:
    """Time the kernels of a run on a small relief, and writing maps on corners of `grid`."""
    edge = _SAMPLE + 2 * _MARGIN
    row, col = np.mgrid[0:edge, 0:edge]
    elevation = (1000 + 150 * np.sin(row / 9) * np.cos(col / 13)).astype(np.float32)
    window = (_MARGIN, _MARGIN, _SAMPLE, _SAMPLE)
    dem = DemWindow(elevation, 30.0, latitude_rad=0.7, window=window)
    linke = solar.linke or (3.0,)
    started = time.perf_counter()
    landscape = survey(
        dem,
        shadows=solar.shadows,
        directions=solar.directions,
        linke=linke[0] if len(linke) == 1 else list(linke),
        mode="rsun" if solar.mode == "rsun" else "exact",
        threads=1,
    )
    surveyed = time.perf_counter()
    days = solar.days[:: max(1, len(solar.days) // _SAMPLE_DAYS)]
    groups = None if solar.daily else month_groups(days)[1]
    sun = Sun(
        days,
        groups=groups,
        year=solar.sun_year,
        step_minutes=solar.step_minutes,
        mode=landscape.mode,
    )
    landscape.irradiation(sun, albedo=solar.albedo, threads=1)
    lit = time.perf_counter()
    return Rates(
        (surveyed - started) / elevation.size,
        (lit - surveyed) / (_SAMPLE**2 * len(days)),
        *_times_of_maps(grid, elevation, codec),
        _time_of_a_start(),
    )


def _times_of_maps(grid: Grid, cells: FloatArray, codec: Codec) -> tuple[float, float]:
    """Return the time that encoding a cell takes, and writing a small map."""
    rows, cols = cells.shape
    pyramid = Pyramid(rows, cols, _SAMPLE)
    piece = Piece(0, 0, rows, cols, pyramid, pyramid.levels)
    took: list[float] = []
    with TemporaryDirectory() as folder:
        for number in range(2):  # the first one loads GDAL's parts as well
            blocks = Path(folder) / f"{number}.blocks"
            started = time.perf_counter()
            layer = encode_layer(cells, piece, codec)
            encoded = time.perf_counter()
            blocks.write_bytes(b"".join(layer.blocks[0]))
            lengths = np.array([len(block) for block in layer.blocks[0]])
            run = Run(blocks, 0, 0, 0, *pyramid.blocks(0), lengths)
            write_cog(
                Path(folder) / f"{number}.tif",
                grid.window(0, 0, rows, cols),
                pyramid=pyramid,
                codec=codec,
                levels=[[run]],
                description="sample",
                units="m",
            )
            took += [encoded - started, time.perf_counter() - encoded]
    return took[2] / cells.size, took[3]


def _time_of_a_start() -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-P", "-c", "import eemt_core.tiles.tile"], check=True, env=os.environ
    )
    return time.perf_counter() - started
