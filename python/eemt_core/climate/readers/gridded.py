"""A climate on its own grid: checked against the DEM, and cut into windows for the DEM's tiles.

All work with files and projections is done in `GriddedSource.plan`, in the manager; the tasks of
tiles get plain arrays. The files are read once, over the DEM and a margin.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ArgumentError, InputError
from ...grids.grid import Grid, Lattice
from .. import _vapour as vapour
from .._model import Array, ClimateCut, Period
from . import own_elevation, placement, reference_elevation, units
from .band_reader import BandReader
from .raster_set import REQUIRED_QUANTITIES, Band, Entry, RasterSet
from .source import FROM_TMIN, ElevationReader, select_periods

# larger arrays of values over the DEM are mapped to a temporary file, so that the system can move
# them out of memory
_IN_MEMORY_BYTES = 64 * 2**20
# most climate cells over a DEM: twice North America in cells of 1 km, 6 GB for a year of one
# quantity
_MOST_CELLS = 2**27

_HUMIDITY_ORIGIN = {
    ("vp",): "given",
    ("tdmean",): "from the mean dew point",
    ("vpdmin", "vpdmax"): "from the vapour-pressure deficits at tmin and tmax",
    ("vpdmax",): "from the vapour-pressure deficit at tmax",
    ("vpdmin",): "from the vapour-pressure deficit at tmin",
    (): FROM_TMIN,
}


@dataclass(frozen=True)
class GriddedSource:
    """Monthly rasters as a climate.

    Attributes
    ----------
    raster_set
        The months that the folder holds.
    elevation
        A raster of the climate grid's own elevation, or None.
    is_given
        Whether the user gave that raster. If so, its unit is checked; elevations that come with the
        climate files are in metres.
    """

    raster_set: RasterSet
    elevation: Entry | None = None
    is_given: bool = False

    @property
    def kind(self) -> str:
        """One of daymet, local, prism."""
        return self.raster_set.kind

    @property
    def periods(self) -> tuple[Period, ...]:
        """Years in ascending order, or the label of normals alone."""
        return self.raster_set.periods

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of `model.VARIABLES` that it has or can derive from its own files."""
        humid = ("vapour_pressure_pa",) if self.raster_set.humidity() else ()
        return ("tmin_c", "tmax_c", "prcp_mm", *humid)

    @property
    def provenance(self) -> dict[str, Any]:
        """Origin of the climate, for the metadata of everything computed from it."""
        return {
            "kind": self.kind,
            "source": self.raster_set.dataset,
            "folder": self.raster_set.folder.resolve().name,
            "vapour_pressure": _HUMIDITY_ORIGIN[self.raster_set.humidity()],
            "calendar": self.raster_set.calendar,
            "reference_elevation": (
                "mean of the DEM over each climate cell"
                if self.elevation is None
                else self.elevation.name
            ),
        }

    def select(
        self, start_year: int | None = None, end_year: int | None = None
    ) -> tuple[Period, ...]:
        """Return the periods from `start_year` to `end_year`, by default all, or raise."""
        raster_set = self.raster_set
        chosen = select_periods(
            raster_set.periods,
            start_year,
            end_year,
            where=str(raster_set.folder),
            expected=lambda year: raster_set.expected("tmin", year, 1),
        )
        raster_set.require(chosen)
        return chosen

    def plan(
        self, grid: Grid, periods: Sequence[Period], read_elevation: ElevationReader
    ) -> GriddedPlan:
        """Read and check the climate over a DEM, and return it as a plan.

        Parameters
        ----------
        grid
            The DEM's grid, projected.
        periods
            Periods as returned by `select`.
        read_elevation
            Reads a window of the DEM. If the user gave the climate grid's elevation, only a few
            windows are read, to check that both are in metres.

        Raises
        ------
        InputError
            If a file is missing or damaged, has another grid, unit or time step than required, does
            not cover the DEM, or holds no data over it; the message names the file.
        """
        raster_set = self.raster_set
        if not periods or any(period not in raster_set.periods for period in periods):
            raise ArgumentError(
                f"periods must be some of {[*raster_set.periods]}, got {[*periods]}",
                field="periods",
                value=[*periods],
            )
        raster_set.require(periods)
        reader = BandReader(raster_set.crs)
        first = raster_set.months("tmin", periods[0])[0]
        native = reader.grid_of(first)
        row, col = placement.lattices(grid, native)
        placement.require_cover(grid, native, first.name)
        region = placement.region(grid, native)
        values = _read(raster_set, periods, reader, region)
        notes = reader.notes + list(placement.gaps(values, grid, native, region, first.name))
        place = grid, row, col, region, read_elevation
        if self.elevation is None:
            found = own_elevation.from_dem(*place, first.name)
        else:
            found = own_elevation.from_raster(self.elevation, native, region, values, first.name)
        if not np.isfinite(found.mean_m).any():
            holder = self.elevation.name if self.elevation else "the DEM"
            raise InputError(
                f"{holder} holds no elevation in any cell of {first.name} over the DEM",
                remedy="check that both lie in the same region",
            )
        if self.elevation is not None and self.is_given and found.unit_m is None:
            own_elevation.check_unit(self.elevation, found, *place)
        notes += found.notes
        reference_m, weight = reference_elevation.trusted(found.mean_m, found.cover)
        humidity = raster_set.humidity(periods)
        if not humidity:
            notes.append(
                f"{raster_set.folder} has no vapour pressure of these years: the air is taken as "
                "saturated at the minimum temperature."
            )
        files = tuple(sorted(reader.files))
        provenance = self.provenance | {
            "vapour_pressure": _HUMIDITY_ORIGIN[humidity],
            "periods": list(periods),
            "files": [path.name for path in files],
            "reference_elevation_cover": round(reference_elevation.typical_cover(found.cover), 4),
        }
        return GriddedPlan(
            periods=tuple(periods),
            days=tuple(raster_set.days(period) for period in periods),
            provenance=provenance,
            notes=tuple(notes),
            files=files if self.elevation is None else (*files, self.elevation.file),
            values=values,
            reference_m=reference_m,
            weight=weight,
            origin=region[:2],
            row=row,
            col=col,
        )


@dataclass(frozen=True)
class GriddedPlan:
    """A gridded climate over one DEM: its values there, and the DEM's position in its grid."""

    periods: tuple[Period, ...]
    days: tuple[tuple[int, ...], ...]
    provenance: dict[str, Any]
    notes: tuple[str, ...]
    files: tuple[Path, ...]
    values: Mapping[str, Array]
    reference_m: Array
    weight: Array
    origin: tuple[int, int]
    row: Lattice
    col: Lattice

    def cut(self, row0: int, col0: int, rows: int, cols: int) -> ClimateCut:
        """Return the climate cells for a window of the DEM: four around the centre of each cell."""
        row, col = (lattice.cut(row0, col0, rows, cols) for lattice in (self.row, self.col))
        spans = []
        for lattice, origin in ((row, self.origin[0]), (col, self.origin[1])):
            edge = lattice.expand(row0, col0, rows, cols) - 0.5
            first = int(np.floor(edge.min())) - origin
            spans.append(slice(first, int(np.floor(edge.max())) - origin + 2))
        south, east = spans
        return ClimateCut(
            periods=self.periods,
            days=self.days,
            values={n: np.array(v[:, :, south, east]) for n, v in self.values.items()},
            reference_m=self.reference_m[south, east].copy(),
            weight=self.weight[south, east].copy(),
            row0=self.origin[0] + south.start,
            col0=self.origin[1] + east.start,
            row=row,
            col=col,
        )


def _read(
    raster_set: RasterSet,
    periods: Sequence[Period],
    reader: BandReader,
    region: tuple[int, int, int, int],
) -> dict[str, Array]:
    """Return the model's variables over a region, (periods, 12, rows, cols) float32."""
    if region[2] * region[3] > _MOST_CELLS:
        raise InputError(
            f"{raster_set.folder} has {region[2]} x {region[3]} climate cells over the DEM, far "
            "more than a month's climate differs in",
            remedy="bring its files to coarser cells, for example with rio warp --res 1000 "
            "--resampling average",
        )
    humidity = raster_set.humidity(periods)
    names = ["tmin_c", "tmax_c", "prcp_mm"] + (["vapour_pressure_pa"] if humidity else [])
    shape = (len(periods), 12, *region[2:])
    out = {name: _room(shape, len(names)) for name in names}
    for k, period in enumerate(periods):
        year = {}
        bands: dict[str, tuple[Band, ...]] = {}
        for quantity in (*REQUIRED_QUANTITIES, *humidity):
            bands[quantity] = raster_set.months(quantity, period)
            year[quantity] = reader.read_year(quantity, period, bands[quantity], region)
        units.check_order(year["tmin"], year["tmax"], bands["tmin"][0].name, bands["tmax"][0].name)
        for quantity, name in zip(REQUIRED_QUANTITIES, names, strict=False):
            out[name][k] = year[quantity]
        if humidity:
            out["vapour_pressure_pa"][k] = _HUMIDITY[humidity](year)
    return out


_HUMIDITY: dict[tuple[str, ...], Callable[[Mapping[str, Array]], Array]] = {
    ("vp",): lambda year: year["vp"],
    ("tdmean",): lambda year: vapour.from_dew_point(year["tdmean"]),
    ("vpdmax",): lambda year: vapour.from_deficit(year["tmax"], year["vpdmax"]),
    ("vpdmin",): lambda year: vapour.from_deficit(year["tmin"], year["vpdmin"]),
    # both deficits give the vapour pressure of the same air, so the mean reduces rounding errors
    ("vpdmin", "vpdmax"): lambda year: (
        0.5
        * (
            vapour.from_deficit(year["tmin"], year["vpdmin"])
            + vapour.from_deficit(year["tmax"], year["vpdmax"])
        )
    ),
}


def _room(shape: tuple[int, ...], arrays: int) -> Array:
    """Return an empty float32 array, in a temporary file if `arrays` of them are large."""
    if arrays * 4 * int(np.prod(shape)) <= _IN_MEMORY_BYTES:
        return np.empty(shape, np.float32)
    with tempfile.TemporaryFile() as file:  # the mapping keeps the deleted file alive
        return np.memmap(file, np.float32, "w+", shape=shape)
