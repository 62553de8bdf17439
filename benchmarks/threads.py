"""How two, four, ... threads compare with one: every kernel, and the whole command.

    .venv/bin/python benchmarks/threads.py [--counts 1,2,4,8,16] [--rounds 3] [--edge 2048]

Time on the wall, the best of several rounds in which all numbers of threads take turns, back and
forth; the efficiency of n threads is the time of one over n times the time of n. Every number of
threads must give the same bits. All is held to as many processors as it is told to use. A line of
JSON tells of each turn, the table comes last; with fewer `--rounds` or a smaller `--edge` it is
done sooner, `--works eemt-run,horizons` takes what has one of these words in its name.

The first lines of the table are about the machine: how far its processors and its memory go
with nothing shared but them. What falls short of them is ours. Processor time that grows says that
the processors became slower or waited for memory, one that stays that some stood idle.
"""

import argparse
import hashlib
import json
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from eemt_core.machine import usable_cores
from eemt_core.terrain._horizon_codes import horizon_codes
from peers.clock import Seconds
from peers.processors import held_to, in_turn, machine
from peers.terrain import CELL_M, Terrain
from thread_works import Answer, Call, Work, works

COUNTS = (1, 2, 4, 8, 16)
AIM_PERCENT = 95  # on two cores
SHORT_S, AGAIN = 0.2, 10  # calls that take less in all are repeated within a turn
COUNTED_S = 0.1  # what takes less has no processor time of its own
LEAST_S = 0.05  # of a stage that is told on its own


@dataclass(frozen=True)
class Scaling:
    """Times of the same work by the number of threads, and of its stages in the best round."""

    work: str
    taken: dict[int, Seconds]
    stages: dict[int, dict[str, float]] = field(default_factory=dict)
    used: dict[int, float] = field(default_factory=dict)  # processor time in the best round [s]

    def percent(self, threads: int) -> float:
        """How much of the threads' time went into the work, beside the fewest threads'."""
        few = min(self.taken)
        return 100 * few * self.taken[few].best / (threads * self.taken[threads].best)

    def row(self, counts: Sequence[int], gigabytes: float = 0.0) -> str:
        """The line in Markdown."""
        few, most = min(self.taken), max(self.taken)
        cells = [f"{self.percent(n):.0f} %" if n in self.taken else "" for n in counts[1:]]
        speed = gigabytes / self.taken[most].best
        spread = max(seconds.spread for seconds in self.taken.values())
        return " | ".join(
            [
                f"| {self.work}",
                _seconds(self.taken[few].best),
                *cells,
                _seconds(self.taken[most].best) if most > few else "one thread",
                self._processor_time(few, most),
                f"{speed:.0f} GB/s" if gigabytes else "",
                f"{100 * spread:.0f} % |",
            ]
        )

    def _processor_time(self, few: int, most: int) -> str:
        # Linux counts that of running threads now and then: no word on what is done by then
        if few == most or not self.used or self.taken[most].best < COUNTED_S:
            return ""
        return f"{self.used[most] / self.used[few]:.2f} x"

    def parts(self) -> list["Scaling"]:
        """The same of each stage, and of what is in none."""
        if not self.stages:
            return []
        names = [name for name, took in self.stages[min(self.stages)].items() if took >= LEAST_S]
        lines = [
            Scaling(f"… {name}", {n: Seconds((stages[name],)) for n, stages in self.stages.items()})
            for name in names
        ]
        rest = {
            n: Seconds((self.taken[n].best - sum(stages.values()),))
            for n, stages in self.stages.items()
        }
        return [*lines, Scaling("… start, tidying up", rest)]


@dataclass(frozen=True)
class Efficiency:
    """One line of figure 6: some threads beside one."""

    figure: str
    work: str
    threads: int
    one: Seconds
    many: Seconds

    @property
    def percent(self) -> float:
        """How much of the threads' time went into the work."""
        return Scaling(self.work, {1: self.one, self.threads: self.many}).percent(self.threads)

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
    # these know GRASS, which is not needed where `main` measures
    from peers import command, irradiation

    counts = [n for n in COUNTS if n <= usable_cores()]
    z = place.elevation_m

    def light(threads: int) -> Answer:
        sums = irradiation.year(place, 0.5, threads)
        return Answer(lambda: (sums.beam_wh_m2, sums.diffuse_wh_m2, sums.hours))

    def horizons(threads: int) -> Answer:
        found = horizon_codes(z, cell_size_m=CELL_M, threads=threads)
        return Answer(lambda: (found,))

    with TemporaryDirectory(prefix="eemt-threads-") as name:
        dem = command.write_dem(place, Path(name, "dem.tif"))

        def whole(threads: int) -> Answer:
            out = Path(name, "out")
            command.run_ours(dem, out, "--step", "30", "--threads", str(threads), "--overwrite")
            return Answer(lambda: (path.read_bytes() for path in sorted(out.rglob("*.tif"))))

        calls: dict[str, tuple[str, Call]] = {
            "6a": ("irradiation with shadows, horizons included", light),
            "6b": ("horizons in 72 directions", horizons),
            "6c": ("`eemt-run --workflow sol`, 365 days", whole),
        }
        lines = []
        for figure, (work, call) in calls.items():
            taken = sweep(work, call, counts, rounds).taken
            lines += [Efficiency(figure, work, n, taken[1], taken[n]) for n in counts if n > 1]
    return lines


def sweep(
    work: str,
    call: Call,
    counts: Sequence[int],
    rounds: int,
    *,
    order: Sequence[int] | None = None,
    tell: Callable[[dict[str, Any]], None] = lambda turn: None,
) -> Scaling:
    """Time a call with each number of threads, by turns; its answer must not change."""
    taken: dict[int, list[float]] = {n: [] for n in counts}
    stages: dict[int, dict[str, float]] = {}
    used: dict[int, float] = {}
    first = ""
    for number in range(rounds):
        # back and forth, so that what grows or tires with time is no number's own
        for threads in counts if number % 2 == 0 else counts[::-1]:
            with held_to(threads, order):
                seconds, processor_s, answer = _turn(call, threads)
            if seconds < min(taken[threads], default=math.inf):
                used[threads] = processor_s
                if answer.stages:
                    stages[threads] = dict(answer.stages)
            taken[threads].append(seconds)
            digest = _digest(answer)
            turn = {"work": work, "threads": threads, "round": number, "seconds": seconds}
            turn |= {"processor_s": processor_s, "stages": dict(answer.stages), "sha256": digest}
            tell(turn)
            first = first or digest
            if digest != first:
                raise AssertionError(f"{work}: the answer depends on the number of threads")
            del answer
    return Scaling(work, {n: Seconds(tuple(taken[n])) for n in counts}, stages, used)


def _turn(call: Call, threads: int) -> tuple[float, float, Answer]:
    """The least time of a few calls, or of one that takes long; its processor time; the answer."""
    os.sync()  # nobody pays for what the one before left to be written
    calls: list[tuple[float, float]] = []
    while True:
        used, start = _processor_s(), time.perf_counter()
        answer = call(threads)
        calls.append((time.perf_counter() - start, _processor_s() - used))
        if len(calls) == AGAIN or sum(seconds for seconds, _ in calls) >= SHORT_S:
            return *min(calls), answer
        del answer


def _processor_s() -> float:
    """What all threads of this process, and processes that it waited for, have used."""
    return time.process_time() + sum(os.times()[2:4])


def _digest(answer: Answer) -> str:
    digest = hashlib.sha256()
    for part in answer.parts():
        digest.update(part if isinstance(part, bytes) else np.ascontiguousarray(part))
    return digest.hexdigest()


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 0.995 else f"{1000 * value:.3g} ms"


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _head(counts: Sequence[int]) -> str:
    named = " | ".join(str(n) for n in counts[1:])
    few, most = _threads(counts[0]), _threads(counts[-1])
    head = f"| work | {few} | {named} | {most} | processor time | read and written | spread |"
    return head + "\n" + "|---" * (len(counts) + 5) + "|"


def main() -> None:
    """Measure, tell, print a table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--counts", default=",".join(map(str, COUNTS)))
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--edge", type=int, default=2048, help="cells of the terrain's edge")
    options.add_argument("--works", default="", help="words, one of which is in a work's name")
    options.add_argument("--processors", help="numbers, in the order in which they are taken")
    chosen = options.parse_args()
    order = list(map(int, chosen.processors.split(","))) if chosen.processors else in_turn()
    counts = sorted(n for n in map(int, chosen.counts.split(",")) if n <= len(order))
    if not counts:
        options.error(f"there are {len(order)} processors, fewer than --counts asks for")
    words = chosen.works.split(",")
    print(f"{machine(f'{len(order)} processors')}; taken in this order: {order}", flush=True)
    lines: list[str] = []
    with TemporaryDirectory(prefix="eemt-threads-") as name:
        for work in works(chosen.edge, Path(name)):
            if any(word in work.name for word in words):
                lines += _lines(work, counts, chosen.rounds, order)
    print("\n".join([_head(counts), *lines]))


def _lines(work: Work, counts: list[int], rounds: int, order: list[int]) -> list[str]:
    scaling = sweep(
        work.name,
        work.prepare(),
        counts if work.takes_threads else counts[:1],
        rounds,
        order=order,
        tell=lambda turn: print(json.dumps(turn), flush=True),
    )
    return [
        scaling.row(counts, work.gigabytes),
        *(part.row(counts) for part in scaling.parts()),
    ]


if __name__ == "__main__":
    main()
