"""Reading climate rasters, and checking that they hold what their names say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from ... import rasters
from ...calendar365 import MONTHS_IN_FULL
from ...errors import InputError
from ...grids.grid import Grid
from .._model import Array, Period
from . import placement, units
from .raster_set import Band

# grids whose edges differ by less than this share of a cell count as the same
_SAME_CELLS = 0.01

# largest accepted difference between a NetCDF file's time and the month in its name: the time may
# be the middle or either end of the month, and a calendar without leap days drifts by two weeks in
# sixty years, while a file of a wrong year differs by a year
_TIME_TOLERANCE = timedelta(days=45)


class BandReader:
    """Opens the bands of one climate, and checks each file's grid against that of the first."""

    def __init__(self, crs: str = "") -> None:
        self._crs = crs
        self._infos: dict[str, rasters.RasterInfo] = {}
        self._first: tuple[str, Grid] | None = None
        self.files: set[Path] = set()
        self.notes: list[str] = []

    def grid_of(self, band: Band) -> Grid:
        """Return the grid of a band's file, or raise InputError if the file is not usable.

        The file must have the expected number of bands, a coordinate reference system, and the same
        grid as every file opened before.
        """
        info = self._info(band)
        _check_steps(info.bands, band)
        grid = info.grid
        if grid is not None and not grid.crs and band.name.lower().endswith(".asc"):
            grid = self._placed(grid, band)
        if grid is None or not grid.crs:
            raise InputError(
                f"{band.name} has no coordinate reference system",
                remedy="declare the one it is in, for example with rio edit-info --crs",
            )
        if self._first is None:
            self._first = band.name, grid
        first_name, first = self._first
        if grid is first:
            return grid
        if not _same_grid(grid, first):
            raise InputError(
                f"{band.name} and {first_name} lie on different grids",
                remedy="cut all files of a climate to the same cells",
            )
        return grid

    def _placed(self, grid: Grid, band: Band) -> Grid:
        """Return the grid, with the source's geographic CRS if the file is an ASCII grid."""
        known = placement.in_degrees(grid, self._crs)
        if known.crs and not self.notes:
            self.notes.append(
                f"{band.name}, an ASCII grid, says no coordinate reference system: it is taken to "
                f"be in the source's, {self._crs}."
            )
        return known

    def read_year(
        self,
        quantity: str,
        period: Period,
        bands: Sequence[Band],
        region: tuple[int, int, int, int],
    ) -> Array:
        """Return a year of a quantity over a region, (12, rows, cols) float32, or raise InputError.

        NaN for nodata and outside the files' grid.
        """
        year = np.empty((12, *region[2:]), np.float32)
        for path in dict.fromkeys(band.path for band in bands):
            months = [k for k, band in enumerate(bands) if band.path == path]
            with self._opened(bands[months[0]]) as file:
                for k in months:
                    self.grid_of(bands[k])
                    info = self._info(bands[k])
                    units.check_tag(quantity, info.units[bands[k].index - 1], bands[k].name)
                    if isinstance(period, int):
                        _check_time(info, bands[k], period, k + 1)
                values = file.read_bands([bands[k].index for k in months], *region)
            year[months] = units.without_fill(values)
            units.check_values(
                quantity, year[months], bands[months[0]], self._info(bands[months[0]])
            )
        units.check_year(quantity, year, bands[0].name)
        return year

    def _info(self, band: Band) -> rasters.RasterInfo:
        if band.path not in self._infos:
            with self._opened(band):
                pass
        return self._infos[band.path]

    @contextmanager
    def _opened(self, band: Band) -> Iterator[rasters.WindowReader]:
        """Give a band's file; to open it once more for its metadata takes as long as reading it."""
        with ExitStack() as stack:
            try:
                file = stack.enter_context(closing(rasters.WindowReader(band.path)))
                if band.path not in self._infos:
                    self._infos[band.path] = file.info()
            except InputError as error:
                if not band.path.startswith("netcdf:"):
                    raise
                quantity = band.path.rpartition(":")[2]
                raise InputError(
                    f"{band.name} has no variable {quantity} that can be read",
                    remedy="fetch the file again, or install a rasterio whose GDAL has the "
                    "netCDF driver (pip install --force-reinstall rasterio)",
                ) from error
            self.files.add(band.file)
            yield file


def _check_steps(found: int, band: Band) -> None:
    """Raise InputError unless a file has the number of bands that is expected of its kind."""
    if found == band.of:
        return
    step = {1: " (an annual value?)", 365: " (daily values?)", 366: " (daily values?)"}
    if band.of == 12:
        raise InputError(
            f"{band.name} has {found} band{'s' * (found != 1)}{step.get(found, '')} instead of 12 "
            "monthly ones",
            remedy="give a year's twelve months in one file",
        )
    raise InputError(
        f"{band.name} has {found} bands instead of one",
        remedy="give one month in each of these files",
    )


def _same_grid(one: Grid, other: Grid) -> bool:
    """Return whether two grids have the same cells; their CRS may be written differently."""
    if one.shape != other.shape:
        return False
    near = _SAME_CELLS * other.dx
    if max(abs(a - b) for a, b in zip(one.bounds, other.bounds, strict=True)) > near:
        return False
    if one.crs == other.crs:
        return True
    x, y = one.centres([0, one.rows - 1], [0, one.cols - 1])
    to_x, to_y = rasters.transform_points(one.crs, other.crs, x, y)
    return bool(np.abs(to_x - x).max() < near and np.abs(to_y - y).max() < near)


def _check_time(info: rasters.RasterInfo, band: Band, year: int, month: int) -> None:
    """Raise InputError if the time in a NetCDF file is not the month in its name."""
    epoch = re.match(r"days since (\d{4}-\d\d-\d\d)", info.tags.get("time#units", ""))
    days = info.band_tags[band.index - 1].get("NETCDF_DIM_time")
    if epoch is None or days is None:
        return
    found = datetime.fromisoformat(epoch[1]) + timedelta(days=float(days))
    if abs(found - datetime(year, month, 15)) > _TIME_TOLERANCE:
        raise InputError(
            f"{band.name} holds {MONTHS_IN_FULL[found.month - 1]} {found.year} where "
            f"{MONTHS_IN_FULL[month - 1]} {year} is expected",
            remedy="give it the name of its year",
        )
