"""Second copies of the tiles that a run would have to wait for at its end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from ..engines.base import Engine
from .pieces import Copy, Piece

_FEWEST = 3
_SLOWER = 2.5
_LEAST_S = 10.0
_REMEMBERED = 101


@dataclass
class Spares:
    """Learns how long tiles take; tells which of the last ones take suspiciously long."""

    _seconds_per_cell: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def learn(self, cells: int, seconds: float) -> None:
        """A tile of so many cells took so long."""
        self._seconds_per_cell.append(seconds / cells)

    def seconds_left(self, piece: Piece, copy: Copy) -> float | None:
        """Return how long a copy will probably run on; None if nothing is known."""
        expected = self._expected(piece)
        return None if expected is None else max(0.0, expected - copy.seconds)

    def wanted(self, pieces: Iterable[Piece], engine: Engine) -> list[Piece]:
        """Return the pieces that should get a second copy now, as far as there is room."""
        pieces = list(pieces)
        found = []
        for piece in pieces:
            expected = self._expected(piece)
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

    def _expected(self, piece: Piece) -> float | None:
        if len(self._seconds_per_cell) < _FEWEST:
            return None
        return median(self._seconds_per_cell) * piece.tile.core.cells
