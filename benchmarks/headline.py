"""The headline: 40 million cells of mountains, a year of days in steps of 3 minutes, two cores.

    .venv/bin/python benchmarks/headline.py [--days 1-365] [--rows 6400 --cols 6250] [--keep FOLDER]

Makes a DEM of 160 MB (`mountains.py`), runs `eemt-run --workflow sol` on it with two threads and
prints what that took: time on the wall, stages, cell-days, memory. The first EEMT workflow took
6,400 core-hours for the same (Swetnam et al. 2016).
"""

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from mountains import write_mountains
from stages import maps_share
from watch import PROGRAM, watched

THEIR_CORE_HOURS = 6400
AIM_MINUTES = 20


def main() -> None:
    """Make the DEM, run, print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--rows", type=int, default=6400)
    options.add_argument("--cols", type=int, default=6250)
    options.add_argument("--days", default="1-365")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument(
        "--keep", type=Path, help="folder for DEM and maps; by default a passing one"
    )
    chosen = options.parse_args()
    if chosen.keep is not None:
        chosen.keep.mkdir(parents=True, exist_ok=True)
        measure(chosen.keep, chosen)
    else:
        with TemporaryDirectory(prefix="eemt-headline-") as folder:
            measure(Path(folder), chosen)


def measure(folder: Path, chosen: argparse.Namespace) -> None:
    """Run in a folder and print."""
    dem, out = folder / "mountains.tif", folder / "maps"
    if not dem.exists():
        write_mountains(dem, chosen.rows, chosen.cols)
    words = f"--workflow sol --step 3 --no-pictures --days {chosen.days} --threads {chosen.threads}"
    print(f"eemt-run {dem} -o {out} {words}", flush=True)
    taken = watched([*PROGRAM, dem, "-o", out, *words.split(), "--overwrite"])
    record = json.loads((out / "run.json").read_text())
    days = len(record["parameters"]["solar"]["days"])
    cells = chosen.rows * chosen.cols
    tiles = record["tiles"]
    print(f"{cells:,} cells, {days} days: {taken.wall_s / 60:.1f} minutes on the wall")
    if days == 365:
        hours = chosen.threads * taken.wall_s / 3600
        share = f"a {THEIR_CORE_HOURS / hours:,.0f}th of {THEIR_CORE_HOURS:,}"
        print(f"  aim {AIM_MINUTES} minutes; {hours:.2f} core-hours, {share}")
    print(f"  {cells * days / taken.wall_s / 1e6:.2f} M cell-days/s")
    print("  stages [s]: " + ", ".join(f"{k} {v:.1f}" for k, v in record["seconds"].items()))
    print("  in tiles [s]: " + ", ".join(f"{k} {v:.1f}" for k, v in tiles["stage_seconds"].items()))
    print(f"  encoding and writing maps: {100 * maps_share(out):.1f} %")
    print(
        f"  {tiles['count']} tiles; peak memory {taken.peak_bytes / 2**20:.0f} MB, of one tile"
        f" {tiles['peak_memory_mb']} MB"
    )


if __name__ == "__main__":
    main()
