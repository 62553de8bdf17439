"""What `threads.py` times: every kernel that takes threads, what limits all of them, the command.

Terrain is that of `mountains.py`. Inputs are made before the clock runs; results get new memory
each time, as they do in a run.
"""

import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

import mountains
from eemt_core import solar, water
from eemt_core.solar._irradiation import Cells, irradiate
from eemt_core.terrain._horizon_codes import horizon_codes, sky_view_of_codes
from eemt_core.terrain._slope import slope_aspect_rad
from peers.memory import beyond_caches
from suite.energy import RANGES, VARIANTS, month
from watch import PROGRAM

CELL_M = mountains.CELL_M
LATITUDE_RAD = float(np.radians(40.0))
DAYS = range(1, 366)
BLOCK = 64
BLOCKS = 64
COPIED_BYTES = 2**28
COMMAND = ("--workflow", "sol", "--step", "30", "--no-pictures", "--quiet")


@dataclass(frozen=True)
class Answer:
    """What a call gave, to be compared, and how long its stages took [s] where it tells."""

    parts: Callable[[], Iterable[bytes | NDArray]]
    stages: Mapping[str, float] = field(default_factory=dict)


Call = Callable[[int], Answer]
"""Does the work with so many threads."""


@dataclass(frozen=True)
class Work:
    """One line of the table."""

    name: str
    prepare: Callable[[], Call]
    gigabytes: float = 0.0  # of all rasters read and written once, where memory may be the limit
    takes_threads: bool = True


def works(edge: int, folder: Path) -> list[Work]:
    """All of it on `edge` x `edge` cells.

    Years and horizons take a quarter of them, what streams through memory four times as many.
    """
    half, double = edge // 2, 4 * edge**2 / 1e9
    million, quarter = f"{edge**2 / 1e6:.1f} M cells", f"{half**2 / 1e6:.1f} M cells"
    streamed = f"{4 * edge**2 / 1e6:.1f} M cells"
    return [
        Work(f"irradiation of {BLOCKS} blocks, each a call of its own thread", _blocks),
        Work("copy", partial(_copy, new=False), 2 * COPIED_BYTES / 1e9),
        Work("copy into new memory", partial(_copy, new=True), 2 * COPIED_BYTES / 1e9),
        Work(f"irradiation, shadows, 365 days, {quarter}", partial(_irradiation, half)),
        Work(f"horizons in 72 directions, {quarter}", partial(_horizons, half)),
        Work(f"sky view, {quarter}", partial(_sky_view, half), (72 * 2 + 12) * half**2 / 1e9),
        Work(f"slope and aspect, {streamed}", partial(_slopes, edge), 12 * double),
        *(
            Work(
                f"EEMT_{variant.upper().replace('_', '-')}, a month, {streamed}",
                partial(_month, variant, edge),
                4 * (len(RANGES[variant]) + 2) * double,
            )
            for variant in RANGES
        ),
        Work(f"filling, {million}", partial(_filling, edge), takes_threads=False),
        Work(f"D-infinity, {million}", partial(_directions, edge)),
        Work(f"catchment areas, {million}", partial(_areas, edge), takes_threads=False),
        Work(f"wetness index, all of it, {million}", partial(_wetness, edge)),
        Work(f"eemt-run, 365 days, {million}", partial(_command, edge, folder)),
    ]


@cache
def _terrain(edge: int) -> NDArray[np.float32]:
    return mountains.elevation_m(0, 0, edge, edge)


def _given(*arrays: NDArray) -> Answer:
    return Answer(lambda: arrays)


def _blocks() -> Call:
    """What the processors give where threads share nothing: a call has one block in its cache."""
    corners = [mountains.elevation_m(BLOCK * n, 0, BLOCK, BLOCK) for n in range(BLOCKS)]
    blocks = [_surveyed(corner, threads=1) for corner in corners]
    pools: dict[int, ThreadPoolExecutor] = {}

    def one(block: Cells) -> NDArray:
        # a year in one sum: what is kept of it is small
        return _light(block, [0] * len(DAYS), threads=1).beam_wh_m2

    def call(threads: int) -> Answer:
        pool = pools.setdefault(threads, ThreadPoolExecutor(threads))
        return _given(*pool.map(one, blocks))

    return call


def _copy(new: bool) -> Call:
    source = np.ones(COPIED_BYTES, np.uint8)
    there = np.zeros_like(source)
    pools: dict[int, ThreadPoolExecutor] = {}

    def call(threads: int) -> Answer:
        target = np.empty_like(source) if new else there
        pool = pools.setdefault(threads, ThreadPoolExecutor(threads))
        shares = zip(np.array_split(target, threads), np.array_split(source, threads), strict=True)
        list(pool.map(lambda share: np.copyto(*share), shares))
        return _given(target)

    return call


def _light(cells: Cells, groups: list[int] | Literal["months"], threads: int) -> solar.Irradiation:
    sun = solar.Sun(DAYS, groups=groups, step_minutes=30.0)
    return irradiate(cells, sun, albedo=0.2, block=BLOCK, threads=threads)


@cache
def _ground(edge: int) -> Cells:
    return _surveyed(_terrain(edge))


def _surveyed(z: NDArray[np.float32], threads: int = 0) -> Cells:
    slope, aspect = slope_aspect_rad(z, cell_size_m=CELL_M, threads=threads)
    horizon = horizon_codes(z, cell_size_m=CELL_M, threads=threads)
    view = sky_view_of_codes(horizon, slope, aspect, threads=threads)
    latitude = np.full_like(z, LATITUDE_RAD)
    return Cells(z, slope, aspect, latitude, horizon=horizon, sky_view=view)


def _irradiation(edge: int) -> Call:
    ground = _ground(edge)

    def call(threads: int) -> Answer:
        sums = _light(ground, "months", threads)
        return _given(sums.beam_wh_m2, sums.diffuse_wh_m2, sums.reflected_wh_m2, sums.hours)

    return call


def _horizons(edge: int) -> Call:
    z = _terrain(edge)
    return lambda n: _given(horizon_codes(z, cell_size_m=CELL_M, threads=n))


def _sky_view(edge: int) -> Call:
    g = _ground(edge)
    return lambda n: _given(sky_view_of_codes(g.horizon, g.slope_rad, g.aspect_rad, threads=n))


def _slopes(edge: int) -> Call:
    z = beyond_caches(_terrain(edge))
    return lambda n: _given(*slope_aspect_rad(z, cell_size_m=CELL_M, threads=n))


def _month(variant: str, edge: int) -> Call:
    cells = {k: beyond_caches(v) for k, v in month(variant, (edge, edge), np.float32).items()}

    def call(threads: int) -> Answer:
        terms = VARIANTS[variant](cells, days=31, threads=threads)
        return _given(terms.e_bio_mj_m2, terms.e_ppt_mj_m2)

    return call


def _filling(edge: int) -> Call:
    z = _terrain(edge)
    return lambda n: _given(water.fill_depressions(z))


def _directions(edge: int) -> Call:
    filled = water.fill_depressions(_terrain(edge))
    return lambda n: _given(*water.flow_direction_rad(filled, cell_size_m=CELL_M, threads=n))


def _areas(edge: int) -> Call:
    filled = water.fill_depressions(_terrain(edge))
    direction, _ = water.flow_direction_rad(filled, cell_size_m=CELL_M)
    return lambda n: _given(water.specific_catchment_area_rad(direction, cell_size_m=CELL_M))


def _wetness(edge: int) -> Call:
    z = _terrain(edge)
    return lambda n: _given(water.topographic_wetness_index(z, cell_size_m=CELL_M, threads=n))


def _command(edge: int, folder: Path) -> Call:
    dem, out = mountains.write_mountains(folder / "dem.tif", edge, edge), folder / "out"

    def call(threads: int) -> Answer:
        options = (*COMMAND, "--threads", str(threads), "--overwrite")
        subprocess.run([*PROGRAM, dem, "-o", out, *options], check=True)
        seconds = json.loads((out / "run.json").read_text())["seconds"]
        maps = sorted(out.rglob("*.tif"))
        return Answer(lambda: (path.read_bytes() for path in maps), seconds)

    return call
