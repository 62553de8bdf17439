"""Classes of failures: which may be retried, and which error ends the run for the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...engines.base import Completion
from ...errors import ArgumentError, EemtError, InputError, ResourceError, VersionError
from ...grids.tiling import Tile
from .work_items import MOST_MEMORY_INCREASES, WorkItem

FAILURES_BEFORE_ANY_RESULT = 3
"""After so many tiles given up and none done the run ends: the others would fail too."""

_KINDS: Mapping[int, type[EemtError]] = {
    2: ArgumentError,
    3: InputError,
    4: ResourceError,
    5: VersionError,
    -9: ResourceError,
}


@dataclass(frozen=True)
class Failure:
    """Why a tile was given up.

    Attributes
    ----------
    kind
        The error that the run ends with.
    place
        The tile's rows and columns, in words.
    log
        What is written for the user to read about it.
    """

    kind: type[EemtError]
    place: str
    message: str
    log: str

    @classmethod
    def of(cls, item: WorkItem, event: Completion) -> Failure:
        """Return the failure of an item's last attempt."""
        message = event.message or "its result did not arrive whole"
        log = f"{message}\non {event.host}\n\n{event.log}"
        return cls(error_class(event.exit_code), _place(item.tile), message, log)

    def write(self, path: Path) -> Path:
        """Write the log for the user to read; return its path."""
        path.parent.mkdir(exist_ok=True)
        path.write_text(self.log, encoding="utf-8")
        return path


def error_class(exit_code: int) -> type[EemtError]:
    """Return the error that a task's exit code stands for."""
    return _KINDS.get(exit_code, EemtError)


def poison_failure(item: WorkItem, host: str) -> Failure:
    """Return the failure of an item that ends its workers, a poison task."""
    message = f"{len(item.lost)} different workers were gone in the middle of it"
    log = f"{message}:\n" + "".join(f"{worker}\n" for worker in item.lost) + f"the last on {host}\n"
    return Failure(EemtError, _place(item.tile), message, log)


def may_have_more_memory(item: WorkItem) -> bool:
    """Say whether to try more memory before the tile is cut in two."""
    return item.memory_increases < MOST_MEMORY_INCREASES


def is_retryable(item: WorkItem, event: Completion, retries: int, *, transfers_files: bool) -> bool:
    """Say whether the same task may succeed on another worker or at another time."""
    if item.failures >= retries or event.exit_code == ArgumentError.exit_code:
        return False
    if event.lack == "memory":
        return False
    # where files are transferred, a damaged input or a full disk may be a transfer's or a worker's
    # fault; on this machine it would be the same the next time
    return transfers_files or event.exit_code not in (
        InputError.exit_code,
        ResourceError.exit_code,
    )


def run_error(failures: Mapping[int, Failure], out: Path) -> EemtError:
    """Return the error that ends a run of which all other tiles are done."""
    first = failures[min(failures)]
    what = f"tile-{min(failures):06d} ({first.place}) failed: {first.message}"
    if len(failures) > 1:
        others = ", ".join(f"tile-{index:06d}" for index in sorted(failures)[1:6])
        more = f" and {len(failures) - 6} more" if len(failures) > 6 else ""
        what += f"; so did {others}{more}"
    logs = out / ".eemt" / "logs"
    return first.kind(f"{what}; logs are in {logs}, and <<resume>> tries again what is missing")


def _place(tile: Tile) -> str:
    core = tile.core
    return f"rows {core.row0}-{core.row1 - 1}, columns {core.col0}-{core.col1 - 1}"
