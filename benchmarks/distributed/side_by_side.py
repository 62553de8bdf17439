"""What the way over Work Queue costs: the same run on local processes and on local workers.

    python -m distributed.side_by_side [ROUNDS]      (in benchmarks/)

64 tiles of 512 x 512 cells, a year of sunlight in steps of 15 minutes with shadows; once on two
processes of the local engine, once on two workers of one core each on the same machine, by turns.
Time on the wall of the whole command; beside it that of its tiles alone, from ``run.json``.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from mountains import write_mountains
from watch import PROGRAM

EDGE, ACROSS = 512, 8
ROUNDS = 3
AIM_PERCENT = 5
OPTIONS = ("--workflow", "sol", "--tile-size", str(EDGE), "--no-pictures", "--quiet")
WAYS = {
    "local engine, 2 processes": ("--threads", "2"),
    "Work Queue, 2 workers of 1 core": ("--threads", "2", "--workers", "2"),
}


@dataclass
class Times:
    """Seconds of each round."""

    whole: list[float] = field(default_factory=list)
    tiles: list[float] = field(default_factory=list)


def main(rounds: int) -> None:
    """Measure and print a table."""
    times = {way: Times() for way in WAYS}
    with TemporaryDirectory(prefix="eemt-side-by-side-") as name:
        dem = write_mountains(Path(name, "dem.tif"), EDGE * ACROSS, EDGE * ACROSS)
        out = Path(name, "out")
        for _ in range(rounds):
            for way, options in WAYS.items():
                subprocess.run(["sync"], check=True)
                start = time.perf_counter()
                command = [*PROGRAM, dem, "-o", out, *OPTIONS, *options, "--overwrite"]
                subprocess.run(list(map(str, command)), check=True)
                times[way].whole.append(time.perf_counter() - start)
                record = json.loads((out / "run.json").read_text())
                times[way].tiles.append(record["seconds"]["tiles"])
    local, queue = times.values()
    print("| way | whole command [s] | its tiles alone [s] |\n|---|---|---|")
    for way, taken in times.items():
        print(f"| {way} | {_list(taken.whole)} | {_list(taken.tiles)} |")
    # pairs of one round had the same neighbours on the machine
    whole, tiles = _cost(queue.whole, local.whole), _cost(queue.tiles, local.tiles)
    reached = "reached" if whole <= AIM_PERCENT else f"missed by {whole - AIM_PERCENT:.1f} points"
    print(
        f"\nWork Queue costs {whole:+.1f} % of the whole command, {tiles:+.1f} % of its tiles "
        f"(medians of {rounds} rounds); aim at most {AIM_PERCENT} %: {reached}"
    )


def _cost(ours: list[float], theirs: list[float]) -> float:
    """Return by how much we take longer [%], the median of all rounds."""
    return 100 * (median(a / b for a, b in zip(ours, theirs, strict=True)) - 1)


def _list(seconds: list[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in seconds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
