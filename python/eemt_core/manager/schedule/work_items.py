"""Work items: a tile, or a part of a tile that was cut, with its attempts and its failures."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...grids.tiling import Tile
from ...tiles.task import Resources

MOST_MEMORY_INCREASES = 2
_LONGEST_DELAY_S = 30.0


@dataclass
class Attempt:
    """One submission of a work item to the engine.

    Attributes
    ----------
    journal_id
        Number of the attempt in the journal.
    started
        When a worker began with it [s of the monotonic clock]; None while it waits.
    is_speculative
        Whether another attempt was running when it was submitted.
    is_shared
        Whether its files lie on shared storage.
    expected_s
        How long it was said to run at most [s]; 0 where nothing was said.
    inputs
        Files of its folder that the task reads; none where they lie on shared storage.
    """

    name: str
    folder: Path
    journal_id: int
    started: float | None = None
    worker: str = ""
    host: str = ""
    is_speculative: bool = False
    is_shared: bool = False
    expected_s: int = 0
    inputs: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return 0.0 if self.started is None else time.monotonic() - self.started


@dataclass
class WorkItem:
    """A tile, or a part of one, until it has a verified result.

    Attributes
    ----------
    failures
        Retries used up: attempts that failed where the task itself may be the cause.
    setbacks
        Attempts that failed or were lost where a worker may be the cause.
    lost
        Workers that left while they ran it, each once.
    attempts_made
        How often it was to be computed: its attempts in the journal.
    submissions
        How often it was given to the engine: an attempt that has not begun may be given anew.
    memory_increases
        How often it was given more memory.
    failed_on
        Workers on which an attempt failed.
    attempts
        Those that run or wait in the engine, by their names.
    """

    tile: Tile
    need: Resources
    failures: int = 0
    setbacks: int = 0
    attempts_made: int = 0
    submissions: int = 0
    memory_increases: int = 0
    lost: list[str] = field(default_factory=list)
    failed_on: set[str] = field(default_factory=set)
    attempts: dict[str, Attempt] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the tile, with letters for a part of one."""
        return self.tile.name

    def has_started(self) -> bool:
        """Say whether any attempt runs."""
        return any(attempt.started is not None for attempt in self.attempts.values())

    def next_delay_s(self) -> float:
        """Count a setback; return how long to wait before the next attempt [s].

        Other items go first meanwhile, and show whether the workers are good.
        """
        self.setbacks += 1
        return 0.0 if self.setbacks < 2 else min(_LONGEST_DELAY_S, 0.5 * 2.0 ** (self.setbacks - 2))

    def with_more_memory(self) -> Resources:
        """Return its needs with twice the memory."""
        return replace(self.need, memory_mb=2 * self.need.memory_mb)
