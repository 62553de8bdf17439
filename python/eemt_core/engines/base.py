"""What every engine offers: submit, wait, cancel, close; and the events that it reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..tiles.task import Resources

LOG_FILE = "log.txt"
"""What a task prints, in its folder."""

LOG_CHARACTERS = 2000
"""How much of the end of that a completion holds."""


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
        Workers on which the task has failed: others are preferred while there are any.
    shared
        Folder of shared storage that the task uses under this very path, if it uses one.
    expected_s
        How long it may run [s], 0 where nobody knows: no worker gets it that must leave sooner.
    is_first
        Whether it is to begin before all others that wait.
    """

    name: str
    folder: Path
    resources: Resources
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    avoid: frozenset[str] = frozenset()
    shared: Path | None = None
    expected_s: int = 0
    is_first: bool = False


@dataclass(frozen=True)
class Worker:
    """A process that runs tasks, and the share of its machine that it offers.

    Attributes
    ----------
    worker
        Its name, which no other worker of the run has.
    host
        The name of its machine as the worker tells it: text from a stranger.
    address
        Where its connection comes from, HOST:PORT; empty for this machine.
    cores, memory_mb, disk_mb
        What it offers to tasks.
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
    """A worker left before its task ended; the engine gives the task to another by itself.

    Attributes
    ----------
    farewell
        Whether the worker announced that it leaves, because it was told to stop.
    why
        The cause, where it lies neither in the task nor in the worker; else empty.
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
        ``memory``, ``disk``, ``shared`` (storage) or ``processor`` where that is what went wrong,
        else empty.
    is_worker_unfit
        Whether the worker's installation or processor is at fault rather than the task.
    log
        The end of what the task printed, where it failed.
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
    """A worker has connected."""

    worker: Worker


@dataclass(frozen=True)
class WorkerLeft:
    """A worker has disconnected."""

    worker: Worker
    why: str


@dataclass(frozen=True)
class WorkerRefused:
    """A connection to the port was refused.

    Attributes
    ----------
    is_worker
        Whether it certainly was a worker; otherwise it may have been a mere query.
    """

    address: str
    why: str
    is_worker: bool = True


@dataclass(frozen=True)
class Notice:
    """A sentence for the user.

    Attributes
    ----------
    kind
        One word on what it is about, for the journal.
    """

    kind: str
    sentence: str


EngineEvent = (
    TaskStarted | TaskLost | Completion | WorkerJoined | WorkerLeft | WorkerRefused | Notice
)


@dataclass(frozen=True)
class Pool:
    """The workers that are connected now."""

    workers: tuple[Worker, ...] = field(default=())

    @property
    def cores(self) -> int:
        """Cores of all workers."""
        return sum(worker.cores for worker in self.workers)

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
        """Say whether any worker is large enough for such a task, busy or not."""
        return any(
            worker.cores >= need.cores
            and worker.memory_mb >= need.memory_mb
            and worker.disk_mb >= need.disk_mb
            for worker in self.workers
        )


@dataclass(frozen=True)
class Capabilities:
    """What distinguishes one engine from another, for those who schedule tasks on it.

    Attributes
    ----------
    has_joining_workers
        Whether workers join and leave during the run. Otherwise there is this machine alone, which
        the tasks were fitted to before they were submitted.
    transfers_files
        Whether task folders are sent to other machines. A damaged input or a full disk may then be
        the fault of a transfer or of one worker.
    shares_cores
        Whether the cores that a task leaves free serve the other tasks, so that the last tasks of
        a run may have more threads each.
    limits_memory
        Whether a task that takes more memory than it declared is stopped.
    admits_strangers
        Whether workers may join that nobody gave a password to.
    """

    has_joining_workers: bool
    transfers_files: bool
    shares_cores: bool
    limits_memory: bool
    admits_strangers: bool


class Engine(Protocol):
    """Runs the tasks given to it, in any order, several at once."""

    name: str
    """How it is called in a run's record: ``local`` or ``work-queue``."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do; the same throughout its life."""
        ...

    @property
    def pool(self) -> Pool:
        """The workers that are connected now."""
        ...

    def capacity(self, need: Resources) -> int:
        """How many tasks of this size run at once, with the workers of now."""
        ...

    def submit(self, task: Submission) -> None:
        """Accept a task; it starts when a worker has room for it."""
        ...

    def wait(self, timeout_s: float) -> list[EngineEvent]:
        """Return the events since the last call, waiting up to `timeout_s` for the first."""
        ...

    def cancel(self, name: str) -> None:
        """End a task, whether it runs or waits; no completion is reported for it."""
        ...

    def block_worker(self, worker: str, seconds: float) -> None:
        """Give a worker no new task for so long; 0 unblocks it."""
        ...

    def delay_newcomers(self, host: str, address: str, seconds: float) -> None:
        """Give workers that join from there no task for so long; an empty host means any."""
        ...

    def close(self) -> None:
        """End all tasks and release the workers."""
        ...
