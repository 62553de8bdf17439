"""What a run holds of memory, per cell of a tile and when the DEM grows a hundredfold.

`eemt-run` on made mountains (`mountains.py`), one task at a time; every tenth of a second the
resident memory of all its processes is summed, a shared page once. A year in tiles of the usual
size tells the bytes per tile cell. The growth is that from a small to a large DEM, in small tiles,
with one day and few directions, so that it takes minutes; it is judged as a share of the former.
The wetness index is left out by giving the DEM in its place: it is the one map that no tile can
make, and takes 20 bytes for each cell of the DEM where it is computed.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mountains import write_mountains
from peers.terrain import Terrain
from watch import PROGRAM, Watched, watched

TILE = 1024
SMALL_TILE = 256
SIDE, GROWTH = 3 * SMALL_TILE, 10  # three tiles by three: the middle one has a whole halo
AIM_PERCENT = 5  # growth that we still call constant


@dataclass(frozen=True)
class Held:
    """The lines of the table: a year's memory, and its growth with the DEM."""

    year: Watched
    small: Watched
    large: Watched

    def row(self) -> str:
        """Two lines in Markdown."""
        cell = self.year.peak_bytes / TILE**2
        grown_bytes = self.large.peak_bytes - self.small.peak_bytes
        grown = 100 * grown_bytes / self.year.peak_bytes
        verdict = "reached" if grown <= AIM_PERCENT else f"missed by {grown - AIM_PERCENT:.0f} %"
        year, small, large = (
            f"{w.peak_bytes / 2**20:.0f} MB" for w in (self.year, self.small, self.large)
        )
        cells = [side**2 / 1e6 for side in (SIDE, SIDE * GROWTH)]
        judged = f"{grown:+.0f} % of 7a, aim at most +{AIM_PERCENT} %: {verdict}"
        return (
            f"| 7a | resident memory, 365 days, tiles of {TILE} x {TILE} cells, one at a time |"
            f" {cell:,.0f} bytes per tile cell, programs included | {year} in all | | |\n"
            f"| 7b | growth from a DEM of {cells[0]:.1f} to {cells[1]:.0f} million cells,"
            f" one day in 8 directions | {grown_bytes / 2**20:+.0f} MB, {judged} |"
            f" from {small} to {large} | | |"
        )


def measure(_: Terrain, __: int) -> list[Held]:
    """Figure 7, on terrain of its own; memory needs no rounds."""
    with TemporaryDirectory(prefix="eemt-memory-") as name:
        folder = Path(name)
        small = write_mountains(folder / "small.tif", SIDE, SIDE)
        large = write_mountains(folder / "large.tif", SIDE * GROWTH, SIDE * GROWTH)
        usual = write_mountains(folder / "usual.tif", 2 * TILE, 2 * TILE)
        few = ("--tile-size", str(SMALL_TILE), "--days", "172", "--directions", "8")
        return [Held(run(usual, folder), run(small, folder, *few), run(large, folder, *few))]


def run(dem: Path, folder: Path, *options: str) -> Watched:
    """Run the command on a DEM; its maps go into the folder."""
    always = ("--workflow", "sol", "--no-pictures", "--quiet", "--step", "60", "--threads", "1")
    return watched(
        [*PROGRAM, dem, "-o", folder / "maps", *always, "--twi", dem, "--overwrite", *options]
    )
