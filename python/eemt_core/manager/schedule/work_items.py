"""Work items: a tile, or a part of a tile that was cut, with its attempts and its failures."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...files import read_json, write_json
from ...grids.tiling import Tile
from ...tiles.array_file import append_array, place_of
from ...tiles.recorder import describe
from ...tiles.task import ARRAYS_FILE, RESULT_FILE, Resources

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
    """

    name: str
    folder: Path
    journal_id: int
    started: float | None = None
    worker: str = ""
    host: str = ""
    is_speculative: bool = False

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


@dataclass
class SplitTile:
    """A tile that was too large for its memory: what its parts have come to."""

    tile: Tile
    waiting: set[str]
    done: dict[str, Tile] = field(default_factory=dict)


def join_parts(parts: Sequence[tuple[Tile, Path]], tile: Tile, folder: Path) -> None:
    """Write a tile's result into `folder` from those of its parts, as if it had been whole."""
    documents = [read_json(place / RESULT_FILE) for _, place in parts]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    outputs: dict[str, Any] = {}
    for name, first in documents[0]["outputs"].items():
        shape = (*first["shape"][:-2], *tile.core.shape)
        target, whole = append_array(folder / ARRAYS_FILE, shape)
        for (part, place), document in zip(parts, documents, strict=True):
            rows, cols = part.core.relative_to(tile.core).slices
            whole[..., rows, cols] = place_of(document["outputs"][name]).load(place)
        outputs[name] = describe(whole, target, folder)
    whole_document = {**documents[0], **_sums(documents), "name": tile.name, "outputs": outputs}
    write_json(folder / RESULT_FILE, whole_document)


def _sums(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    def total(key: str) -> dict[str, float]:
        names = {name for document in documents for name in document[key]}
        return {n: sum(document[key].get(n, 0) for document in documents) for n in sorted(names)}

    return {
        "statistics": total("statistics"),
        "seconds": total("seconds"),
        "cell_steps": sum(document["cell_steps"] for document in documents),
        "wall_seconds": sum(document["wall_seconds"] for document in documents),
        "peak_memory_mb": max(document["peak_memory_mb"] for document in documents),
    }
