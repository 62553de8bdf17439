"""Work items in flight: submitted to the engine, or waiting for a delayed retry."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...engines.base import Engine, Submission
from ...journal import Journal, Outcome
from ...tiles.contract import BLOCKS_FILE
from ..folder import OutFolder
from ..inputs.tile_inputs import TileInputs
from .work_items import Attempt, WorkItem


@dataclass
class InFlight:
    """Work items by their names, and their attempts by the names of the submissions.

    `expected_s` says of an item how long it may run [s], 0 where that is not known.
    """

    inputs: TileInputs
    engine: Engine
    folder: OutFolder
    journal: Journal
    expected_s: Callable[[WorkItem], int] = lambda _: 0
    items: dict[str, WorkItem] = field(default_factory=dict)
    _by_attempt: dict[str, WorkItem] = field(default_factory=dict)
    _delayed: list[tuple[float, WorkItem]] = field(default_factory=list)

    @property
    def attempt_count(self) -> int:
        """How many attempts the engine has."""
        return len(self._by_attempt)

    def submit(self, item: WorkItem, *, is_speculative: bool = False, delay_s: float = 0.0) -> None:
        """Submit an item to the engine, now or after a delay."""
        self.items[item.name] = item
        if delay_s > 0:
            self._delayed.append((time.monotonic() + delay_s, item))
            return
        item.attempts_made += 1
        self._hand_over(item, self.record_attempt(item, is_speculative), is_speculative)

    def submit_anew(self, item: WorkItem) -> None:
        """Take an item that has not begun back from the engine, and submit it as it now is.

        Nobody has tried it meanwhile: to the journal it is the same attempt, and its folder serves
        again as it is. On shared storage a folder may have been begun in all the same, by a worker
        that has not told of it yet, so there the task gets another one.
        """
        for attempt in list(item.attempts.values()):
            self.engine.cancel(attempt.name)
            self.take_back(attempt.name)
            if attempt.is_shared:
                self.remove_files(attempt)
                self._hand_over(item, attempt.journal_id, attempt.is_speculative)
            else:
                self._give(item, replace(attempt, name=_next_name(item)))

    def _hand_over(self, item: WorkItem, journal_id: int, is_speculative: bool) -> None:
        """Write an item's task and give it to the engine, under a name of its own."""
        name = _next_name(item)
        folder = self.folder.attempts / name
        task = self.inputs.write(item.tile, folder, item.need)
        shared = None if task.shared is None else Path(task.shared.folder).parent
        attempt = Attempt(
            name,
            folder,
            journal_id,
            is_speculative=is_speculative,
            is_shared=shared is not None,
            inputs=() if shared else tuple(task.inputs),
        )
        self._give(item, attempt, shared)

    def _give(self, item: WorkItem, attempt: Attempt, shared: Path | None = None) -> None:
        """Give an attempt with its files to the engine; `shared` is where they lie if elsewhere."""
        running_on = {other.worker for other in item.attempts.values() if other.worker}
        attempt.expected_s = self.expected_s(item)
        item.attempts[attempt.name], self._by_attempt[attempt.name] = attempt, item
        self.engine.submit(
            Submission(
                attempt.name,
                attempt.folder,
                item.need,
                inputs=attempt.inputs,
                outputs=() if shared else (BLOCKS_FILE,),
                avoid=frozenset(item.failed_on | running_on),
                shared=shared,
                expected_s=attempt.expected_s,
            )
        )

    def submit_due(self) -> None:
        """Submit the items whose delay is over."""
        now = time.monotonic()
        due = [item for at, item in self._delayed if at <= now]
        self._delayed = [(at, item) for at, item in self._delayed if at > now]
        for item in due:
            if self.items.get(item.name) is item:
                self.submit(item)

    def record_attempt(self, item: WorkItem, is_speculative: bool) -> int:
        """Write a new attempt at an item into the journal; return its number there."""
        need = (item.need.cores, item.need.memory_mb, item.need.disk_mb)
        return self.journal.attempt_submitted(
            item.tile.index, item.attempts_made, *need, is_speculative
        )

    def find(self, name: str) -> tuple[WorkItem, Attempt] | None:
        """Return item and attempt of a submission, None if it was cancelled meanwhile."""
        item = self._by_attempt.get(name)
        return None if item is None else (item, item.attempts[name])

    def take_back(self, name: str) -> tuple[WorkItem, Attempt] | None:
        """As `find`, and remove the attempt, which has ended."""
        found = self.find(name)
        if found is not None:
            del self._by_attempt[name], found[0].attempts[name]
        return found

    def cancel(self, item: WorkItem, attempt: Attempt, outcome: Outcome) -> None:
        """End an attempt and remove its folder."""
        self.engine.cancel(attempt.name)
        self.journal.attempt_ended(attempt.journal_id, outcome, "", attempt.seconds)
        self.take_back(attempt.name)
        self.remove_files(attempt)

    def fetch_result(self, attempt: Attempt) -> None:
        """Bring the cells of an attempt that has ended into its folder."""
        if attempt.is_shared and self.inputs.shared is not None:
            self.inputs.shared.take(attempt.name, attempt.folder)

    def remove_files(self, attempt: Attempt) -> None:
        """Remove what an attempt that has ended has left, here and on shared storage."""
        shutil.rmtree(attempt.folder, ignore_errors=True)
        if attempt.is_shared and self.inputs.shared is not None:
            self.inputs.shared.drop(attempt.name)

    def forget(self, item: WorkItem, outcome: Outcome) -> None:
        """Remove an item and end the attempts that it still has."""
        for attempt in list(item.attempts.values()):
            self.cancel(item, attempt, outcome)
        del self.items[item.name]

    def on(self, worker: str) -> Iterator[Attempt]:
        """Yield the attempts that run on a worker."""
        for item in self.items.values():
            yield from (attempt for attempt in item.attempts.values() if attempt.worker == worker)


def _next_name(item: WorkItem) -> str:
    """Return the name of an item's next submission."""
    item.submissions += 1
    return f"{item.name}.{item.submissions}"
