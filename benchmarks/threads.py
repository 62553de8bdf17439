"""How two, four, ... threads compare with one: irradiation, horizons, the whole command.

Time on the wall, the best of several rounds in which all numbers of threads take turns; the
efficiency of n threads is the time of one over n times the time of n. Every number of threads
must give the same bits. The command is held to as many processors as it is told to use.
"""

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from eemt_core.machine import usable_cores
from eemt_core.terrain._horizon_codes import horizon_codes
from peers import command, irradiation
from peers.clock import Seconds
from peers.terrain import CELL_M, Terrain

COUNTS = (1, 2, 4, 8, 16)
AIM_PERCENT = 95  # on two cores


@dataclass(frozen=True)
class Efficiency:
    """One line of the table: some threads beside one."""

    figure: str
    work: str
    threads: int
    one: Seconds
    many: Seconds

    @property
    def percent(self) -> float:
        """How much of the threads' time went into the work."""
        return 100 * self.one.best / (self.threads * self.many.best)

    def row(self) -> str:
        """The line in Markdown."""
        aim = ""
        if self.threads == 2:
            short = f"short by {AIM_PERCENT - self.percent:.1f} points"
            reached = self.percent >= AIM_PERCENT
            aim = f", aim {AIM_PERCENT} %: {'reached' if reached else short}"
        spread = max(self.one.spread, self.many.spread)
        return (
            f"| {self.figure} | {self.work}: {self.threads} threads, {self.many.best:.2f} s |"
            f" efficiency {self.percent:.1f} %{aim} | one thread: {self.one.best:.2f} s |"
            f" {self.one.best / self.many.best:.2f} x | {100 * spread:.0f} % |"
        )


def measure(place: Terrain, rounds: int) -> list[Efficiency]:
    """Figure 6."""
    counts = [n for n in COUNTS if n <= usable_cores()]
    z = place.elevation_m

    def light(threads: int) -> Callable[[], bytes]:
        sums = irradiation.year(place, 0.5, threads)
        return lambda: b"".join(
            part.tobytes() for part in (sums.beam_wh_m2, sums.diffuse_wh_m2, sums.hours)
        )

    def horizons(threads: int) -> Callable[[], bytes]:
        return horizon_codes(z, cell_size_m=CELL_M, threads=threads).tobytes

    lines = sweep("6a", "irradiation with shadows, horizons included", light, counts, rounds)
    lines += sweep("6b", "horizons in 72 directions", horizons, counts, rounds)
    with TemporaryDirectory(prefix="eemt-threads-") as name:
        dem = command.write_dem(place, Path(name, "dem.tif"))

        def whole(threads: int) -> Callable[[], bytes]:
            out = Path(name, "out")
            with command.processors(threads):
                options = ("--step", "30", "--threads", str(threads), "--overwrite")
                command.run_ours(dem, out, *options)
            return lambda: b"".join(path.read_bytes() for path in sorted(out.rglob("*.tif")))

        lines += sweep("6c", "`eemt-run --workflow sol`, 365 days", whole, counts, rounds)
    return lines


def sweep(
    figure: str,
    work: str,
    call: Callable[[int], Callable[[], bytes]],
    counts: list[int],
    rounds: int,
) -> list[Efficiency]:
    """Time a call with each number of threads, by turns.

    It returns a function that tells its answer, which must not change; that is not timed.
    """
    taken: dict[int, list[float]] = {n: [] for n in counts}
    answers = set()
    for _ in range(rounds):
        for threads in counts:
            os.sync()  # nobody pays for what the one before left to be written
            start = time.perf_counter()
            answer = call(threads)
            taken[threads].append(time.perf_counter() - start)
            answers.add(hashlib.sha256(answer()).hexdigest())
            del answer
    if len(answers) != 1:
        raise AssertionError(f"{work}: the answer depends on the number of threads")
    one = Seconds(tuple(taken[1]))
    return [Efficiency(figure, work, n, one, Seconds(tuple(taken[n]))) for n in counts if n > 1]
