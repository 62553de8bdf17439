"""A climate of many years over the made mountains, in the files of Daymet's monthly grids."""

import sys
from pathlib import Path

import numpy as np
import rasterio

sys.path.append(str(Path(__file__).parents[1] / "tests/support"))

from climate_files import daymet_grid, write_daymet, write_tif
from eemt_core.grids.grid import Grid
from mountains import CELL_M, CRS, NORTH_M, WEST_M

FIRST_YEAR = 1980


def write_years(folder: Path, rows: int, cols: int, years: int, *, form: str = "tif") -> Path:
    """Write years of minimum and maximum temperature, rain and vapour pressure; return the folder.

    Cells of 1 km in Daymet's own projection; `form` is ``tif`` or ``nc``.
    """
    return write_daymet(folder, _grid(rows, cols), range(FIRST_YEAR, FIRST_YEAR + years), form=form)


def write_elevation(path: Path, rows: int, cols: int) -> Path:
    """Write the elevations [m] to which that climate's temperatures belong, on its grid."""
    grid = _grid(rows, cols)
    row, col = np.mgrid[0 : grid.rows, 0 : grid.cols]
    return write_tif(path, grid, (2600 + 150 * np.sin(row / 3) * np.cos(col / 4))[None], units="m")


def _grid(rows: int, cols: int) -> Grid:
    wkt = rasterio.crs.CRS.from_string(CRS).to_wkt()
    return daymet_grid(Grid(rows, cols, WEST_M, NORTH_M, CELL_M, CELL_M, 1.0, wkt))
