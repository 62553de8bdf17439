"""Workers that were gone in mid-task: whose fault it may be, and when the tile is tried again."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...engines.base import TaskLost
from .in_flight import InFlight
from .poison_tasks import PoisonTaskDetector, WorkerLoss
from .reputation import WorkerReputation
from .speculation import Speculation
from .work_items import Attempt, WorkItem


@dataclass
class LostWorkers:
    """Holds losses against the places of workers, or against tiles."""

    poison: PoisonTaskDetector
    reputation: WorkerReputation
    speculation: Speculation
    out: InFlight
    _together: dict[str, int] = field(default_factory=dict)  # tasks of a worker that is gone
    _now: dict[str, str] = field(default_factory=dict)  # item -> its attempt
    _has_asked: bool = False

    def note(self, item: WorkItem, attempt: Attempt, event: TaskLost) -> str:
        """Take note of a loss; return a sentence if the worker's place has to rest for it."""
        worker, host = event.worker, event.host
        together = max(1, sum(1 for _ in self.out.on(worker)), self._together.get(worker, 0))
        self._together[worker] = together
        kind = self.reputation.kind(worker, host)
        was_resting = self.reputation.is_resting(worker, host)
        sentence = self.reputation.lost(worker, host)
        if worker not in item.lost:
            item.lost.append(worker)
        # long after it should have ended something else was the matter; and of a crowd of
        # newcomers that came before their place could rest the first speaks for all
        if not (was_resting or self.speculation.is_stuck(item, attempt, is_proven=False)):
            self.poison.died(item.name, WorkerLoss(worker, kind, together))
        self._now[item.name] = attempt.name
        if self.poison.is_without_comparison(item.name) and not self._has_asked:
            self._has_asked = True
            return _is_it_the_tile(item)
        return sentence

    def delay_restarts(self) -> None:
        """Let other tiles go first for a while, where the engine has not begun again by itself."""
        lost, self._now = self._now, {}
        for name in lost.values():
            found = self.out.find(name)
            if found is None or found[1].started is not None or len(found[0].attempts) > 1:
                continue
            item, attempt = found
            delay_s = item.next_delay_s()
            if delay_s:
                self.out.cancel(item, attempt, "cancelled")
                self.out.submit(item, delay_s=delay_s)


def _is_it_the_tile(item: WorkItem) -> str:
    return (
        f"{len(item.lost)} workers were gone in the middle of {item.name} and none has finished "
        "anything: if tasks kill them, for lack of memory say, stop and give a smaller "
        "--tile-size; if others than yours come to the port, a --password-file keeps them out."
    )
