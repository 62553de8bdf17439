"""A status for people: aligned lines of 80 columns.

Names of hosts and messages come from other machines: whatever could move a terminal's cursor or
hide text is left out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime

from ..journal import Status
from ..worker.catalog import CatalogEntry
from .progress import duration, scaled
from .words import told

_WIDTH = 80
_LABEL = 11
_BAR_CELLS = 28
_EVENTS = 8
_ASIDE = 10
_LONGEST = 400
_UNBROKEN = "\N{NO-BREAK SPACE}"

Rows = Sequence[Sequence[str]]


def plain(text: str, longest: int = _LONGEST) -> str:
    r"""Return text without control characters, cut to a length.

    >>> plain("node\x1b[2J7\n")
    'node[2J7'
    """
    text = "".join(c for c in " ".join(told(text).split()) if c.isprintable())
    return text if len(text) <= longest else text[: longest - 2] + ".."


def summary(status: Status, jobs: Sequence[tuple[str, str]] = ()) -> str:
    """Return what a run does, in some ten lines; `jobs` are labels and texts about its jobs."""
    return "\n".join(_summary(status, jobs))


def not_begun(out: str, jobs: Sequence[tuple[str, str]]) -> str:
    """Return what there is to say of a run whose jobs were submitted and that has not begun."""
    lines = [plain(out), *_line("state", "no run has begun here")]
    return "\n".join([*lines, *_job_lines(jobs)])


def worker_table(status: Status) -> str:
    """Return a row for each worker, those connected first."""
    rows = [
        (
            plain(worker.host, 22),
            str(worker.cores),
            f"{worker.memory_mb} MB",
            str(worker.running),
            str(worker.done),
            str(worker.lost),
            _since(worker.joined_utc, worker.left_utc, status.at_utc),
        )
        for worker in status.workers
    ]
    if not rows:
        return "No workers."
    head = ("WORKER", "CORES", "MEMORY", "RUNNING", "DONE", "LOST", "SINCE")
    return _table(head, rows, "<>>>>><")


def task_table(status: Status) -> str:
    """Return a row for each tile that runs or was put aside, and count the others."""
    counts = status.tile_counts
    rows = [
        (
            plain(tile.name, 18),
            plain(tile.state, 8),
            plain(tile.host, 16) or "-",
            str(tile.attempt or "-"),
            "-" if tile.seconds is None else f"{tile.seconds:.1f}",
            plain(tile.message),
        )
        for tile in status.tiles
    ]
    more = counts.running + counts.aside - len(rows)
    lines = []
    if rows:
        lines = [_table(("TILE", "STATE", "HOST", "ATTEMPT", "SECONDS", ""), rows, "<<<>><")]
    if more > 0:
        lines.append(f"... and {more} more like these.")
    return "\n".join([*lines, f"{_tiles(counts.waiting)} waiting, {counts.done} done."])


def manager_table(managers: Sequence[CatalogEntry], catalog: str, project: str | None) -> str:
    """Return a row for each manager in a catalog."""
    if not managers:
        what = "No manager" if project is None else f"No manager of project {project}"
        return f"{what} in the catalog at {catalog}."
    rows = [
        (
            plain(m.project, 20),
            f"{plain(m.host, 22)}:{m.port}",
            str(m.tasks_waiting),
            str(m.tasks_running),
            str(m.tasks_done),
            str(m.workers),
            plain(m.version, 12),
        )
        for m in managers
    ]
    head = ("PROJECT", "HOST:PORT", "WAITING", "RUNNING", "DONE", "WORKERS", "VERSION")
    return _table(head, rows, "<<>>>><")


def _summary(status: Status, jobs: Sequence[tuple[str, str]]) -> Iterator[str]:
    run, counts, attempts = status.run, status.tile_counts, status.attempts
    yield plain(status.out)
    yield from _line("state", _state(status))
    yield from _line("started", _started(status))
    if status.stage is not None and status.stage.name != "tiles" and run.state == "running":
        stage = status.stage
        share = f" {min(1.0, stage.done / stage.total):.0%}" if stage.total > 0 else ""
        yield from _line("stage", plain(f"{stage.name}{share}"))
    parts = [f"{counts.done} of {counts.total} done"]
    if counts.from_earlier:
        parts.append(f"{counts.from_earlier} of them by an earlier run")
    parts += [f"{counts.running} running", f"{counts.waiting} waiting"]
    if counts.aside:
        parts.append(f"{counts.aside} put aside")
    yield from _line("tiles", _listed(parts))
    yield from _line("work", _work(status))
    seen = status.worker_counts
    if seen.seen:
        yield from _line(
            "workers",
            f"{seen.connected} connected, {seen.seen} seen; {seen.cores} cores, "
            f"{seen.cores_busy} busy",
        )
    elif seen.cores_busy:
        yield from _line("cores", f"{seen.cores_busy} busy")
    if attempts.total:
        yield from _line("attempts", _attempts(status))
    yield from _job_lines(jobs)
    for refused in status.refused[:_ASIDE]:
        times = f" ({refused.times} times)" if refused.times > 1 else ""
        yield from _line("refused", f"{plain(refused.address, 60)}{times}: {plain(refused.why)}")
    trouble = [tile for tile in status.tiles if tile.state == "aside"]
    for tile in trouble[:_ASIDE]:
        yield from _line(tile.state, f"{plain(tile.name, 60)}: {plain(tile.message)}")
        if tile.log:
            yield from _line("", f"log: {plain(tile.log, 4096)}")
    if len(trouble) > _ASIDE:
        yield from _line("", f"... and {len(trouble) - _ASIDE} more: --tasks lists them")
    for event in status.events[-_EVENTS:]:
        yield from _line("event", f"{_time(event.at_utc, status.at_utc)}  {plain(event.sentence)}")


def _job_lines(jobs: Sequence[tuple[str, str]]) -> Iterator[str]:
    for label, text in jobs:
        yield from _line(label, plain(text, 4096))


def _state(status: Status) -> str:
    run = status.run
    where = f"on {plain(run.host, 60)} (process {run.pid}), engine {plain(run.engine, 30)}"
    if run.state == "running":
        return f"running {where}"
    if run.state == "silent":
        return (
            f"unknown: no sign of life since {_time(run.updated_utc, status.at_utc)} {where}; "
            "if it has ended, eemt-run --resume goes on"
        )
    when = _time(run.ended_utc, status.at_utc)
    if run.state == "killed":
        return f"killed, last sign of life {when} {where}; eemt-run --resume goes on"
    message = f": {plain(run.message)}" if run.message else ""
    resume = "; eemt-run --resume goes on" if run.state == "interrupted" else ""
    return f"{plain(run.state, 20)} {when}{resume}{message}"


def _started(status: Status) -> str:
    run = status.run
    again = f"; start {run.number} of this run" if run.number > 1 else ""
    took = f"{duration(run.seconds)} {'ago' if run.state == 'running' else 'in all'}"
    on = f"; instruction set {plain(run.instruction_set, 30)}" if run.instruction_set else ""
    return f"{_time(run.started_utc, status.at_utc)}, {took}{again}{on}"


def _work(status: Status) -> str:
    work = status.work
    share = work.done / work.total if work.total > 0 else 0.0
    full = int(min(1.0, share) * _BAR_CELLS)
    parts = [f"[{'#' * full}{'-' * (_BAR_CELLS - full)}] {share:.1%}"]
    if work.per_s > 0:
        parts.append(f"{scaled(work.per_s)} cell-days/s")
    if work.left_s is not None:
        parts.append(f"{duration(work.left_s)} left")
    return "  ".join(parts)


def _attempts(status: Status) -> str:
    attempts = status.attempts
    kinds = {
        "done": attempts.done,
        "running": attempts.running,
        "lost": attempts.lost,
        "failed": attempts.failed,
        "damaged": attempts.damaged,
        "out of memory": attempts.no_memory,
        "cancelled": attempts.cancelled,
        "superseded": attempts.superseded,
        "retried": attempts.retried,
        "copies": attempts.copies,
    }
    always = ("lost", "retried")
    told = [f"{number} {kind}" for kind, number in kinds.items() if number or kind in always]
    return f"{attempts.total} in all: {_listed(told)}"


def _since(joined: str, left: str, now: str) -> str:
    return f"left {_time(left, now)}" if left else _time(joined, now)


def _time(utc: str, now: str) -> str:
    """Return a time in UTC, with its date unless it is today."""
    try:
        time, today = datetime.fromisoformat(utc), datetime.fromisoformat(now)
    except ValueError:
        return "?"
    return f"{time:%H:%M:%S} UTC" if time.date() == today.date() else f"{time:%Y-%m-%d %H:%M} UTC"


def _tiles(number: int) -> str:
    return f"{number} tile" if number == 1 else f"{number} tiles"


def _listed(parts: Sequence[str]) -> str:
    """Return parts with commas between, which do not break within at the end of a line."""
    return ", ".join(part.replace(" ", _UNBROKEN) for part in parts)


def _line(label: str, text: str) -> list[str]:
    lines = textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=f"  {label:<{_LABEL - 2}}",
        subsequent_indent=" " * _LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_UNBROKEN, " ") for line in lines]


def _table(head: Sequence[str], rows: Rows, align: str) -> str:
    """Return columns under their heads; the last one is cut where the line ends."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = []
    for row in (head, *rows):
        cells = [f"{cell:{a}{w}}" for cell, a, w in zip(row, align, widths, strict=True)]
        lines.append(_cut("  ".join(cells)))
    return "\n".join(lines)


def _cut(line: str) -> str:
    """Return a line without blanks at its end, cut to the width of a terminal."""
    return line.rstrip() if len(line.rstrip()) <= _WIDTH else line[: _WIDTH - 2] + ".."
