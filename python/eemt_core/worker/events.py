"""What Work Queue's worker says it does, from the lines that it writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """Something that happened to a worker."""

    CONNECTED = auto()
    AUTHENTICATING = auto()
    ACCEPTED = auto()
    HELLO_SENT = auto()
    WORD_OF_MANAGER = auto()
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
class Event:
    """What happened, and the part of the line that tells more: an address, a reason."""

    kind: Kind
    detail: str = ""


# The first pattern that fits counts. A wrong password is told from a manager that says nothing
# by the handshake itself: the worker uses the same words for both.
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (Kind.CONNECTED, r"wq: connected to (?:manager|master) (\S+)"),
        (Kind.AUTHENTICATING, r"wq: authenticating to"),
        (Kind.WRONG_PASSWORD, r"auth: peer did not (?:send correct|accept my) response"),
        (Kind.ACCEPTED, r"auth: peer accepted my response"),
        (Kind.NO_PASSWORD_THERE, r"auth: peer is not using password"),
        (Kind.NEEDS_PASSWORD, r"rx from (?:manager|master): auth password"),
        (Kind.RELEASED, r"rx from (?:manager|master): exit$"),
        (Kind.WORD_OF_MANAGER, r"rx from (?:manager|master): "),
        (Kind.HELLO_SENT, r"tx to (?:manager|master): workqueue "),
        (Kind.DISCONNECTED, r"wq: disconnecting from (?:manager|master)"),
        (Kind.TASK_STARTED, r"wq: started process (\d+)"),
        (Kind.TASK_ENDED, r"wq: (task \d+) \(pid \d+\) exited "),
        (Kind.UNREACHABLE, r"(couldn't connect to \S+: .+)"),
        # no newline follows, but the next of these, or a date
        (Kind.UNREACHABLE, r"(couldn't resolve hostname \S+?)(?=couldn't|\d{4}/|$)"),
        (Kind.IDLE, r"because I did not receive any task"),
        (Kind.TIME_OVER, r"reached the wall time limit"),
        (Kind.PROBLEM, r"(?:error|fatal): (.+)"),
        (Kind.PROBLEM, r"work_queue_worker: (has less than .+|couldn't .+)"),
    )
)


def event_of(line: str) -> Event | None:
    """Return what a line tells, or None if that is of no interest.

    Examples
    --------
    >>> event_of("couldn't connect to here:9123: Connection refused").detail
    "couldn't connect to here:9123: Connection refused"
    """
    for kind, pattern in _PATTERNS:
        match = pattern.search(line)
        if match:
            return Event(kind, match[1] if pattern.groups else "")
    return None
