"""A tile that was cut in two for lack of memory: its parts, and their results made one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...grids.tiling import Tile
from ...tiles.array_file import append_array
from ...tiles.contract import ARRAYS_FILE, read_result, write_result
from ...tiles.recorder import written_out
from ...tiles.result import Account, ResultArray, TaskResult
from .expected_result import ExpectedResult


@dataclass
class SplitTile:
    """A tile that was too large for its memory, with its finished and unfinished parts."""

    tile: Tile
    waiting: set[str]
    done: dict[str, Tile] = field(default_factory=dict)


def join_parts(
    parts: Sequence[tuple[Tile, Path]], tile: Tile, expected: ExpectedResult, folder: Path
) -> None:
    """Write a tile's result into `folder` from those of its parts, as if it had been whole."""
    results = [
        read_result(place, name=part.name, fingerprint=expected.fingerprint, arrays=expected.arrays)
        for part, place in parts
    ]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    arrays: dict[str, ResultArray] = {}
    for name, array in expected.arrays.items():
        target, whole = append_array(folder / ARRAYS_FILE, array.shape(tile.core))
        for (part, place), result in zip(parts, results, strict=True):
            rows, cols = part.core.relative_to(tile.core).slices
            whole[..., rows, cols] = result.arrays[name].place.load(place)
        arrays[name] = written_out(whole, target, folder)
    account = _joined([result.account for result in results])
    write_result(folder, TaskResult(tile.name, expected.fingerprint, arrays, account))


def _joined(accounts: Sequence[Account]) -> Account:
    """Return what a tile took, from what its parts took."""

    def total(counts: Sequence[Mapping[str, float]]) -> dict[str, float]:
        names = sorted({name for count in counts for name in count})
        return {name: sum(count.get(name, 0) for count in counts) for name in names}

    return replace(
        accounts[0],
        statistics=total([account.statistics for account in accounts]),
        seconds=total([account.seconds for account in accounts]),
        peak_memory_mb=max(account.peak_memory_mb for account in accounts),
    )
