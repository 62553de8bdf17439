"""What is done about a failed task: retry, more memory, the tile cut in two, or given up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ...engines.base import Completion, Engine
from ...grids.tiling import Tile
from ...journal import Journal
from ...tiles.task import Resources
from ..folder import OutFolder
from .failures import (
    FAILURES_BEFORE_ANY_RESULT,
    Failure,
    is_retryable,
    may_have_more_memory,
    run_error,
)
from .in_flight import InFlight
from .messages import Messages
from .reputation import WorkerReputation
from .results import TileResults
from .work_items import WorkItem


@dataclass
class Recovery:
    """Decides about each failed work item and carries the decision out.

    Attributes
    ----------
    resources
        Of a tile's task.
    retries
        How often a task that failed is tried again.
    given_up
        Tiles that are not tried any more in this run, by number.
    """

    engine: Engine
    in_flight: InFlight
    results: TileResults
    reputation: WorkerReputation
    folder: OutFolder
    journal: Journal
    messages: Messages
    resources: Callable[[Tile], Resources]
    retries: int
    given_up: dict[int, Failure] = field(default_factory=dict)

    def failed(self, item: WorkItem, event: Completion) -> None:
        """Submit an item again after its last attempt failed, or give its tile up."""
        worker, host = event.worker, event.host
        if event.is_worker_unfit:
            self.messages.say(
                self.reputation.unfit(worker, host, event.message, event.lack), "unfit"
            )
            self.in_flight.submit(item, delay_s=item.next_delay_s())
            return
        blocked = self.reputation.failed(worker, host, event.lack)
        again = f"{item.name} failed ({event.message}); trying it again."
        transfers = self.engine.capabilities.transfers_files
        if not self.reputation.is_trusted(worker, host):
            self.messages.say(blocked, "blocked")
            self.messages.say(again, "failed")
            self.in_flight.submit(item, delay_s=item.next_delay_s())
        elif event.lack == "memory" and self._give_more_memory(item, event):
            return
        elif is_retryable(item, event, self.retries, transfers_files=transfers):
            item.failures += 1
            self.messages.say(blocked, "blocked")
            self.messages.say(again, "failed")
            self.in_flight.submit(item)
        else:
            self.give_up(item, Failure.of(item, event))

    def give_up(self, item: WorkItem, failure: Failure) -> None:
        """Try a tile no more, with all its parts; the other tiles go on.

        Raises
        ------
        EemtError
            If several tiles failed and none is done: the others would fail too.
        """
        tile = item.tile.index
        log = failure.write(self.folder.logs / f"{item.name}.txt")
        self.journal.tile_put_aside(tile, failure.message, str(log))
        self.messages.say(f"{item.name} is put aside: {failure.message}.", "aside")
        self.given_up[tile] = failure
        for other in [known for known in self.in_flight.items.values() if known.tile.index == tile]:
            self.in_flight.forget(other, "cancelled")
        if not self.results.results and len(self.given_up) >= FAILURES_BEFORE_ANY_RESULT:
            raise run_error(self.given_up, self.folder.path)

    def _give_more_memory(self, item: WorkItem, event: Completion) -> bool:
        """Submit the item with more memory, or in two parts; say whether either was possible."""
        more = item.with_more_memory()
        limits_memory = self.engine.capabilities.limits_memory
        if may_have_more_memory(item) and limits_memory and self.engine.pool.fits(more):
            item.memory_increases += 1
            self.messages.say(
                f"{item.name} ran out of memory with {item.need.memory_mb} MB; trying it with "
                f"{more.memory_mb} MB.",
                "memory",
            )
            item.need = more
            self.in_flight.submit(item)
            return True
        parts = self.results.split(item.tile)
        if parts is None:
            return False
        self.messages.say(
            f"{item.name} ran out of memory ({event.message}); trying it in two parts.", "split"
        )
        self.in_flight.forget(item, "cancelled")
        # what the whole tile was given beyond its estimate, its parts are given beyond theirs
        factor = item.need.memory_mb / max(1, self.resources(item.tile).memory_mb)
        for part in parts:
            need = self.resources(part)
            need = replace(need, memory_mb=round(need.memory_mb * factor))
            self.in_flight.submit(WorkItem(part, need, memory_increases=item.memory_increases))
        return True
