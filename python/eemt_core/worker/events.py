"""Events of Work Queue's worker, read from the lines of its log.

Releases of protocol 9 name the manager in each message (``tx to manager: ...``, ``rx from manager:
...``), those of protocol 11 do not (``tx: ...``, ``rx: ...``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto


class WorkerEventKind(Enum):
    """Kinds of events."""

    CONNECTED = auto()
    AUTHENTICATING = auto()
    ACCEPTED = auto()
    HELLO_SENT = auto()
    MANAGER_MESSAGE = auto()
    NEEDS_PASSWORD = auto()
    WRONG_PASSWORD = auto()
    NO_PASSWORD_THERE = auto()
    RELEASED = auto()
    DISCONNECTED = auto()
    UNREACHABLE = auto()
    TASK_STARTED = auto()
    TASK_ENDED = auto()
    IDLE = auto()
    TIME_OVER = auto()
    PROBLEM = auto()


@dataclass(frozen=True)
class WorkerEvent:
    """An event; `detail` is the part of the line that tells more: an address, a reason."""

    kind: WorkerEventKind
    detail: str = ""


_WQ, _AUTH = r"\[\d+\] ?wq: ", r"\[\d+\] ?auth: "
_SENT = _WQ + r"tx(?: to (?:manager|master))?: "
_RECEIVED = _WQ + r"rx(?: from (?:manager|master))?: "

# The first pattern that fits counts. A wrong password is told from a manager that says nothing
# by the handshake itself: the worker uses the same words for both.
_PATTERNS: tuple[tuple[WorkerEventKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (WorkerEventKind.CONNECTED, _WQ + r"connected to (?:manager|master) (\S+)"),
        (WorkerEventKind.AUTHENTICATING, _WQ + r"authenticating to"),
        (WorkerEventKind.WRONG_PASSWORD, _AUTH + r"peer did not (?:send correct|accept my) resp"),
        (WorkerEventKind.ACCEPTED, _AUTH + r"peer accepted my response"),
        (WorkerEventKind.NO_PASSWORD_THERE, _AUTH + r"peer is not using password"),
        (WorkerEventKind.NEEDS_PASSWORD, _RECEIVED + r"auth password"),
        (WorkerEventKind.RELEASED, _RECEIVED + r"exit$"),
        (WorkerEventKind.MANAGER_MESSAGE, _RECEIVED),
        (WorkerEventKind.HELLO_SENT, _SENT + r"workqueue "),
        (WorkerEventKind.DISCONNECTED, _WQ + r"disconnecting from (?:manager|master)"),
        (WorkerEventKind.TASK_STARTED, _WQ + r"started process (\d+)"),
        (WorkerEventKind.TASK_ENDED, _WQ + r"(task \d+) \(pid \d+\) exited "),
        (WorkerEventKind.UNREACHABLE, r"(couldn't connect to \S+: .+)"),
        # no newline follows, but the next of these, a date, or what it says of its folder
        (
            WorkerEventKind.UNREACHABLE,
            r"(couldn't resolve hostname \S+?)(?=couldn't|\d{4}/|work_queue_worker:|$)",
        ),
        (WorkerEventKind.IDLE, r"because I did not receive any task"),
        (WorkerEventKind.TIME_OVER, r"reached the wall time limit"),
        (WorkerEventKind.PROBLEM, r"(?:error|fatal): (.+)"),
        (WorkerEventKind.PROBLEM, r"work_queue_worker: (has less than .+|couldn't .+)"),
    )
)


def event_of(line: str) -> WorkerEvent | None:
    """Return what a line tells, or None if that is of no interest.

    Examples
    --------
    >>> event_of("couldn't connect to here:9123: Connection refused").detail
    "couldn't connect to here:9123: Connection refused"
    >>> name = "couldn't resolve hostname there"
    >>> {event_of(name + more).detail for more in
    ...  ("", name, "2026/11/27 10:00", "work_queue_worker: deleting workspace /tmp/w")}
    {"couldn't resolve hostname there"}
    """
    for kind, pattern in _PATTERNS:
        match = pattern.search(line)
        if match:
            return WorkerEvent(kind, match[1] if pattern.groups else "")
    return None
