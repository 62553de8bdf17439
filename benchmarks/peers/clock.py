"""Processor time of our calls and of other programs, repeated; what a measurement says."""

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Seconds:
    """Processor times of the same work, measured several times [s]."""

    rounds: tuple[float, ...]

    @property
    def best(self) -> float:
        """The least: what the work takes where nothing disturbs it."""
        return min(self.rounds)

    @property
    def spread(self) -> float:
        """How far the median lies above the least, as a share."""
        return statistics.median(self.rounds) / self.best - 1


def ours(call: Callable[[], object], rounds: int) -> Seconds:
    """Time a call in this process."""
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        call()
        taken.append(time.process_time() - start)
    return Seconds(tuple(taken))


def theirs(call: Callable[[], object], rounds: int) -> Seconds:
    """Time what a call starts: the programs it runs and waits for."""

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    taken = []
    for _ in range(rounds):
        start = used()
        call()
        taken.append(used() - start)
    return Seconds(tuple(taken))


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured, against whom, and what was aimed at.

    `rate` and `ratio` are ours and ours over the peer's; `rate_aim` and `ratio_aim` the least
    that they should be (0: no aim), or with `least` false the most that the rate should be.
    """

    figure: str
    work: str
    unit: str
    rate: float
    rate_aim: float
    peer: str
    ratio: float
    ratio_aim: float
    spread: float
    least: bool = True

    def row(self) -> str:
        """The line in Markdown."""

        def number(value: float, digits: int) -> str:
            return f"{value:,.{digits}f}" if value >= 10 else f"{value:,.{digits + 1}f}"

        def judged(value: float, aim: float, text: str, least: bool = True) -> str:
            if not aim:
                return text
            aim_text = f"{aim:,.0f}" if aim >= 1 else f"{aim:g}"
            if value >= aim if least else value <= aim:
                return f"{text}, aim {aim_text}: reached"
            off = f"short by {1 - value / aim:.0%}" if least else f"over by {value / aim - 1:.0%}"
            return f"{text}, aim {aim_text}: {off}"

        text = f"{number(self.rate, 1)} {self.unit}"
        rate = judged(self.rate, self.rate_aim, text, self.least)
        ratio = judged(self.ratio, self.ratio_aim, f"{number(self.ratio, 0)} x")
        return (
            f"| {self.figure} | {self.work} | {rate} | {self.peer} | {ratio} |"
            f" {100 * self.spread:.0f} % |"
        )
