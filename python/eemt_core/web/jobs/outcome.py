"""What became of a job whose process has ended, and how far one is that goes on.

Both are read from what the run itself has written: its journal, its record, its maps, its log.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime

from ...errors import EemtError
from ...errors.words import in_python
from ...files import read_end, read_json
from ...journal import JOURNAL_FILE, Status, read_status
from ...manager.folder import RUN_FILE
from ...rasters import is_whole
from .job import JobFolder, State
from .process import STARTED

_END_BYTES = 16384
_ERROR, _STARTED = "Error: ", f"{STARTED.decode()} at "
_TILES_SHARE, _BEFORE_SHARE = 75.0, 5.0
"""Of a run's time, as a rule: planning first, tiles, then maps and pictures [%]."""

FILES_GONE = "the files of the job are not there any more: submit it again"
_KILLED = "the run was killed before it could say why, as happens when memory is full: resume it"
_ENDED = "the run was ended from outside: resume it"


def outcome(folder: JobFolder, *, was_cancelled: bool) -> tuple[State, str]:
    """Return the state of a job whose process has ended, and a sentence if it failed."""
    wrong = wrong_maps(folder)
    if wrong == []:
        return "completed", ""
    if was_cancelled:
        return "cancelled", ""
    if folder.maps_elsewhere is None and not folder.request.exists():
        return "failed", FILES_GONE
    if said := last_error(folder):
        return "failed", said
    if wrong:
        return "failed", f"{wrong[0]} is missing or damaged, after the run had written it: " + (
            "resume the job" if not (folder.maps / wrong[0]).exists() else "submit it again"
        )
    status = status_of(folder)
    if status is not None and status.run.state == "interrupted":
        return "failed", _ENDED
    if status is not None and status.run.message:
        return "failed", in_python(status.run.message)
    return "failed", _KILLED


def wrong_maps(folder: JobFolder) -> list[str] | None:
    """Return which of the maps that the run's record lists are not whole.

    The run writes that record last, when it has verified every map: None while there is none.
    """
    try:
        record = read_json(folder.maps / RUN_FILE)
        names = list(record["maps"])
        shape = int(record["dem"]["grid"]["rows"]), int(record["dem"]["grid"]["cols"])
    except (EemtError, KeyError, TypeError, ValueError):
        return None
    return [name for name in names if not is_whole(folder.maps / name, shape)] if names else None


def last_error(folder: JobFolder) -> str:
    """Return the sentence with which the command ended, empty if it printed none."""
    try:
        text = read_end(folder.log, _END_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    for line in reversed(text.splitlines()):
        if line.startswith(_ERROR):
            return line.removeprefix(_ERROR)
        if line.startswith(_STARTED):  # what stands before it, an earlier run said
            break
    return ""


def last_sign(folder: JobFolder, started: float | None) -> float:
    """Return when a run ended that ended while nobody looked, by what it wrote last [s since 1970].

    Now, where it has written nothing since it was `started`.
    """
    now, signs = time.time(), []
    for path in (folder.log, folder.maps / RUN_FILE):
        with suppress(OSError):
            signs.append(path.stat().st_mtime)
    status = status_of(folder)
    if status is not None and status.run.ended_utc:
        signs.append(datetime.fromisoformat(status.run.ended_utc).timestamp())
    return max((sign for sign in signs if (started or 0.0) <= sign <= now), default=now)


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
