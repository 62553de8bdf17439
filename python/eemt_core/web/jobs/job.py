"""A job as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

State = Literal["pending", "running", "completed", "failed", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
ENDED: tuple[State, ...] = ("completed", "failed", "cancelled")

Workflow = Literal["sol", "eemt"]


@dataclass(frozen=True)
class Job:
    """A run that somebody asked for.

    Attributes
    ----------
    id
        As in `identity`.
    parameters
        What was asked, under the names of the form.
    progress
        Share of the work that is done [%], 0 to 100.
    message
        Of a failed job, the sentence that the command printed.
    created, started, ended
        Seconds since 1970; None while it has not happened.
    upload
        Identity of the uploaded DEM; empty for the demonstration.
    pid
        Number of the process, which may be given to another one later.
    wants_cancel
        Whether somebody asked that it ends.
    keep
        Whether cleanup leaves it alone.
    files_removed
        When cleanup removed its files [s since 1970]; what was asked and how it ended stays.
    """

    id: str
    workflow: Workflow
    state: State
    dem_name: str
    created: float
    parameters: Mapping[str, Any] = field(default_factory=dict)
    upload: str = ""
    progress: float = 0.0
    message: str = ""
    started: float | None = None
    ended: float | None = None
    pid: int | None = None
    wants_cancel: bool = False
    keep: bool = False
    files_removed: float | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it is over; a resume makes it pending again."""
        return self.state in ENDED


@dataclass(frozen=True)
class JobFolder:
    """Where a job's files lie; the run owns ``maps``, the service all else.

    Attributes
    ----------
    maps_elsewhere
        The run's output folder where it is no part of `path`.
    """

    path: Path
    maps_elsewhere: Path | None = None

    @property
    def request(self) -> Path:
        """The run's request."""
        return self.path / "request.json"

    @property
    def dem(self) -> Path:
        """The DEM, where it was uploaded."""
        return self.path / "dem.tif"

    @property
    def climate(self) -> Path:
        """The climate's files, where they were uploaded."""
        return self.path / "climate"

    def raster(self, kind: str) -> Path:
        """Return where a raster of a kind lies, if one was uploaded."""
        return self.path / f"{kind}.tif"

    @property
    def log(self) -> Path:
        """What the run's process printed."""
        return self.path / "run.log"

    @property
    def hillshade(self) -> Path:
        """The hillshade of the run's terrain, once somebody has looked at it."""
        return self.path / "hillshade.tif"

    @property
    def maps(self) -> Path:
        """The run's output folder."""
        return self.maps_elsewhere or self.path / "maps"
