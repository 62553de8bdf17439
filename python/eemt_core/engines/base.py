"""What every engine offers: submit, wait, cancel, close; and what it tells while it works."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..tiles.task import Resources

LOG_FILE = "log.txt"
"""What a task prints, in its folder."""

LOG_CHARACTERS = 2000
"""How much of its end a completion tells."""


@dataclass(frozen=True)
class Submission:
    """A task folder to run, and what it needs of the machine that runs it.

    Attributes
    ----------
    name
        Unique among all submissions to this engine, so that copies of a task can be told apart.
    folder
        The task's folder here; results appear in it.
    inputs, outputs
        Files that the task reads and leaves, relative to the folder.
    avoid
        Workers on which it has failed: others are preferred while there are any.
    """

    name: str
    folder: Path
    resources: Resources
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    avoid: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Worker:
    """A machine's share that runs tasks.

    Attributes
    ----------
    worker
        Name that no other worker has had.
    host
        The name that its machine goes by; text from afar, not to be trusted.
    """

    worker: str
    host: str
    address: str
    cores: int
    memory_mb: int
    disk_mb: int


@dataclass(frozen=True)
class TaskStarted:
    """A worker has begun to run a task."""

    name: str
    worker: str
    host: str


@dataclass(frozen=True)
class TaskLost:
    """A worker is gone in mid-task; the engine gives the task to the next one by itself.

    Attributes
    ----------
    farewell
        Whether the worker said goodbye (it was told to stop) instead of vanishing.
    why
        What happened, where neither task nor worker had a part in it; else empty.
    """

    name: str
    worker: str
    host: str
    farewell: bool = False
    why: str = ""


@dataclass(frozen=True)
class Completion:
    """How a task ended.

    Attributes
    ----------
    exit_code
        0 when its results are there; otherwise as in `eemt_core.errors`, or minus the signal that
        ended the process.
    message
        One sentence on what went wrong; empty if nothing did.
    lack
        ``memory`` or ``disk`` where that is what went wrong, else empty.
    is_worker_unfit
        Whether the worker's installation is at fault rather than the task.
    log
        The end of what it printed, where it failed.
    """

    name: str
    exit_code: int
    message: str
    seconds: float
    worker: str = ""
    host: str = ""
    lack: str = ""
    is_worker_unfit: bool = False
    log: str = ""


@dataclass(frozen=True)
class WorkerJoined:
    """A worker has come."""

    worker: Worker


@dataclass(frozen=True)
class WorkerLeft:
    """A worker has gone."""

    worker: Worker
    why: str


@dataclass(frozen=True)
class WorkerRefused:
    """Somebody on the port could not be taken as a worker.

    Attributes
    ----------
    is_worker
        Whether it must be one; else it may only have asked who is there.
    """

    address: str
    why: str
    is_worker: bool = True


@dataclass(frozen=True)
class Notice:
    """Something that the user should hear of.

    Attributes
    ----------
    kind
        One word for the journal.
    """

    kind: str
    sentence: str


EngineEvent = (
    TaskStarted | TaskLost | Completion | WorkerJoined | WorkerLeft | WorkerRefused | Notice
)


@dataclass(frozen=True)
class Pool:
    """The workers that are there now."""

    workers: tuple[Worker, ...] = field(default=())

    @property
    def cores(self) -> int:
        """Cores of all workers."""
        return sum(worker.cores for worker in self.workers)

    @property
    def hosts(self) -> frozenset[str]:
        """Names of their machines."""
        return frozenset(worker.host for worker in self.workers)

    def room_for(self, need: Resources) -> int:
        """Return how many tasks of this size run at once."""
        return sum(
            min(
                worker.cores // need.cores,
                worker.memory_mb // max(1, need.memory_mb),
                worker.disk_mb // max(1, need.disk_mb),
            )
            for worker in self.workers
        )

    def fits(self, need: Resources) -> bool:
        """Say whether any worker could run such a task, were it idle."""
        return any(
            worker.cores >= need.cores
            and worker.memory_mb >= need.memory_mb
            and worker.disk_mb >= need.disk_mb
            for worker in self.workers
        )


class Engine(Protocol):
    """Runs the tasks given to it, in any order, several at once."""

    name: str
    """How it is called in a run's record: ``local`` or ``work-queue``."""

    limits_memory: bool
    """Whether a task that takes more memory than it declared is stopped."""

    admits_strangers: bool
    """Whether workers may come that nobody gave a password to."""

    @property
    def pool(self) -> Pool:
        """The workers that are there now."""
        ...

    def capacity(self, need: Resources) -> int:
        """How many tasks of this size run at once, with the workers that are there now."""
        ...

    def submit(self, task: Submission) -> None:
        """Take a task; it starts when there is room."""
        ...

    def wait(self, timeout_s: float) -> list[EngineEvent]:
        """Return what has happened since, waiting up to `timeout_s` for the first event."""
        ...

    def cancel(self, name: str) -> None:
        """Forget a task, ending it if it runs; it will not be among the completions."""
        ...

    def block_worker(self, worker: str, seconds: float) -> None:
        """Give a worker no new task for so long; 0 ends it."""
        ...

    def delay_newcomers(self, host: str, address: str, seconds: float) -> None:
        """Give workers that will come from there no task for so long; an empty host is any."""
        ...

    def close(self) -> None:
        """End everything that still runs."""
        ...
