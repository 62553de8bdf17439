"""What a user asks of a run, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from ..energy._parameters import RANGES as ENERGY_RANGES
from ..energy._parameters import EnergyParameters
from ..errors import ArgumentError, VersionError
from ..grids.tiling import DEFAULT_HALO_CELLS
from ..machine import most_processes, usable_cores
from ..solar._parameters import RANGES as SOLAR_RANGES
from ..solar._parameters import SolarParameters
from .plain import OF_FIELDS, Different, OwnRanges, PartOf, from_plain, schema_of, settle, to_plain
from .ranges import (
    HaloCells,
    LapseRate,
    Port,
    Precision,
    Processes,
    Retries,
    Seconds,
    TaskCores,
    TileCells,
    Year,
)

SCHEMA_VERSION = 1
"""Of a request as JSON; it changes when a field is renamed, goes, or gets another meaning."""

FULL_BITS, DEFAULT_BITS = 23, 10
"""Mantissa bits of a cell: all, and those that maps keep. 10 err by 0.05 % at most, a tenth of what
the models themselves are accurate to."""

_SUN = OwnRanges(
    SOLAR_RANGES,
    {
        "days": {"minItems": 1, "uniqueItems": True},
        "linke": {"anyOf": [{"maxItems": 1}, {"minItems": 12, "maxItems": 12}]},
    },
)


@dataclass(frozen=True)
class EnergyRequest:
    """What is asked of the energy balance.

    Attributes
    ----------
    climate
        File or folder of the climate.
    climate_elevation
        Raster of the climate grid's own elevation, in the unit that it declares or metres;
        without it, what lies beside the files, or the mean of the DEM over each of their cells.
    start_year, end_year
        First and last year of the climate; without them all that it has.
    variants
        Some of ``trad``, from the climate alone, ``topo``, with the terrain's sun and water, and
        ``topo-veg``, with the vegetation too; without them all that the inputs allow.
    parameters
        Choices of `eemt_core.energy.EnergyParameters` that differ from their defaults.
    lapse_c_per_km
        Lapse rates of the minimum and the maximum temperature, -20 to 20 [degC per km]; without
        them the standard ones.
    solar_ratio
        ``global`` or ``beam``: the radiation whose ratio warms or cools a slope.
    lai
        Raster of the leaf area index, of one band or twelve for the months [m2/m2].
    ndvi
        Raster of NDVI in place of the leaf area, of one band or twelve for the months.
    canopy_height
        Raster of the height of the canopy, of one band [m].

    Examples
    --------
    >>> EnergyRequest(climate=Path("station.toml"), parameters={"fu_w": 3.0}).solar_ratio
    'global'
    """

    climate: Path
    climate_elevation: Path | None = None
    start_year: Year | None = None
    end_year: Year | None = None
    variants: Annotated[tuple[Literal["trad", "topo", "topo-veg"], ...], Different()] = ()
    parameters: Annotated[Mapping[str, Any], PartOf(EnergyParameters, ENERGY_RANGES)] = field(
        default_factory=dict
    )
    lapse_c_per_km: tuple[LapseRate, LapseRate] | None = None
    solar_ratio: Literal["global", "beam"] = "global"
    lai: Path | None = None
    ndvi: Path | None = None
    canopy_height: Path | None = None

    def __post_init__(self) -> None:
        settle(self)


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
        A name to be found by, and the catalog server that tells it: (host, port); both or neither.
    password_file
        A file whose content workers must know too.
    is_private
        Whether the workers of this machine alone are wanted: others would not know the password.
        `most_workers` must then be 1 at least.
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
        The container image, of runtime ``container`` alone.
    task_cores
        Cores of each task.
    tls
        Key and certificate.
    shared_dir
        A folder that this machine and the workers share under the same path: inputs and results lie
        there, and only names and checksums travel to workers that see it.

    Examples
    --------
    >>> ClusterRequest(ports=(0, 0), runtime="wheel").task_cores
    1
    """

    ports: tuple[Port, Port] = (9123, 9123)
    bind: str = ""
    project: str = ""
    catalog: tuple[str, Port] | None = None
    password_file: Path | None = None
    is_private: bool = False
    keepalive_s: Seconds = 60
    fewest_workers: Processes = 0
    most_workers: Processes = 0
    worker_timeout_s: Seconds = 900
    runtime: Literal["installed", "wheel", "container"] = "installed"
    image: str = ""
    task_cores: TaskCores = 1
    tls: tuple[Path, Path] | None = None
    shared_dir: Path | None = None

    def __post_init__(self) -> None:
        settle(self)
        low, high = self.ports
        if low > high:
            raise ArgumentError(
                f"<<ports>> must rise, got {low} to {high}", field="ports", value=self.ports
            )
        if low == 0 and high > 0:
            raise ArgumentError(
                f"<<ports>> must not begin at 0, got 0 to {high}",
                remedy="give 1 as the lowest, or 0 twice for any free port",
                field="ports",
                value=self.ports,
            )
        if self.fewest_workers > self.most_workers:
            raise ArgumentError(
                f"fewest_workers must not exceed most_workers, got {self.fewest_workers} and "
                f"{self.most_workers}",
                field="fewest_workers",
                value=self.fewest_workers,
            )
        if self.is_private and self.most_workers < 1:
            raise ArgumentError(
                "is_private keeps out all workers but those of this machine, and none is to start",
                remedy="give most_workers, or leave out is_private",
                field="is_private",
                value=True,
            )
        if bool(self.project) != (self.catalog is not None):
            raise ArgumentError(
                "<<project>> and <<catalog>> go together",
                remedy="the catalog is where workers look for the project, and no public one is "
                "asked unless you name it",
                field="project" if self.catalog else "catalog",
            )
        if bool(self.image) != (self.runtime == "container"):
            raise ArgumentError(
                "runtime container needs an image, and no other runtime takes one",
                remedy="give <<runtime=container>> and <<image>>, or neither",
                field="image",
                value=self.image,
            )


@dataclass(frozen=True)
class RunRequest:
    """One run of the whole job.

    Fields are checked when it is made; paths may be text, and lists stand for tuples.

    Attributes
    ----------
    dem
        The elevation model; None for that of the demonstration.
    out
        Folder for the maps.
    solar
        Choices of the radiation model.
    energy
        What is asked of the energy balance; None: sunlight alone.
    linke
        ``auto``, a raster of the Linke turbidity (one band or twelve), or None for the numbers
        in `solar`, which must not be empty then.
    tile_cells
        Edge of a tile [cells]; without it one that suits the run. A rest narrower than an eighth of
        it is no tile of its own.
    halo_cells
        Width of the rim around a tile whose terrain still shades it cell by cell [cells].
    threads
        Cores of this machine to use; 0 for all that there are.
    instruction_set
        What the kernels run on, the same for all tiles: ``base`` for the lowest, ``v3``, ``v4``;
        None: ``v3``, or the highest below it that this machine has.
    cluster
        What is asked of a run on other machines; None: it stays on this one.
    retries
        How often a task that failed is tried again; without it once, or three times where tasks
        go to other machines.
    twi
        Raster of the wetness index, of one band [ln(m)]; without it, the index is computed.
    elevation_unit
        Unit of the elevations, ``m``, ``ft`` or ``us-ft``, where the DEM does not say it.
    nodata
        Values of the DEM that are no elevations, beside the one that it declares.
    precision
        Bits of the mantissa that a map's cells keep, 6 to 23, or ``full`` for all 23: with n bits
        a cell is rounded by 2^-(n+1) of its value at most. Without it 10, and in mode ``rsun``
        all.
    compress
        How maps are compressed: ``deflate``, which every program reads, or ``zstd``.
    averages
        How averages of days are kept: ``vrt``, small files that refer to the sums beside them, or
        ``tif``, files of their own.
    pictures
        Whether to draw the maps as pictures too.
    overwrite, resume
        Whether to replace the maps that are in `out`, or to continue the unfinished run there.
    command
        The command line, for the record.

    Raises
    ------
    ArgumentError
        If a field has a wrong type, or a value lies outside its range.

    Examples
    --------
    >>> request = RunRequest(Path("dem.tif"), Path("out"), solar=SolarParameters(albedo=0.3))
    >>> RunRequest.from_dict(request.to_dict()) == request
    True
    """

    dem: Path | None
    out: Path
    solar: Annotated[SolarParameters, _SUN] = field(default_factory=SolarParameters)
    energy: EnergyRequest | None = None
    linke: Literal["auto"] | Path | None = None
    tile_cells: TileCells | None = None
    halo_cells: HaloCells = DEFAULT_HALO_CELLS
    threads: Processes = 0
    instruction_set: Literal["base", "v3", "v4"] | None = None
    cluster: ClusterRequest | None = None
    retries: Retries | None = None
    twi: Path | None = None
    elevation_unit: Literal["m", "ft", "us-ft"] | None = None
    nodata: tuple[float, ...] = ()
    precision: Literal["full"] | Precision | None = None
    compress: Literal["deflate", "zstd"] = "deflate"
    averages: Literal["vrt", "tif"] = "vrt"
    pictures: bool = True
    overwrite: bool = False
    resume: bool = False
    command: str = ""

    def __post_init__(self) -> None:
        settle(self)
        if self.overwrite and self.resume:
            raise ArgumentError(
                "give <<overwrite>> or <<resume>>, not both", field="resume", value=True
            )
        if self.linke is None and not self.solar.linke:
            raise ArgumentError(
                "the turbidity of the air is missing",
                remedy="give <<linke>>, or its numbers in solar.linke",
                field="solar.linke",
                value=self.solar.linke,
            )

    @property
    def precision_bits(self) -> int:
        """Bits of the mantissa that a map's cells keep, also where the request leaves it open."""
        if self.precision is None:
            return FULL_BITS if self.solar.mode == "rsun" else DEFAULT_BITS
        return FULL_BITS if self.precision == "full" else self.precision

    @property
    def settled_retries(self) -> int:
        """How often a task that failed is tried again, also where the request leaves it open."""
        if self.retries is not None:
            return self.retries
        return 1 if self.cluster is None else 3

    def to_dict(self) -> dict[str, Any]:
        """Return the request as plain JSON, whole, with its `SCHEMA_VERSION`.

        Paths are text as they were given; a relative one counts from the folder in which the run
        is started. What a password file holds is not in it, only where the file lies.
        """
        return {"schema_version": SCHEMA_VERSION, **to_plain(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RunRequest:
        """Return the request of plain JSON; what is left out has its default.

        Raises
        ------
        ArgumentError
            If a field is unknown, is missing, or has a wrong value.
        VersionError
            If it is of another `SCHEMA_VERSION`.
        """
        if not isinstance(data, Mapping):
            raise ArgumentError(
                f"a request must be {OF_FIELDS}, got {data!r:.60}",
                field="request",
                value=data,
            )
        version = data.get("schema_version")
        if version != SCHEMA_VERSION or isinstance(version, bool):
            said = "says no" if version is None else f"is of {version!r:.20}, an unknown"
            raise VersionError(
                f"the request {said} schema_version",
                remedy=f"write one as this program prints it, with schema_version {SCHEMA_VERSION}",
                field="schema_version",
                value=version,
            )
        given = {name: value for name, value in data.items() if name != "schema_version"}
        request: RunRequest = from_plain(cls, given)
        return request

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema (2020-12) of requests; `from_dict` checks more than it can say."""
        schema, both = schema_of(cls), ("overwrite", "resume")
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A run of eemt-core",
            **schema,
            "not": {"required": list(both), "properties": {name: {"const": True} for name in both}},
            "properties": {"schema_version": {"const": SCHEMA_VERSION}, **schema["properties"]},
            "required": ["schema_version", *schema["required"]],
        }


def check_processes(field: str, number: int) -> None:
    """Raise `ArgumentError` where so many workers or threads are more than this machine bears."""
    most = most_processes()
    if number > most:
        raise ArgumentError(
            f"{number} is more than {most}, the most for the {usable_cores()} cores that are ours "
            "here",
            remedy="more would only wait for each other and fill the memory",
            field=field,
            value=number,
        )
