"""What a user asks of a run, as plain data, and the ear that hears how it goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..parameters import SolarParameters
from ..tiling import DEFAULT_HALO_CELLS


@dataclass(frozen=True)
class RunRequest:
    """One run of the whole job.

    Attributes
    ----------
    dem
        The elevation model.
    out
        Folder for the maps.
    workflow
        ``sol`` or ``eemt``; None: ``eemt`` when climate is given.
    solar
        Choices of the radiation model.
    linke_raster
        Raster of the Linke turbidity, one band or twelve, or None.
    tile_cells
        Largest edge of a tile [cells]; None for the default.
    halo_cells
        Width of the halo [cells].
    threads
        Cores to use; 0 for all that there are.
    twi
        Raster of the wetness index, or None to compute it.
    elevation_unit
        ``m``, ``ft`` or ``us-ft`` where the DEM does not say it.
    overwrite, resume
        What to do with maps or an unfinished run in `out`.
    command
        The command line, for the record.
    """

    dem: Path
    out: Path
    workflow: str | None = None
    solar: SolarParameters = field(default_factory=SolarParameters)
    linke_raster: Path | None = None
    tile_cells: int | None = None
    halo_cells: int = DEFAULT_HALO_CELLS
    threads: int = 0
    twi: Path | None = None
    elevation_unit: str | None = None
    overwrite: bool = False
    resume: bool = False
    command: str = ""


class Reporter(Protocol):
    """Hears how a run goes. The manager tells; what a person sees is the reporter's affair."""

    def say(self, sentence: str) -> None:
        """Hear something that every user should know."""
        ...

    def detail(self, sentence: str) -> None:
        """Hear something for those who asked for more."""
        ...

    def progress(self, stage: str, done: float, total: float, unit: str) -> None:
        """Hear how much of a stage is done; `unit` names what is counted."""
        ...


class Silent:
    """A reporter that keeps everything to itself."""

    def say(self, sentence: str) -> None:
        """Hear and forget."""

    def detail(self, sentence: str) -> None:
        """Hear and forget."""

    def progress(self, stage: str, done: float, total: float, unit: str) -> None:
        """Hear and forget."""
