"""Second copies of tiles that others would have done long ago."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median

from ...engines.base import Engine
from .work_items import Copy, Piece

_FEWEST = 3
_SLOWER, _LEAST_S = 2.5, 10.0
# of one that has finished nothing yet, and of one that has
_STUCK, _STUCK_LEAST_S = {False: 5.0, True: 20.0}, {False: 10.0, True: 300.0}
_STUCK_UNKNOWN_S = 180.0
_MOST_COPIES = 4
_REMEMBERED = 101


@dataclass
class Spares:
    """Learns how long tiles take; tells which take suspiciously long."""

    _seconds_per_cell: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def learn(self, cells: int, seconds: float) -> None:
        """A tile of so many cells took so long."""
        self._seconds_per_cell.append(seconds / cells)

    def expected_s(self, piece: Piece) -> float | None:
        """Return how long a piece probably takes; None while no tile is done."""
        if not self._seconds_per_cell:
            return None
        return median(self._seconds_per_cell) * piece.tile.core.cells

    def seconds_left(self, piece: Piece, copy: Copy) -> float | None:
        """Return how long a copy will probably run on; None if too little is known."""
        expected = self._well_known_s(piece)
        return None if expected is None else max(0.0, expected - copy.seconds)

    def is_stuck(self, piece: Piece, copy: Copy, is_proven: bool) -> bool:
        """Say whether a copy will hardly come to an end: its worker may only be keeping it."""
        expected = self.expected_s(piece)
        if copy.started is None:
            return False
        if expected is None:
            return copy.seconds > _STUCK_UNKNOWN_S
        least_s, slower = _STUCK_LEAST_S[is_proven], _STUCK[is_proven]
        return copy.seconds > max(slower * expected, expected + least_s)

    def stuck(self, pieces: Iterable[Piece], is_proven: Callable[[str], bool]) -> list[Piece]:
        """Return the pieces of which every copy is stuck, and more should be made."""
        return [
            piece
            for piece in pieces
            if 0 < len(piece.copies) < _MOST_COPIES
            and all(self.is_stuck(piece, c, is_proven(c.worker)) for c in piece.copies.values())
        ]

    def late(self, pieces: Iterable[Piece], engine: Engine) -> list[Piece]:
        """Return the pieces that the end of the run waits for, as far as there is room."""
        pieces = list(pieces)
        found = []
        for piece in pieces:
            expected = self._well_known_s(piece)
            copies = list(piece.copies.values())
            if expected is None or len(copies) != 1 or copies[0].started is None:
                continue
            if copies[0].seconds > max(_SLOWER * expected, expected + _LEAST_S):
                found.append(piece)
        if not found:
            return []
        live = sum(len(piece.copies) for piece in pieces)
        room = engine.capacity(found[0].need) - live
        return found[: max(0, room)]

    def _well_known_s(self, piece: Piece) -> float | None:
        return None if len(self._seconds_per_cell) < _FEWEST else self.expected_s(piece)
