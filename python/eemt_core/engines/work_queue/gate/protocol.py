"""The messages of Work Queue's protocol that the gate knows, in both directions.

A worker sends `WorkerMessage`, which `worker_parser` checks; the queue sends `QueueMessage`, which
`queue_parser` reads. What else the queue sends is passed through unread.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LONGEST_LINE = 4096
"""Bytes of a line; the protocol's own limit."""

SLACK_BYTES = 1 << 20
"""What a task's files may have beside the disk that it declared: room for a log."""


class ProtocolError(Exception):
    """A worker sent what the protocol does not allow; the sentence goes to the user."""


# --- from a worker


@dataclass(frozen=True)
class Hello:
    """A worker's first line; `host` is empty where it gave no name that could be one."""

    protocol: int
    host: str
    system: str


@dataclass(frozen=True)
class SelfReport:
    """A line about the worker itself (a resource, a feature, "alive"), as it may be passed on."""

    line: bytes


@dataclass(frozen=True)
class WorkerId:
    """The name that the worker gives itself."""

    worker: str


@dataclass(frozen=True)
class IntroductionEnd:
    """The worker has told all its sizes; `line` is the one that says so."""

    line: bytes


@dataclass(frozen=True)
class ResultsAvailable:
    """Tasks have ended, and their results can be asked for."""


@dataclass(frozen=True)
class TaskReport:
    """How a task ended: the numbers as they are passed on, and what the task printed."""

    task: int
    numbers: tuple[int, ...]
    output: bytes


@dataclass(frozen=True)
class ResultsEnd:
    """There are no more results."""


@dataclass(frozen=True)
class FileBegin:
    """A file that was asked for follows."""

    name: str
    size: int


@dataclass(frozen=True)
class FileContent:
    """Some of that file's bytes, as they lie in the buffer that they were received into."""

    content: memoryview


@dataclass(frozen=True)
class FileEnd:
    """That file is complete."""

    name: str


@dataclass(frozen=True)
class FileMissing:
    """A file that was asked for is not there."""

    name: str
    error: int


WorkerMessage = (
    Hello | SelfReport | WorkerId | IntroductionEnd | ResultsAvailable | TaskReport | ResultsEnd
    | FileBegin | FileContent | FileEnd | FileMissing
)  # fmt: skip


# --- from the queue


@dataclass
class TaskDescription:
    """A task as the queue gives it to a worker.

    Attributes
    ----------
    outputs
        Names of its result files, as the queue will ask for them.
    most_bytes
        What they may have together.
    """

    number: int
    outputs: list[str] = field(default_factory=list)
    most_bytes: int = SLACK_BYTES


@dataclass(frozen=True)
class Passthrough:
    """Bytes to be sent to the worker as they are."""

    content: bytes


@dataclass(frozen=True)
class TaskAssigned:
    """The queue has given the worker a task; its description is complete."""

    task: TaskDescription


@dataclass(frozen=True)
class ResultsRequest:
    """The queue asks for results."""


@dataclass(frozen=True)
class FileRequest:
    """The queue asks for a file."""

    name: str


@dataclass(frozen=True)
class TaskKilled:
    """The queue ends a task, or needs nothing of it any more."""

    task: int


QueueMessage = Passthrough | TaskAssigned | ResultsRequest | FileRequest | TaskKilled
