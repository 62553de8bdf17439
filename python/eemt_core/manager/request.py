"""What a user asks of a run, as plain data, and the ear that hears how it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..grids.tiling import DEFAULT_HALO_CELLS
from ..solar._parameters import SolarParameters


@dataclass(frozen=True)
class EnergyRequest:
    """What is asked of the energy balance.

    Attributes
    ----------
    climate
        File or folder of the climate.
    climate_elevation
        Raster of the climate grid's own elevation, or None.
    start_year, end_year
        First and last year; None: all that there are.
    variants
        Some of ``trad``, ``topo``, ``topo-veg``; empty: all that the inputs allow.
    parameters
        Choices of `eemt_core.energy.EnergyParameters` that differ from their defaults.
    lapse_c_per_km
        Lapse rates of the minimum and the maximum temperature [degC per km]; None: standard.
    solar_ratio
        ``global`` or ``beam``: the radiation whose ratio warms or cools a slope.
    lai, ndvi, canopy_height
        Rasters of the vegetation, one band or twelve for the first two, or None.
    """

    climate: Path
    climate_elevation: Path | None = None
    start_year: int | None = None
    end_year: int | None = None
    variants: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    lapse_c_per_km: tuple[float, float] | None = None
    solar_ratio: str = "global"
    lai: Path | None = None
    ndvi: Path | None = None
    canopy_height: Path | None = None


@dataclass(frozen=True)
class ClusterRequest:
    """What is asked of a run whose tiles go to other machines.

    Attributes
    ----------
    ports
        Lowest and highest port to listen on; (0, 0) for any free one.
    bind
        The address to listen on alone; empty for all of this machine.
    project, catalog
        A name to be found by, and the catalog server that tells it: (host, port).
    password_file
        A file whose content workers must know too.
    is_private
        Whether the workers of this machine alone are wanted: others would not know the password.
    keepalive_s
        After how long a silent worker is asked for a sign of life, and how long it may take to
        give one [s].
    fewest_workers, most_workers
        How many workers of this machine to start: as many as there are tiles, within these.
    worker_timeout_s
        After how long without work these leave [s].
    runtime
        How workers have the code: ``installed``, ``wheel`` or ``container``.
    image
        The container image.
    task_cores
        Cores of each task.
    tls
        Key and certificate.
    """

    ports: tuple[int, int] = (9123, 9123)
    bind: str = ""
    project: str = ""
    catalog: tuple[str, int] | None = None
    password_file: Path | None = None
    is_private: bool = False
    keepalive_s: int = 60
    fewest_workers: int = 0
    most_workers: int = 0
    worker_timeout_s: int = 900
    runtime: str = "installed"
    image: str = ""
    task_cores: int = 1
    tls: tuple[Path, Path] | None = None


@dataclass(frozen=True)
class RunRequest:
    """One run of the whole job.

    Attributes
    ----------
    dem
        The elevation model; None for that of the demonstration.
    out
        Folder for the maps.
    solar
        Choices of the radiation model; its year counts only where `sun_year_given`.
    energy
        What is asked of the energy balance; None: sunlight alone.
    linke
        ``auto``, a raster of the Linke turbidity (one band or twelve), or None for the numbers
        in `solar`.
    tile_cells
        Largest edge of a tile [cells]; None for the default.
    halo_cells
        Width of the halo [cells].
    threads
        Cores of this machine to use; 0 for all that there are.
    cluster
        What is asked of a run on other machines; None: it stays on this one.
    retries
        How often a task that failed is tried again.
    twi
        Raster of the wetness index, or None to compute it.
    elevation_unit
        ``m``, ``ft`` or ``us-ft`` where the DEM does not say it.
    nodata
        Values of the DEM that are no elevations, beside the one that it declares.
    pictures
        Whether to draw the maps too.
    overwrite, resume
        What to do with maps or an unfinished run in `out`.
    command
        The command line, for the record.
    """

    dem: Path | None
    out: Path
    solar: SolarParameters = field(default_factory=SolarParameters)
    sun_year_given: bool = False
    energy: EnergyRequest | None = None
    linke: Path | str | None = None
    tile_cells: int | None = None
    halo_cells: int = DEFAULT_HALO_CELLS
    threads: int = 0
    cluster: ClusterRequest | None = None
    retries: int = 1
    twi: Path | None = None
    elevation_unit: str | None = None
    nodata: tuple[float, ...] = ()
    pictures: bool = True
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

    def progress(self, stage: str, done: float, total: float, unit: str, note: str = "") -> None:
        """Hear how much of a stage is done; `unit` names what is counted, `note` tells more."""
        ...


class Silent:
    """A reporter that keeps everything to itself."""

    def say(self, sentence: str) -> None:
        """Hear and forget."""

    def detail(self, sentence: str) -> None:
        """Hear and forget."""

    def progress(self, stage: str, done: float, total: float, unit: str, note: str = "") -> None:
        """Hear and forget."""
