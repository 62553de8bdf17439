"""What a journal says of a run, as plain data.

These classes are also the JSON document that ``eemt-status`` prints, field by field, so a field
may be added but neither renamed nor given another meaning without a new `DOCUMENT_VERSION`.
Times are UTC in ISO 8601, empty where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

DOCUMENT_VERSION = 1


@dataclass(frozen=True)
class RunStatus:
    """A start or resume of a run.

    Attributes
    ----------
    number
        1 for the first start, one more with each resume.
    state
        ``running``, ``finished``, ``failed``, ``interrupted``; ``killed`` if its manager
        ended without recording it; ``silent`` if the manager is on another host and has written
        nothing for a while.
    instruction_set
        What the kernels run on, in every tile: ``base``, ``v3``, ``v4``.
    seconds
        From the start to the end, or to the last sign of life.
    updated_utc
        The last sign of life.
    """

    number: int
    state: str
    message: str
    command: str
    program: str
    engine: str
    host: str
    pid: int
    fingerprint: dict[str, str]
    instruction_set: str
    started_utc: str
    updated_utc: str
    ended_utc: str
    seconds: float


@dataclass(frozen=True)
class StageStatus:
    """How far the present stage is: planning, tiles, maps, ..."""

    name: str
    done: float
    total: float
    unit: str


@dataclass(frozen=True)
class TileCounts:
    """Numbers of tiles; `from_earlier` of the done ones were done by an earlier run."""

    total: int
    waiting: int
    running: int
    done: int
    aside: int
    from_earlier: int


@dataclass(frozen=True)
class WorkProgress:
    """Work units of tiles (cells times days); the rate is that of recent minutes.

    `left_s` is null while it is unknown or the run does not go on.
    """

    done: float
    total: float
    per_s: float
    left_s: float | None


@dataclass(frozen=True)
class AttemptCounts:
    """Attempts of this run by how they ended.

    Attributes
    ----------
    damaged
        Those whose result did not pass the checks.
    superseded
        Those that were cancelled because another attempt at the tile had ended.
    retried
        Those after the first of a tile, without `copies`.
    copies
        Speculative ones: second attempts at a tile whose first one took long.
    """

    total: int
    running: int
    done: int
    failed: int
    lost: int
    damaged: int
    no_memory: int
    cancelled: int
    superseded: int
    retried: int
    copies: int


@dataclass(frozen=True)
class WorkerCounts:
    """Workers connected now and seen in all, and the cores of those connected."""

    connected: int
    seen: int
    cores: int
    cores_busy: int


@dataclass(frozen=True)
class WorkerStatus:
    """A worker and its attempts; `left_utc` is empty while it is connected.

    `last_utc` is when it was last heard of: it joined, began a task, or ended one.
    """

    worker: str
    host: str
    address: str
    cores: int
    memory_mb: int
    disk_mb: int
    cores_busy: int
    running: int
    done: int
    lost: int
    other: int
    tiles: tuple[str, ...]
    joined_utc: str
    last_utc: str
    left_utc: str
    why_left: str


@dataclass(frozen=True)
class TileStatus:
    """A tile and its last attempt; `log` is that of a tile put aside."""

    name: str
    state: str
    cells: int
    work_units: float
    attempt: int
    host: str
    worker: str
    seconds: float | None
    message: str
    log: str


@dataclass(frozen=True)
class RefusedWorkers:
    """Workers from an address that were sent away."""

    address: str
    why: str
    times: int
    last_utc: str


@dataclass(frozen=True)
class LoggedEvent:
    """A message to the user."""

    at_utc: str
    kind: str
    sentence: str


@dataclass(frozen=True)
class Status:
    """A run at one moment.

    Attributes
    ----------
    workers
        Those connected, then the last ones that left.
    tiles
        Those that run or were put aside.
    events
        The last ones, oldest first.
    """

    out: str
    at_utc: str
    run: RunStatus
    stage: StageStatus | None
    tile_counts: TileCounts
    work: WorkProgress
    attempts: AttemptCounts
    worker_counts: WorkerCounts
    workers: tuple[WorkerStatus, ...]
    tiles: tuple[TileStatus, ...]
    refused: tuple[RefusedWorkers, ...]
    events: tuple[LoggedEvent, ...]
