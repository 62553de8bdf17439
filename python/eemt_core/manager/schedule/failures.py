"""What a failure means: whether to try again, and when to give a tile up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...engines.base import Completion
from ...errors import ArgumentError, EemtError, InputError, ResourceError, VersionError
from ...grids.tiling import Tile
from .work_items import MOST_GROWTHS, WorkItem

FAILURES_BEFORE_ANY_RESULT = 3
"""So many tiles given up with none done end the run: the rest would fare no better."""

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
    log
        What there is to read about it.
    """

    kind: type[EemtError]
    place: str
    message: str
    log: str
    path: Path | None = None

    @classmethod
    def of(cls, item: WorkItem, event: Completion) -> Failure:
        """Return the failure that a task's last attempt was."""
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
    """Return the failure of a task that its workers do not survive."""
    message = f"{len(item.lost)} different workers were gone in the middle of it"
    log = f"{message}:\n" + "".join(f"{worker}\n" for worker in item.lost) + f"the last on {host}\n"
    return Failure(EemtError, _place(item.tile), message, log)


def may_have_more_memory(item: WorkItem) -> bool:
    """Say whether more memory should be tried before the tile is cut."""
    return item.growths < MOST_GROWTHS


def is_retryable(item: WorkItem, event: Completion, retries: int, is_local: bool) -> bool:
    """Say whether the same task may fare better elsewhere or another time."""
    if item.failures >= retries or event.exit_code == ArgumentError.exit_code:
        return False
    if event.lack == "memory":
        return False
    # far away a damaged input or a full disk is the way's or the worker's fault; here it is ours
    return not is_local or event.exit_code not in (InputError.exit_code, ResourceError.exit_code)


def run_error(failures: Mapping[int, Failure], out: Path) -> EemtError:
    """Return the error that ends a run whose other tiles are done."""
    first = failures[min(failures)]
    what = f"tile-{min(failures):06d} ({first.place}) failed: {first.message}"
    if len(failures) > 1:
        others = ", ".join(f"tile-{index:06d}" for index in sorted(failures)[1:6])
        more = f" and {len(failures) - 6} more" if len(failures) > 6 else ""
        what += f"; so did {others}{more}"
    logs = out / ".eemt" / "logs"
    return first.kind(f"{what}; logs are in {logs}, and --resume tries again what is missing")


def _place(tile: Tile) -> str:
    core = tile.core
    return f"rows {core.row0}-{core.row1 - 1}, columns {core.col0}-{core.col1 - 1}"
