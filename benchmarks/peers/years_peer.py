"""Many years by ours and by a NumPy program that reads the same files and writes the same maps."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio

from accounts import Program

if TYPE_CHECKING:
    from many_years import Taken

MONTH, YEARS = 0.99, 0.95  # least share of the cells that must agree in a map
HERE = Path(__file__).parents[1]
BEFORE = ("tiles: terrain", "tiles: sunlight", "tiles: sums", "wetness")
"""What the peer is given: it has no part in the comparison."""


def measure(files: dict[str, Path], ours: Path, theirs: Path, taken: "Taken", aim: float) -> str:
    """Run the NumPy program, compare its maps with ours, and return a line that tells the ratio."""
    words = [files["dem"], files["climate"], files["elevation"], ours, theirs, taken.years]
    command = [sys.executable, "-m", "peers.numpy_years", *words]
    with Program(command, options={"cwd": HERE}) as program:
        peer_s = program.account().total_s
    count, share = compare(ours / "eemt", theirs / "eemt")
    parts = taken.parts_s
    given_s = sum(parts.get(name, 0.0) for name in BEFORE)
    ours_s = taken.account.total_s - given_s
    ratio = peer_s / ours_s
    met = "reached" if ratio >= aim else f"short by {100 * (1 - ratio / aim):.0f} %"
    return (
        f"NumPy and rasterio, given terrain, sun and wetness: {taken.ns(peer_s):.1f} ns a cell and"
        f" month; ours without these {taken.ns(ours_s):.1f}: {ratio:.1f} times as fast, aim"
        f" {aim:g}: {met}. {count} maps compared: {100 * share:.3f} % of their cells agree."
    )


def compare(ours: Path, theirs: Path) -> tuple[int, float]:
    """Return how many maps there are and what share of the cells agrees; raise if too few do."""
    names = sorted(path.relative_to(ours) for path in ours.rglob("*.tif"))
    assert names == sorted(path.relative_to(theirs) for path in theirs.rglob("*.tif"))
    shares = []
    for name in names:
        with rasterio.open(ours / name) as here, rasterio.open(theirs / name) as there:
            assert here.shape == there.shape
            equal = np.isclose(here.read(1), there.read(1), rtol=0.003, atol=0.01, equal_nan=True)
            shares.append(float(equal.mean()))
            # TRAD has nothing in a month whose rain only just falls short: cells near that edge may
            # stand on either side of it, and in a year each month has its own
            least = MONTH if name.parent == Path() else YEARS
            assert shares[-1] > least, f"{name}: {shares[-1]:.4f} of the cells agree"
    return len(names), float(np.mean(shares))
