"""The pieces that an engine has been given, and those that are to be given to it again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...engines.base import Engine, Submission
from ...journal import Journal, Outcome
from ...tiles.task import ARRAYS_FILE
from ..folder import OutFolder
from ..inputs.tile_inputs import TileInputs
from .work_items import Copy, Piece


@dataclass
class HandedOut:
    """Pieces on their way, by name, and their copies by the name of the submission."""

    inputs: TileInputs
    engine: Engine
    folder: OutFolder
    journal: Journal
    pieces: dict[str, Piece] = field(default_factory=dict)
    _copies: dict[str, Piece] = field(default_factory=dict)
    _later: list[tuple[float, Piece]] = field(default_factory=list)

    @property
    def copies(self) -> int:
        """How many submissions the engine has."""
        return len(self._copies)

    def submit(self, piece: Piece, *, is_spare: bool = False, delay_s: float = 0.0) -> None:
        """Give a piece to the engine, now or after a while."""
        self.pieces[piece.name] = piece
        if delay_s > 0:
            self._later.append((time.monotonic() + delay_s, piece))
            return
        piece.attempts += 1
        name = f"{piece.name}.{piece.attempts}"
        folder = self.folder.attempts / name
        task = self.inputs.write(piece.tile, folder, piece.need)
        number = self.note_attempt(piece, is_spare)
        running_on = {copy.worker for copy in piece.copies.values() if copy.worker}
        piece.copies[name] = Copy(name, folder, number, is_spare=is_spare)
        self._copies[name] = piece
        self.engine.submit(
            Submission(
                name,
                folder,
                piece.need,
                inputs=tuple(task.inputs),
                outputs=(ARRAYS_FILE,),
                avoid=frozenset(piece.failed_on | running_on),
            )
        )

    def submit_what_is_due(self) -> None:
        """Give the engine those whose time has come."""
        now = time.monotonic()
        due = [piece for at, piece in self._later if at <= now]
        self._later = [(at, piece) for at, piece in self._later if at > now]
        for piece in due:
            if self.pieces.get(piece.name) is piece:
                self.submit(piece)

    def note_attempt(self, piece: Piece, is_spare: bool) -> int:
        """Write into the journal that a piece is handed out; return the attempt's number."""
        need = (piece.need.cores, piece.need.memory_mb, piece.need.disk_mb)
        return self.journal.attempt_submitted(piece.tile.index, piece.attempts, *need, is_spare)

    def find(self, name: str) -> tuple[Piece, Copy] | None:
        """Return piece and copy of a submission that is still wanted."""
        piece = self._copies.get(name)
        return None if piece is None else (piece, piece.copies[name])

    def take_back(self, name: str) -> tuple[Piece, Copy] | None:
        """As `find`, and let go of the copy, which has ended."""
        found = self.find(name)
        if found is not None:
            del self._copies[name], found[0].copies[name]
        return found

    def cancel(self, piece: Piece, copy: Copy, outcome: Outcome) -> None:
        """End a copy; its folder is removed."""
        self.engine.cancel(copy.name)
        self.journal.attempt_ended(copy.number, outcome, "", copy.seconds)
        self.take_back(copy.name)
        shutil.rmtree(copy.folder, ignore_errors=True)

    def forget(self, piece: Piece, outcome: Outcome) -> None:
        """Have no more to do with a piece; what is left of its copies ends."""
        for copy in list(piece.copies.values()):
            self.cancel(piece, copy, outcome)
        del self.pieces[piece.name]

    def on(self, worker: str) -> Iterator[Copy]:
        """Give the copies that run on a worker."""
        for piece in self.pieces.values():
            yield from (copy for copy in piece.copies.values() if copy.worker == worker)
