"""What became of a job whose process has ended, and how far one is that goes on.

Both are read from what the run itself has written: its journal, its record, its log.
"""

from __future__ import annotations

from typing import Any

from ...errors import EemtError
from ...files import read_end, read_json
from ...journal import JOURNAL_FILE, Status, read_status
from ...manager.folder import RUN_FILE
from .job import JobFolder, State

_END_BYTES = 16384
_ERROR = "Error: "
_TILES_SHARE, _BEFORE_SHARE = 75.0, 5.0
"""Of a run's time, as a rule: planning first, tiles, then maps and pictures [%]."""


def outcome(folder: JobFolder, *, was_cancelled: bool) -> tuple[State, str]:
    """Return the state of a job whose process has ended, and a sentence if it failed."""
    if is_complete(folder):
        return "completed", ""
    if was_cancelled:
        return "cancelled", ""
    said = last_error(folder)
    if said:
        return "failed", said
    status = status_of(folder)
    if status is not None and status.run.message:
        return "failed", status.run.message
    return "failed", (
        "the run was killed before it could say why, as happens when memory is full: resume it"
    )


def is_complete(folder: JobFolder) -> bool:
    """Say whether every map that the run's record lists is there; it writes that record last."""
    try:
        record = read_json(folder.maps / RUN_FILE)
    except EemtError:
        return False
    maps = record.get("maps")
    return isinstance(maps, dict) and all((folder.maps / name).is_file() for name in maps)


def last_error(folder: JobFolder) -> str:
    """Return the sentence with which the command ended, empty if it printed none."""
    try:
        text = read_end(folder.log, _END_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix(_ERROR) if lines and lines[-1].startswith(_ERROR) else ""


def status_of(folder: JobFolder) -> Status | None:
    """Return what the journal says, or None while there is none."""
    if not (folder.maps / JOURNAL_FILE).is_file():
        return None
    try:
        return read_status(folder.maps)
    except EemtError:
        return None


def progress(status: Status | None) -> float:
    """Return the share of a run that is done [%], from 0 to 100."""
    if status is None:
        return 0.0
    if status.run.state == "finished":
        return 100.0
    tiles = status.work.done / status.work.total if status.work.total else 0.0
    share = _BEFORE_SHARE + _TILES_SHARE * tiles
    if status.stage is not None and status.stage.name == "maps" and status.stage.total:
        rest = 99.0 - _BEFORE_SHARE - _TILES_SHARE
        share = _BEFORE_SHARE + _TILES_SHARE + rest * status.stage.done / status.stage.total
    return round(min(share, 99.0), 1)


def as_document(status: Status) -> dict[str, Any]:
    """Return a status as JSON for `eemt-status URL`."""
    from ...journal import to_document

    return to_document(status)
