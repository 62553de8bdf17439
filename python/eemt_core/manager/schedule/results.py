"""The verified results of a run's tiles: new ones, and those of an earlier run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import EemtError
from ...grids.tiling import Tile
from ...journal import Journal
from ...tiles.contract import RESULT_FILES
from ..folder import OutFolder
from ..reporter import Reporter
from .expected_result import ExpectedResult
from .split_tiles import SplitTile, join_parts
from .verify import VerifiedResult, account, verified_result


@dataclass
class TileResults:
    """The verified results of a run.

    A result is verified where its task left it, and its folder is then renamed: under a tile's name
    lie complete results only. If the power fails before all of it is on the disk, the checksum
    shows it in the next run, and the tile is computed again.

    Attributes
    ----------
    results
        What the maps need of each tile's result, by the tile's number.
    cells
        Cells of all these tiles.
    """

    expected: ExpectedResult
    folder: OutFolder
    journal: Journal
    reporter: Reporter
    results: dict[int, VerifiedResult] = field(default_factory=dict)
    cells: int = 0
    _splits: dict[int, SplitTile] = field(default_factory=dict)

    def reuse(self, tile: Tile, known: Mapping[int, Mapping[str, object]]) -> bool:
        """Accept a tile's result of an earlier run if it is valid still; if not, report why.

        Maps that were placed with a result that counts no more go with it: nothing that its worker
        said is believed, and another worker's cells may be others.

        Parameters
        ----------
        known
            What the journal keeps of results that were accepted then.
        """
        folder, kept = self.place(tile), known.get(tile.index)
        accepted = "" if kept is None else kept.get("xxh3")
        if not isinstance(accepted, str):
            why = "what the journal kept of its result is damaged"
        elif folder.exists():
            result, why = verified_result(folder, tile, self.expected, accepted)
            if result is not None:
                self._keep(tile, result, from_earlier=True)
                return True
        elif not accepted:
            return False
        else:
            why = "its result is missing"
        self.reporter.detail(f"{tile.name} is computed again: {why}.")
        self.journal.tile_again(tile.index, why)
        self.folder.remove_maps()
        return False

    def take(self, tile: Tile, folder: Path, attempt: int | None) -> str:
        """Accept the result of a tile, or of a part of one, from a task's folder.

        Returns
        -------
        why
            Why it does not count; empty if it does.
        """
        result, why = verified_result(folder, tile, self.expected)
        if result is None:
            return why
        _remove_inputs(folder)
        target = self.place(tile)
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
        if tile.part:
            self._part_done(tile)
        else:
            self._keep(tile, result, attempt)
        return ""

    def split(self, tile: Tile) -> list[Tile] | None:
        """Cut a tile in two; return the parts that have no result, or None if it cannot be cut."""
        parts = tile.split()
        if parts is None:
            return None
        split = self._splits.setdefault(tile.index, SplitTile(tile, set()))
        split.waiting.discard(tile.name)
        split.waiting |= {part.name for part in parts}
        missing = []
        for part in parts:
            # an earlier run may have come so far before it was stopped
            if verified_result(self.place(part), part, self.expected)[0] is None:
                missing.append(part)
            else:
                self._part_done(part)
        return missing

    def place(self, tile: Tile) -> Path:
        """Return the folder where the result of a tile lies if there is one."""
        return self.folder.tiles / tile.name

    def _part_done(self, part: Tile) -> None:
        split = self._splits[part.index]
        split.waiting.discard(part.name)
        split.done[part.name] = part
        if split.waiting:
            return
        joined = self.folder.attempts / f"{split.tile.name}.joined"
        parts = [(done, self.place(done)) for done in split.done.values()]
        join_parts(parts, split.tile, self.expected, joined)
        joined.rename(self.place(split.tile))
        for _, place in parts:
            shutil.rmtree(place)
        result, why = verified_result(self.place(split.tile), split.tile, self.expected)
        if result is None:
            raise EemtError(f"the parts of {split.tile.name} do not fit together: {why}")
        self._keep(split.tile, result)

    def _keep(
        self,
        tile: Tile,
        result: VerifiedResult,
        attempt: int | None = None,
        from_earlier: bool = False,
    ) -> None:
        self.journal.tile_done(tile.index, account(result), attempt, from_earlier)
        self.results[tile.index] = result
        self.cells += tile.core.cells


def _remove_inputs(folder: Path) -> None:
    """Leave the results alone in a task's folder, so that disk use follows the results."""
    for path in folder.iterdir():
        if path.name in RESULT_FILES:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
