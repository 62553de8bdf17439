"""Many years by ours and by NumPy programs that read the same files and write the same maps."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio

from accounts import Program

from . import sunlight_peer

if TYPE_CHECKING:
    from many_years import Taken

MONTH, YEARS = 0.99, 0.95  # least share of the cells that must agree in a map
HERE = Path(__file__).parents[1]
SUNLIGHT = ("tiles: terrain", "tiles: sunlight", "tiles: sums")
"""What the program of the years is given: it is compared by itself."""

WETNESS = "wetness"
"""What both programs are given: it has no part in the comparison."""


def measure(files: dict[str, Path], ours: Path, theirs: Path, taken: "Taken", aim: float) -> str:
    """Run the NumPy programs, compare their maps with ours, and return lines that tell the ratios.

    The program of the years takes terrain and sun from our maps, so that these, which differ by
    what time steps make of them, do not make its own maps differ; it reads as much as from its
    like.
    """
    words = [files["dem"], files["climate"], files["elevation"], ours, theirs, taken.years]
    command = [sys.executable, "-m", "peers.numpy_years", *words]
    with Program(command, options={"cwd": HERE}) as program:
        years_s = program.account().total_s
    count, share = compare(ours / "eemt", theirs / "eemt")
    parts, parameters = taken.parts_s, taken.record["parameters"]
    whole_s = taken.account.total_s - parts.get(WETNESS, 0.0)
    sun_s = sum(parts.get(name, 0.0) for name in SUNLIGHT)
    solar, bits = parameters["solar"], parameters["precision_bits"]
    assert len(solar["days"]) == 365, "the peer's days are all of a year"
    step = solar["step_minutes"]
    peer_sun_s = sunlight_peer.run(files["dem"], theirs / "sun", step, bits, solar["year"])
    sunlight_maps, spread = sunlight_peer.compare(ours, theirs / "sun", step)
    return "\n".join(
        [
            f"NumPy and rasterio, given terrain, sun and wetness: {taken.ns(years_s):.1f} ns a "
            f"cell and month; ours without these {taken.ns(whole_s - sun_s):.1f}: "
            f"{_ratio(years_s / (whole_s - sun_s), aim)}. "
            f"{count} maps compared: {100 * share:.3f} % of their cells agree.",
            f"Terrain and sunlight of a year: {1e6 * peer_sun_s / taken.cells:.1f} us a cell; "
            f"ours without start and maps {1e6 * sun_s / taken.cells:.1f}. "
            f"{sunlight_maps} maps compared: cells of the year's total differ by "
            f"{100 * spread:.2f} %.",
            f"All but the wetness index: {years_s + peer_sun_s:.1f} s; ours {whole_s:.1f} s: "
            f"{_ratio((years_s + peer_sun_s) / whole_s, aim)}.",
        ]
    )


def _ratio(ratio: float, aim: float) -> str:
    met = "reached" if ratio >= aim else f"short by {100 * (1 - ratio / aim):.0f} %"
    return f"{ratio:.1f} times as fast, aim {aim:g}: {met}"


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
