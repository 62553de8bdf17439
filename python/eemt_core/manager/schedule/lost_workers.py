"""Workers that left in mid-task: recorded against their place or the tile, and the tile retried."""

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
    """Records losses for the reputation of workers and for the detection of poison tasks."""

    detector: PoisonTaskDetector
    reputation: WorkerReputation
    speculation: Speculation
    in_flight: InFlight
    _together: dict[str, int] = field(default_factory=dict)  # how many tasks a lost worker had
    _just_lost: dict[str, str] = field(default_factory=dict)  # item -> its attempt
    _has_warned: bool = False

    def record(self, item: WorkItem, attempt: Attempt, event: TaskLost) -> str:
        """Record a loss; return a sentence if the worker's place is suspended for long."""
        worker, host = event.worker, event.host
        together = max(1, sum(1 for _ in self.in_flight.on(worker)), self._together.get(worker, 0))
        self._together[worker] = together
        group = self.reputation.group(worker, host)
        was_suspended = self.reputation.is_suspended(worker, host)
        sentence = self.reputation.lost(worker, host)
        if worker not in item.lost:
            item.lost.append(worker)
        # no evidence against the tile: an attempt that was stuck long before its worker was lost,
        # and newcomers that joined before their place was suspended, of which the first counts
        if not (was_suspended or self.speculation.is_stuck(item, attempt, is_proven=False)):
            self.detector.worker_lost(item.name, WorkerLoss(worker, group, together))
        self._just_lost[item.name] = attempt.name
        if self.detector.is_without_comparison(item.name) and not self._has_warned:
            self._has_warned = True
            return _warning(item)
        return sentence

    def delay_restarts(self) -> None:
        """Delay tiles that lost a worker, unless the engine has already started them again."""
        just_lost, self._just_lost = self._just_lost, {}
        for name in just_lost.values():
            found = self.in_flight.find(name)
            if found is None or found[1].started is not None or len(found[0].attempts) > 1:
                continue
            item, attempt = found
            delay_s = item.next_delay_s()
            if delay_s:
                self.in_flight.cancel(item, attempt, "cancelled")
                self.in_flight.submit(item, delay_s=delay_s)


def _warning(item: WorkItem) -> str:
    return (
        f"{len(item.lost)} workers were gone in the middle of {item.name} and none has finished "
        "anything: if tasks kill them, for lack of memory say, stop and give a smaller "
        "<<tile_cells>>; if others than yours come to the port, a <<password_file>> keeps them out."
    )
