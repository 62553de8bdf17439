"""Whether a tile kills its workers: what became of it, beside what becomes of other tiles.

Workers die of many things, and a tile that was lost with them is mostly innocent. The question is
how probable its losses are if it is: as probable as losses of other tiles on the same workers. Of
n other tasks there s were lost; by Jeffreys' prior the next one is lost with the probability
(s + 1/2) / (n + 1), and each loss in a row makes the next more probable. A tile is put aside when
losses like its own would befall an innocent tile in one run of two hundred at most.

Only workers whose kind has finished other tiles can say anything: losses on workers that never
finish any speak against these alone. Where nobody can come who does not know the password, workers
that die are honest ones, and ten that died of a tile before any task ended are enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field

FEWEST_WORKERS = 3
WORKERS_WITHOUT_COMPARISON = 10
CHANCE = 0.005
_PRIOR = 0.5

WorkerGroup = Hashable
"""Workers that may be expected to fare alike: those of a place, proven ones or newcomers."""


@dataclass(frozen=True)
class WorkerLoss:
    """A worker that was gone in the middle of a tile.

    Attributes
    ----------
    together
        How many tasks it ran then: any one may have been the reason.
    """

    worker: str
    kind: WorkerGroup
    together: int = 1


@dataclass
class PoisonTaskDetector:
    """Counts what becomes of tasks, by the kind of their workers and by the tile.

    Attributes
    ----------
    tiles
        How many the run has.
    strangers
        Whether workers may come that nobody invited, who may feign to die of a tile.
    """

    tiles: int
    strangers: bool = True
    _survived: Counter[WorkerGroup] = field(default_factory=Counter)
    _survived_of: Counter[tuple[str, WorkerGroup]] = field(default_factory=Counter)
    _died: dict[WorkerGroup, float] = field(default_factory=dict)
    _deaths: dict[str, list[WorkerLoss]] = field(default_factory=dict)

    def survived(self, tile: str, kind: WorkerGroup) -> None:
        """A worker of this kind was still there when its task had ended, however it ended."""
        self._survived[kind] += 1
        self._survived_of[tile, kind] += 1

    def died(self, tile: str, death: WorkerLoss) -> None:
        """A worker was gone in mid-task; the first time of each worker counts."""
        deaths = self._deaths.setdefault(tile, [])
        if all(death.worker != known.worker for known in deaths):
            deaths.append(death)
            self._died[death.kind] = self._died.get(death.kind, 0.0) + 1.0 / death.together

    def chance(self, tile: str) -> float:
        """Return how probable the losses of a tile are if it is like all others."""
        product = 1.0
        mine: dict[WorkerGroup | None, float] = {}
        for death in self._deaths.get(tile, ()):
            own = self._next_dies(tile, death.kind, mine.get(death.kind, 0.0))
            anywhere = self._next_dies(tile, None, mine.get(None, 0.0))
            product *= min(1.0, max(own, anywhere, 1.0 - 1.0 / death.together))
            for kind in (death.kind, None):
                mine[kind] = mine.get(kind, 0.0) + 1.0 / death.together
        return product

    def is_deadly(self, tile: str) -> bool:
        """Say whether chance cannot be what its workers died of."""
        workers = len(self._deaths.get(tile, ()))
        if not self.strangers and self.is_without_comparison(tile):
            return True
        return workers >= FEWEST_WORKERS and self.tiles * self.chance(tile) < CHANCE

    def is_without_comparison(self, tile: str) -> bool:
        """Say whether many workers died of a tile, and none has lived to the end of any task."""
        workers = len(self._deaths.get(tile, ()))
        return workers >= WORKERS_WITHOUT_COMPARISON and not self._survived

    def _next_dies(self, tile: str, kind: WorkerGroup | None, already: float) -> float:
        """Return the probability that a task of an innocent tile is lost by workers of a kind.

        Parameters
        ----------
        kind
            None for all kinds.
        already
            How many of the tile's own losses are known by now.
        """
        kinds = self._survived.keys() | self._died.keys() if kind is None else {kind}
        survived = sum(self._survived[k] - self._survived_of[tile, k] for k in kinds)
        own: dict[WorkerGroup, float] = {}
        for death in self._deaths.get(tile, ()):
            own[death.kind] = own.get(death.kind, 0.0) + 1.0 / death.together
        died = sum(self._died.get(k, 0.0) - own.get(k, 0.0) for k in kinds)
        if survived < 1:
            return 1.0  # nobody knows how others fare there
        died = max(0.0, died) + already
        return (died + _PRIOR) / (died + survived + 2 * _PRIOR)
