"""Whether a compute node reaches the manager: one short job looks, and says so in one sentence."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from .. import __version__
from ..errors import ArgumentError
from ..worker.dryrun import Check, checks_in
from .hand_over import HandedOver, hand_over
from .order import Order, Workers
from .schedulers import SCHEDULERS, Job, Scheduler
from .standing import end_of, logs_in
from .targets import TARGETS

_LASTS_S = 60
_LASTS_WITH_IMAGE_S = 300
"""What has to be installed or fetched first takes longer."""

_LOOK_S, _LOOK_MOST_S = 1.0, 15.0
_OUTPUT_S, _MORE_OUTPUT_S = 20.0, 3.0
"""How long the output of a job may take to be seen here after its end, on network file systems: its
beginning, and the rest."""

_OF_MANAGER, _LAST_CHECK = ("name", "port", "encryption", "password"), "command"


@dataclass(frozen=True)
class Answer:
    """What a job has found: one sentence, and an exit code that is 0 if a worker could work."""

    sentence: str
    exit_code: int


def probe(target: str, order: Order, tell: Callable[[str], None]) -> Answer:
    """Have one job check all that a worker needs, wait for it, and return what it has found.

    Its script and output are removed unless they hold more than the sentence; the job is cancelled
    if the waiting is interrupted.

    Parameters
    ----------
    target
        The batch system's name among `SCHEDULERS`.
    order
        That of the workers.
    tell
        Hears how the job stands, one sentence each time that this changes.

    Raises
    ------
    EemtError
        If no job can be submitted, or the batch system does not answer any more.
    """
    scheduler, asked = SCHEDULERS[target], _order(order)
    handed = hand_over(scheduler, asked, TARGETS[target].render(asked))
    try:
        job = _wait(scheduler, handed, tell)
    except BaseException:
        handed.script.unlink(missing_ok=True)
        scheduler.cancel([handed.number])
        raise
    assert asked.log_folder is not None
    log, checks = _output(asked.log_folder, asked.name, handed)
    answer = _answer(job, checks, log)
    if _is_complete(checks):
        for path in filter(None, (log, handed.script)):
            path.unlink(missing_ok=True)
    return answer


def _order(order: Order) -> Order:
    """Return the order of one job of a minute."""
    work = order.work
    if not isinstance(work, Workers):
        raise ArgumentError(
            "only workers call a manager",
            remedy="leave <<probe>> out, or name a <<manager>>",
            field="probe",
        )
    return replace(
        order,
        work=replace(work, count=1, is_dry=True),
        time_s=_LASTS_S if order.runtime == "installed" else _LASTS_WITH_IMAGE_S,
        name=f"{order.name}-probe",
        log_folder=order.log_folder or Path.cwd(),
    )


def _wait(scheduler: Scheduler, handed: HandedOver, tell: Callable[[str], None]) -> Job:
    """Return the job when it has ended."""
    said, pause_s = "", _LOOK_S
    while True:
        known = scheduler.look([handed.number])
        job = known[0] if known else Job(handed.number, "ended", "")
        reason = f" ({job.reason})" if job.reason else ""
        now = {"queued": f"waits{reason}", "running": "runs", "ended": "has ended"}[job.state]
        if now != said:
            tell(f"Job {handed.number} {now}.")
            said, pause_s = now, _LOOK_S
        if job.state == "ended":
            return job
        time.sleep(pause_s)
        pause_s = min(_LOOK_MOST_S, 1.5 * pause_s)


def _output(folder: Path, name: str, handed: HandedOver) -> tuple[Path | None, list[Check]]:
    """Return the file of the job's output, and the checks in it, once it is there."""
    start = time.monotonic()
    for pause in itertools.chain([0.0, 0.2], itertools.repeat(1.0)):
        time.sleep(pause)
        log = logs_in(folder, name, handed.number).get(1)
        text = end_of(log, lines=100)
        checks = checks_in(text)
        if _is_complete(checks):
            break
        if time.monotonic() > start + (_MORE_OUTPUT_S if text else _OUTPUT_S):
            break
    return log, checks


def _is_complete(checks: list[Check]) -> bool:
    """Say whether one of them is wrong, or all have been made."""
    return any(check.exit_code or check.name == _LAST_CHECK for check in checks)


def _answer(job: Job, checks: list[Check], log: Path | None) -> Answer:
    found = {check.name: check.found for check in checks}
    host, _, program = found.get("machine", "a node").partition(", which has ")
    wrong = [check for check in checks if check.exit_code]
    if wrong:
        return Answer(f"A worker on {host} would not work: {wrong[0].found}", job.exit_code or 3)
    if _LAST_CHECK not in found:
        last = end_of(log, lines=1)
        said = f"its output {log} ends with: {last}" if last else "it wrote nothing"
        word = f" ({job.word})" if job.word else ""
        return Answer(f"Job {job.id} has ended without an answer{word}; {said}", 3)
    good = ", ".join(name for name in _OF_MANAGER if name in found)
    sentence = f"A worker on {host} reaches its manager: {good} and protocol are right"
    other = "" if program == f"eemt-core {__version__}" else f"; careful, it has {program} there"
    return Answer(f"{sentence}{other}.", 0)
