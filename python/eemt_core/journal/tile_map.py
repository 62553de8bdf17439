"""Where the tiles of a run lie and how each stands, and how fast they got done: for pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import schema

_MOST_BINS = 1000


@dataclass(frozen=True)
class PlacedTile:
    """A tile's cells in the grid of the maps, and its state."""

    name: str
    state: str
    row0: int
    col0: int
    rows: int
    cols: int


@dataclass(frozen=True)
class TileMap:
    """All tiles of a run.

    Attributes
    ----------
    rows, cols
        Of the grid.
    total
        How many tiles there are; `tiles` holds the first ones.
    """

    rows: int
    cols: int
    total: int
    tiles: tuple[PlacedTile, ...]


@dataclass(frozen=True)
class Throughput:
    """Work units that got done per second within a span of time that ended at `until_s`."""

    until_s: float
    per_s: float


def read_tile_map(out: Path, limit: int = 20_000) -> TileMap:
    """Return where the tiles lie and how they stand, `limit` of them at most.

    Raises
    ------
    InputError
        If the folder has no journal, a damaged one, or one that cannot be read from here.
    VersionError
        If another version wrote it.
    """
    with schema.reading(out / schema.JOURNAL_FILE) as journal:
        rows, cols, total = journal.execute(
            "SELECT COALESCE(MAX(row0 + rows), 0), COALESCE(MAX(col0 + cols), 0), COUNT(*) "
            "FROM tiles"
        ).fetchone()
        found = journal.execute(
            "SELECT name, state, row0, col0, rows, cols FROM tiles ORDER BY tile LIMIT ?", (limit,)
        )
        return TileMap(rows, cols, total, tuple(PlacedTile(*row) for row in found))


def read_throughput(out: Path, bins: int = 60) -> tuple[Throughput, ...]:
    """Return the rate of the last run from its start on, in `bins` spans of equal length.

    Errors are those of `read_tile_map`.
    """
    bins = max(1, min(bins, _MOST_BINS))
    with schema.reading(out / schema.JOURNAL_FILE) as journal:
        run = journal.execute(
            "SELECT started, COALESCE(ended, updated) FROM runs ORDER BY run DESC LIMIT 1"
        ).fetchone()
        if run is None:
            return ()
        start, end = run
        span_s = (end - start) / bins
        if span_s <= 0.0:
            return ()
        done = dict(
            journal.execute(
                "SELECT MIN(CAST((done_at - ?) / ? AS INTEGER), ?), SUM(work_units) FROM tiles "
                "WHERE done_at > ? GROUP BY 1",
                (start, span_s, bins - 1, start),
            )
        )
        return tuple(
            Throughput(start + span_s * (number + 1), done.get(number, 0.0) / span_s)
            for number in range(bins)
        )
