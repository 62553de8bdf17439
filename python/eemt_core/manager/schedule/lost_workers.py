"""Workers that were gone in mid-task: whose fault it may be, and when the tile is tried again."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...engines.base import Lost
from .in_flight import HandedOut
from .poison_tasks import Death, Evidence
from .reputation import Conduct
from .speculation import Spares
from .work_items import Copy, Piece


@dataclass
class Losses:
    """Holds losses against the places of workers, or against tiles."""

    evidence: Evidence
    conduct: Conduct
    spares: Spares
    out: HandedOut
    _together: dict[str, int] = field(default_factory=dict)  # tasks of a worker that is gone
    _now: dict[str, str] = field(default_factory=dict)  # piece -> its copy
    _has_asked: bool = False

    def note(self, piece: Piece, copy: Copy, event: Lost) -> str:
        """Take note of a loss; return a sentence if the worker's place has to rest for it."""
        worker, host = event.worker, event.host
        together = max(1, sum(1 for _ in self.out.on(worker)), self._together.get(worker, 0))
        self._together[worker] = together
        kind = self.conduct.kind(worker, host)
        was_resting = self.conduct.is_resting(worker, host)
        sentence = self.conduct.lost(worker, host)
        if worker not in piece.lost:
            piece.lost.append(worker)
        # long after it should have ended something else was the matter; and of a crowd of
        # newcomers that came before their place could rest the first speaks for all
        if not (was_resting or self.spares.is_stuck(piece, copy, is_proven=False)):
            self.evidence.died(piece.name, Death(worker, kind, together))
        self._now[piece.name] = copy.name
        if self.evidence.is_without_comparison(piece.name) and not self._has_asked:
            self._has_asked = True
            return _is_it_the_tile(piece)
        return sentence

    def hold_back(self) -> None:
        """Let other tiles go first for a while, where the engine has not begun again by itself."""
        lost, self._now = self._now, {}
        for name in lost.values():
            found = self.out.find(name)
            if found is None or found[1].started is not None or len(found[0].copies) > 1:
                continue
            piece, copy = found
            delay_s = piece.next_delay_s()
            if delay_s:
                self.out.cancel(piece, copy, "cancelled")
                self.out.submit(piece, delay_s=delay_s)


def _is_it_the_tile(piece: Piece) -> str:
    return (
        f"{len(piece.lost)} workers were gone in the middle of {piece.name} and none has finished "
        "anything: if tasks kill them, for lack of memory say, stop and give a smaller "
        "--tile-size; if others than yours come to the port, a --password-file keeps them out."
    )
