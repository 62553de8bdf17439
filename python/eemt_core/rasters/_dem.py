"""DEMs: checking a file, and converting it to metres on a projected grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasterio.enums import ColorInterp

from ..errors import ArgumentError, InputError
from ..grids.grid import Grid
from ._crs import height_axis
from ._dem_values import DemValues, cell_m
from ._files import Path_, grid_of, opened, read_from
from ._gaps import alpha_band
from ._maps import Block, new_geotiff
from ._reproject import on_the_ground, tiles, warped
from ._whole import disk_errors
from .odd_values import listed, number

UNITS_M = {"m": 1.0, "ft": 0.3048, "us-ft": 1200 / 3937}

_SPELLINGS = {
    "m": ("m", "metre", "metres", "meter", "meters"),
    "ft": ("ft", "foot", "feet", "international foot", "international feet"),
    "us-ft": ("us-ft", "ftus", "us survey foot", "us survey feet", "foot_us", "us foot", "sft"),
}

_WINDOW_CELLS = 2**21


@dataclass(frozen=True, slots=True)
class DemInfo:
    """A DEM that passed all checks.

    Attributes
    ----------
    path
        The file.
    grid
        Its grid, projected or geographic.
    unit_m
        Metres per unit of its elevations.
    notes
        Sentences for the user: what was assumed or left out.
    valid_cells
        How many of its cells have an elevation.
    lowest_m, highest_m
        The least and the greatest elevation [m].
    """

    path: Path
    grid: Grid
    unit_m: float
    notes: tuple[str, ...]
    valid_cells: int
    lowest_m: float
    highest_m: float


@dataclass(frozen=True, slots=True)
class PreparedDem:
    """A DEM in metres on a projected grid: the file, its grid, and what was done to it."""

    path: Path
    grid: Grid
    note: str | None


def open_dem(
    path: Path_,
    elevation_unit: str | None = None,
    *,
    nodata: Sequence[float] = (),
    fits: Callable[[Grid], None] = lambda grid: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> DemInfo:
    """Check that a file can serve as a DEM; the value of every cell is checked.

    Parameters
    ----------
    path
        Any raster that GDAL reads; elevation is its first band.
    elevation_unit
        "m", "ft" (international) or "us-ft". By default the unit that the file declares; if it
        declares none, metres, provided that its coordinates are in metres or degrees.
    nodata
        Values, as stored in the file, to treat as nodata besides the one that it declares.
    fits
        Called with the DEM's grid before any cell is read; should raise if the grid is too large.
    progress
        Called with the number of cells checked so far, and the number of all cells.

    Raises
    ------
    InputError
        If the file is missing or unreadable, has no CRS, a rotated grid, complex or impossible
        values, coordinates in feet without a unit of elevation, or no valid cell.
    """
    if elevation_unit is not None and elevation_unit not in UNITS_M:
        raise ArgumentError(
            f"elevation_unit must be m, ft or us-ft, got {elevation_unit!r}",
            field="elevation_unit",
            value=elevation_unit,
        )
    with opened(path) as source:
        grid, unit, notes = _checked_header(source, elevation_unit)
        if source.count > 1:
            notes.append(f"{path} has {source.count} bands; the first is taken as elevation.")
        fits(grid)
        values = DemValues(
            grid.cols,
            cell_m(grid),
            UNITS_M[unit],
            source.scales[0],
            source.offsets[0],
            source.dtypes[0],
        )
        for window in _windows(source):
            values.add(read_from(source, *window, nodata=nodata), window[1])
            progress(
                window[0] * grid.cols + window[2] * (window[1] + window[3]),
                source.height * grid.cols,
            )
        values.check(source.name)
        if not values.valid:
            raise InputError(
                f"{source.name} has no valid cell",
                remedy="check the file and the nodata value it declares",
            )
        if note := values.note(source.name):
            notes.append(note)
    unit_m = UNITS_M[unit]
    ends = values.lowest * unit_m, values.highest * unit_m
    return DemInfo(Path(path), grid, unit_m, tuple(notes), values.valid, *ends)


@dataclass(frozen=True, slots=True)
class DemOutline:
    """From a DEM's header: the grid of the computation, and whether a new DEM must be written.

    `unit_m` is how many metres a unit of its elevations has.
    """

    grid: Grid
    is_made: bool
    unit_m: float


def outline_dem(
    path: Path_, elevation_unit: str | None = None, *, nodata: Sequence[float] = ()
) -> DemOutline:
    """Return which grid `prepare_dem` will choose, from the DEM's header alone; writes nothing.

    Raises
    ------
    InputError
        As in `open_dem`, except for the checks of cell values.
    """
    with opened(path) as source:
        found, unit, _ = _checked_header(source, elevation_unit)
        crs, grid, _ = on_the_ground(str(path), source.crs, found)
    unit_m = UNITS_M[unit]
    return DemOutline(grid, crs is not None or unit_m != 1.0 or bool(nodata), unit_m)


def _checked_header(source: Any, elevation_unit: str | None) -> tuple[Grid, str, list[str]]:
    """Return grid, unit and notes of an open DEM; raise InputError as `open_dem` does."""
    _check_kind(source)
    grid = grid_of(source)
    _check_cell_size(source.name, grid)
    return grid, *_elevation_unit(source, elevation_unit)


def _check_cell_size(name: str, grid: Grid) -> None:
    """Raise InputError if cells are so small or so large that the georeference must be wrong."""
    unit, smallest, largest = ("degrees", 1e-8, 10) if grid.is_geographic else ("m", 1e-3, 1e6)
    for size in (grid.dx, grid.dy) if grid.is_geographic else grid.cell_size_m:
        if not smallest <= size <= largest:
            raise InputError(
                f"{name} has cells of {size:g} {unit}, which is no size of a DEM's cells "
                f"({smallest:g} to {largest:g} {unit})",
                remedy="correct its georeference, for example with rio edit-info --transform",
            )


def _check_kind(source: Any) -> None:
    """Raise InputError if a raster cannot be a DEM, whatever the values of its cells."""
    name = source.name
    if source.count == 0:
        raise InputError(
            f"{name} holds no band of its own",
            remedy="name one of its subdatasets, such as "
            f"{source.subdatasets[0] if source.subdatasets else 'NETCDF:file:variable'}",
        )
    if "complex" in source.dtypes[0]:
        raise InputError(f"{name} holds complex numbers", remedy="give a DEM of real elevations")
    picture = (ColorInterp.red, ColorInterp.palette)
    if source.dtypes[0] == "uint8" and source.colorinterp[0] in picture:
        raise InputError(
            f"{name} is a coloured picture", remedy="give the elevations it was drawn from"
        )
    if not source.crs:
        raise InputError(
            f"{name} has no coordinate reference system",
            remedy="declare it, for example with rio edit-info --crs EPSG:32613",
        )
    if source.transform.is_identity:
        raise InputError(
            f"{name} does not say where its cells lie",
            remedy="declare the corner and the size of cells, for example with rio edit-info "
            "--transform",
        )
    if not (source.crs.is_projected or source.crs.is_geographic):
        raise InputError(
            f"{name} has a coordinate reference system that is neither geographic nor projected, "
            "such as a local one that is not tied to the Earth",
            remedy="declare a projected one, for example with rio edit-info --crs EPSG:32613",
        )


def _elevation_unit(source: Any, wanted: str | None) -> tuple[str, list[str]]:
    """Return the unit of a DEM's elevations, as a key of UNITS_M, and notes on the choice."""
    unit_of_axis, is_depth = height_axis(source.crs)
    if is_depth:
        raise InputError(
            f"{source.name} has a coordinate reference system of depths, which count downwards",
            remedy="give heights, and declare a reference system of heights or a horizontal one "
            "alone",
        )
    said = (source.units[0] or unit_of_axis or "").strip()
    if wanted is not None:
        return wanted, []
    if said:
        for unit, spellings in _SPELLINGS.items():
            if said.lower() in spellings:
                note = f"Elevations of {source.name} are in {said}; they are brought to metres."
                return unit, [] if unit == "m" else [note]
        raise InputError(
            f"{source.name} gives its elevations in {said!r}",
            remedy="say what that is with <<elevation_unit>> m, ft or us-ft",
            field="elevation_unit",
            value=said,
        )
    if source.crs.is_projected and abs(source.crs.linear_units_factor[1] - 1) > 1e-9:
        raise InputError(
            f"{source.name} has coordinates in {source.crs.linear_units_factor[0]} and"
            " elevations without a unit",
            remedy="say theirs with <<elevation_unit>> m, ft or us-ft",
            field="elevation_unit",
        )
    return "m", []


def _windows(source: Any) -> Iterator[tuple[int, int, int, int]]:
    """Yield windows of about a million cells, made of whole blocks, that cover an open raster."""
    block_rows, block_cols = source.block_shapes[0]
    step_cols = block_cols * max(1, 1024 // block_cols)
    rows = min(1024, max(1, _WINDOW_CELLS // min(step_cols, source.width)))
    step_rows = block_rows * max(1, rows // block_rows)
    return tiles(source.height, source.width, step_rows, step_cols)


def prepare_dem(
    path: Path_,
    work_dir: Path_,
    notify: Callable[[str], None] | None = None,
    elevation_unit: str | None = None,
    *,
    nodata: Sequence[float] = (),
    fits: Callable[[Grid], None] = lambda grid: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> PreparedDem:
    """Check a DEM and convert it to metres on a projected grid.

    A projected DEM in metres is used as it is, unless it has values to leave out (`nodata`). From
    any other DEM a new one is written to `work_dir`, window by window: values to leave out become
    NaN, feet become metres, and a geographic grid, or a projected one that distorts lengths on the
    ground too much, is reprojected (see `on_the_ground`).

    Parameters
    ----------
    path
        The DEM.
    work_dir
        An existing folder in which the new DEM, ``dem.tif``, is written.
    notify
        Called with each sentence about what is assumed or done.
    elevation_unit, nodata, fits, progress
        As in `open_dem`.

    Raises
    ------
    InputError
        As in `open_dem`.
    ResourceError
        If the disk of `work_dir` has too little space for the DEM.

    Notes
    -----
    Reprojection uses cubic convolution. Slope and shadow depend on differences of elevation.
    Bilinear interpolation smooths these by an amount that varies from cell to cell with the offset
    between the two grids, which shows as a regular pattern in slope maps. Next to nodata cells GDAL
    falls back to bilinear interpolation, so no cells are lost along the edge of the data.
    """
    info = open_dem(path, elevation_unit, nodata=nodata, fits=fits, progress=progress)
    notes = list(info.notes)
    if nodata:
        left_out = listed([number(value) for value in nodata])
        notes.append(f"Cells of {path} that hold {left_out} are taken as nodata.")
    with opened(path) as source:
        crs, grid, note = on_the_ground(str(path), source.crs, info.grid)
        if note:
            notes.append(note)
        if crs is None and info.unit_m == 1.0 and not nodata:
            prepared = PreparedDem(info.path, grid, " ".join(notes) or None)
        else:
            made = Path(work_dir) / "dem.tif"
            if crs is None:
                _write(made, grid, _blocks(source, nodata), info.unit_m)
            else:
                with _without(source, nodata, Path(work_dir) / "source.tif") as clean:
                    _write(made, grid, warped(clean, crs, grid), info.unit_m)
            prepared = PreparedDem(made, grid, " ".join(notes))
    if notify:
        for note in notes:
            notify(note)
    return prepared


def _blocks(source: Any, nodata: Sequence[float]) -> Iterator[Block]:
    """Yield a whole raster in blocks, with NaN for its nodata and for the values in `nodata`."""
    for window in _windows(source):
        yield window[0], window[1], read_from(source, *window, nodata=nodata)


@contextmanager
def _without(source: Any, nodata: Sequence[float], copy: Path) -> Iterator[Any]:
    """Give a raster with NaN for the values in `nodata`: itself, or else a temporary copy."""
    if not nodata and alpha_band(source) is None:
        yield source
        return
    try:
        _write(copy, grid_of(source), _blocks(source, nodata), 1.0)
        with opened(copy) as clean:
            yield clean
    finally:
        copy.unlink(missing_ok=True)


def _write(path: Path, grid: Grid, blocks: Iterator[Block], unit_m: float) -> None:
    """Write elevations in metres to a plain GeoTIFF; on failure no file is left."""
    part = path.with_name(f".{path.name}")
    try:
        with disk_errors(path), new_geotiff(part, grid) as target:
            target.set_band_unit(1, "m")
            for row0, col0, block in blocks:
                window = ((row0, row0 + block.shape[0]), (col0, col0 + block.shape[1]))
                target.write(block * np.float32(unit_m), 1, window=window)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
