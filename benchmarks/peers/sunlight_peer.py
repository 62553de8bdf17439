"""A year of sunlight by ours and by a NumPy program that reads the same DEM; how far they agree.

Ours finds the moments at which a cell comes into the light and leaves it; the NumPy program counts
a step whole or not at all. So at each of a day's two edges it is off by up to half a step either
way: a standard deviation of step / sqrt(12), and step / sqrt(6) of the day's hours. As edges move
slowly from day to day, the misses of a month may all have one sign; that many hours a day are
allowed. Light misses by less of itself, since at an edge the sun is low or grazes the slope as
often as it is high: half of that is allowed. In the mean over a map misses cancel. Terrain is the
same up to the rounding of maps; sky view has skylines that are sought between two lines of cells in
one way or another.
"""

import sys
from pathlib import Path

import numpy as np
import rasterio

from accounts import Program

from .numpy_years import LENGTHS, MONTHS

HERE = Path(__file__).parents[1]
MEAN = 0.001
"""By which share the means of two maps may differ where steps are a quarter of an hour."""

TERRAIN = {"slope.tif": 0.001, "aspect.tif": 0.001, "sky_view.tif": 0.005}
"""What root mean square of the cells' differences is allowed, as a share of the mean."""


def run(dem: Path, out: Path, step_minutes: float, bits: int, year: int) -> float:
    """Run the NumPy program and return its processor time [s]."""
    command = [sys.executable, "-m", "peers.numpy_sunlight", dem, out, step_minutes, bits, year]
    with Program(command, options={"cwd": HERE}) as program:
        return program.account().total_s


def edges_shares(ours: Path, step_minutes: float) -> dict[str, float]:
    """Return what edges may make of the hours of each month and of the year, as shares."""
    shares = {}
    for period, days in (*zip(MONTHS, LENGTHS, strict=True), ("annual", 365)):
        kind, name = ("annual", period) if period == "annual" else ("monthly", f"{period}_sum")
        with rasterio.open(ours / f"insol/{kind}/hours_sun_{name}.tif") as source:
            shares[period] = step_minutes / 60 / np.sqrt(6) * days / source.read(1).mean()
    return shares


def compare(ours: Path, theirs: Path, step_minutes: float) -> tuple[int, float]:
    """Return how many maps there are, and how far the year's totals differ (root mean square).

    Raises
    ------
    AssertionError
        If maps are missing or differ by more than they may.
    """
    names = sorted(path.relative_to(theirs) for path in theirs.rglob("*.tif"))
    wanted = [path for kind in ("global", "insol") for path in (ours / kind).rglob("*.tif")]
    assert names == sorted([*(path.relative_to(ours) for path in wanted), *map(Path, TERRAIN)])
    edges = edges_shares(ours, step_minutes)
    spreads = {}
    for name in names:
        with rasterio.open(ours / name) as here, rasterio.open(theirs / name) as there:
            one, other = here.read(1).astype(float), there.read(1).astype(float)
        miss = np.abs(other - one)
        if name.name == "aspect.tif":
            miss = np.minimum(miss, 360 - miss)
        spread = float(np.sqrt(np.mean(miss**2)) / one.mean())
        allowed = TERRAIN.get(str(name))
        if allowed is None:
            period = name.stem.removesuffix("_sum").rpartition("_")[2]
            allowed = edges[period] * (1.0 if name.parts[0] == "insol" else 0.5)
        assert spread < allowed, f"{name}: cells differ by {100 * spread:.2f} % of the mean"
        off = abs(other.mean() / one.mean() - 1)
        assert off < MEAN * step_minutes / 15, f"{name}: the means differ by {100 * off:.3f} %"
        spreads[name.name] = spread
    return len(names), spreads["total_sun_annual.tif"]
