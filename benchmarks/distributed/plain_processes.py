"""What tiles without a manager cost: the same run exported, computed by plain processes, collected.

    python -m distributed.plain_processes [ROUNDS [TILES_ACROSS]]      (in benchmarks/)

64 tiles of 512 x 512 cells, a year of sunlight in steps of 15 minutes with shadows; by the local
engine on two processes, and by ``xargs -P 2`` over `eemt-tile`, a process for each tile and one for
four, by turns. All of every way counts, from the DEM to the maps: the export and the collection
too. Times of the processor, of all processes of a way together; beside them those on the wall,
which other programs disturb more.
"""

import os
import shutil
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
AIM_PERCENT = 3
PROCESSES = "2"
OPTIONS = ("--workflow", "sol", "--tile-size", str(EDGE), "--threads", PROCESSES)
QUIET = ("--no-pictures", "--quiet", "--overwrite")
TILE = (sys.executable, "-c", "from eemt_core.cli.tile import main; main()")
LOCAL, EXPORT, COLLECT = "local engine, 2 processes", "export", "collect"
TILES = {"tiles, a process for each": 1, "tiles, a process for four": 4}


@dataclass
class Times:
    """Seconds of a command in each round."""

    processor: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)


def main(rounds: int, across: int) -> None:
    """Measure and print a table."""
    times = {name: Times() for name in (LOCAL, EXPORT, *TILES, COLLECT)}
    with TemporaryDirectory(prefix="eemt-plain-processes-") as name:
        home = Path(name)
        dem = write_mountains(home / "dem.tif", EDGE * across, EDGE * across)
        exported = home / "exported"
        run = [*PROGRAM, dem, *OPTIONS, *QUIET, "-o"]
        tiles = ["xargs", "-a", exported / "tiles.txt", "-P", PROCESSES, "-n"]
        for _ in range(rounds):
            _take(times[LOCAL], [*run, home / "local"])
            _take(times[EXPORT], [*run, home / "collected", "--export-tiles", exported])
            for way, count in TILES.items():
                for result in (exported / "results").iterdir():
                    shutil.rmtree(result)
                _take(times[way], [*tiles, count, *TILE, exported])
            _take(times[COLLECT], [*run, home / "collected", "--collect", exported])
    print("| command | processor [s] | wall [s] |\n|---|---|---|")
    for name, taken in times.items():
        print(f"| {name} | {_list(taken.processor)} | {_list(taken.wall)} |")
    print()
    for way in TILES:
        plain = [times[name] for name in (EXPORT, way, COLLECT)]
        processor = _cost([taken.processor for taken in plain], times[LOCAL].processor)
        wall = _cost([taken.wall for taken in plain], times[LOCAL].wall)
        over = processor - AIM_PERCENT
        reached = "reached" if over <= 0 else f"missed by {over:.1f} points"
        print(
            f"{way}: {processor:+.1f} % of the processor's time, {wall:+.1f} % on the wall "
            f"({across**2} tiles, medians of {rounds} rounds); aim at most {AIM_PERCENT} %: "
            f"{reached}"
        )


def _take(times: Times, command: list[object]) -> None:
    """Run a command to its end and account what it and all that it started took."""
    os.sync()  # what the one before wrote is not its
    before, start = os.times(), time.perf_counter()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    times.wall.append(time.perf_counter() - start)
    after = os.times()
    times.processor.append(
        after.children_user + after.children_system - before.children_user - before.children_system
    )


def _cost(parts: list[list[float]], whole: list[float]) -> float:
    """Return by how much the parts together take longer [%], the median of all rounds."""
    return 100 * (
        median(sum(ours) / theirs for *ours, theirs in zip(*parts, whole, strict=True)) - 1
    )


def _list(seconds: list[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in seconds)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(ROUNDS, ACROSS)[len(given) :])
