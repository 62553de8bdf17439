"""Detection of poison tasks: tiles that end the workers that run them.

Workers die for many reasons, and a tile that was lost with them is mostly innocent. The question is
how probable its losses would be if it were: as probable as losses of other tiles on the same
workers. If s of n other tasks were lost there, the next one is lost with the probability
(s + 1/2) / (n + 1) by Jeffreys' prior, and each loss in a row makes the next more probable. A tile
is a poison task when losses like its own would befall an innocent tile in one run of two hundred at
most.

Only workers of a group that has finished other tiles prove anything: losses on workers that never
finish any tell of these workers alone. Where every worker needs the password, workers are honest,
and ten that worker_lost of a tile before any task ended are enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field

FEWEST_WORKERS = 3
"""Workers that must be lost with a tile before it can be a poison task."""

WORKERS_WITHOUT_COMPARISON = 10
"""So many are enough where no task has ended anywhere yet."""

SIGNIFICANCE = 0.005
"""How probable it may be that a run takes any innocent tile for a poison task."""

_PRIOR = 0.5

WorkerGroup = Hashable
"""Workers with about the same chance of a loss: the proven ones of a place, or its newcomers."""


@dataclass(frozen=True)
class WorkerLoss:
    """A worker that was lost while it ran a tile.

    Attributes
    ----------
    together
        How many tasks it ran then: any one of them may have been the cause.
    """

    worker: str
    group: WorkerGroup
    together: int = 1


@dataclass
class PoisonTaskDetector:
    """Counts how tasks end, by the group of their workers and by the tile.

    Attributes
    ----------
    tiles
        How many the run has.
    admits_strangers
        Whether workers may join without a password; these may only pretend to die of a tile.
    """

    tiles: int
    admits_strangers: bool = True
    _ended: Counter[WorkerGroup] = field(default_factory=Counter)
    _ended_of: Counter[tuple[str, WorkerGroup]] = field(default_factory=Counter)
    _lost: dict[WorkerGroup, float] = field(default_factory=dict)
    _losses: dict[str, list[WorkerLoss]] = field(default_factory=dict)

    def task_ended(self, tile: str, group: WorkerGroup) -> None:
        """Note a task that ended, well or badly, on a worker of this group that outlived it."""
        self._ended[group] += 1
        self._ended_of[tile, group] += 1

    def worker_lost(self, tile: str, loss: WorkerLoss) -> None:
        """Note a worker that was lost with a tile; only the first time of each worker counts."""
        losses = self._losses.setdefault(tile, [])
        if all(loss.worker != known.worker for known in losses):
            losses.append(loss)
            self._lost[loss.group] = self._lost.get(loss.group, 0.0) + 1.0 / loss.together

    def probability(self, tile: str) -> float:
        """Return how probable the losses of a tile are if it is as innocent as the others."""
        product = 1.0
        mine: dict[WorkerGroup | None, float] = {}
        for loss in self._losses.get(tile, ()):
            own = self._next_is_lost(tile, loss.group, mine.get(loss.group, 0.0))
            anywhere = self._next_is_lost(tile, None, mine.get(None, 0.0))
            product *= min(1.0, max(own, anywhere, 1.0 - 1.0 / loss.together))
            for group in (loss.group, None):
                mine[group] = mine.get(group, 0.0) + 1.0 / loss.together
        return product

    def is_poison(self, tile: str) -> bool:
        """Say whether the losses of a tile are too improbable for an innocent one."""
        workers = len(self._losses.get(tile, ()))
        if not self.admits_strangers and self.is_without_comparison(tile):
            return True
        return workers >= FEWEST_WORKERS and self.tiles * self.probability(tile) < SIGNIFICANCE

    def is_without_comparison(self, tile: str) -> bool:
        """Say whether many workers were lost with a tile, and no task has ended on any worker."""
        workers = len(self._losses.get(tile, ()))
        return workers >= WORKERS_WITHOUT_COMPARISON and not self._ended

    def _next_is_lost(self, tile: str, group: WorkerGroup | None, already: float) -> float:
        """Return the probability that workers of a group lose the next task of an innocent tile.

        Parameters
        ----------
        group
            None for all workers.
        already
            How many of the tile's own losses precede this one.
        """
        groups = self._ended.keys() | self._lost.keys() if group is None else {group}
        ended = sum(self._ended[k] - self._ended_of[tile, k] for k in groups)
        own: dict[WorkerGroup, float] = {}
        for loss in self._losses.get(tile, ()):
            own[loss.group] = own.get(loss.group, 0.0) + 1.0 / loss.together
        lost = sum(self._lost.get(k, 0.0) - own.get(k, 0.0) for k in groups)
        if ended < 1:
            return 1.0  # nothing to compare with
        lost = max(0.0, lost) + already
        return (lost + _PRIOR) / (lost + ended + 2 * _PRIOR)
