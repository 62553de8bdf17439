"""A climate of many years over the made mountains, in the files of Daymet's monthly grids."""

import sys
from pathlib import Path

import rasterio

sys.path.append(str(Path(__file__).parents[1] / "tests/support"))

from climate_files import daymet_grid, write_daymet
from eemt_core.grids.grid import Grid
from mountains import CELL_M, CRS, NORTH_M, WEST_M

FIRST_YEAR = 1980


def write_years(folder: Path, rows: int, cols: int, years: int, *, form: str = "tif") -> Path:
    """Write years of minimum and maximum temperature, rain and vapour pressure; return the folder.

    Cells of 1 km in Daymet's own projection; `form` is ``tif`` or ``nc``.
    """
    wkt = rasterio.crs.CRS.from_string(CRS).to_wkt()
    dem = Grid(rows, cols, WEST_M, NORTH_M, CELL_M, CELL_M, 1.0, wkt)
    return write_daymet(folder, daymet_grid(dem), range(FIRST_YEAR, FIRST_YEAR + years), form=form)
