"""Folders of climate files over one DEM, and what is planned from them."""

import numpy as np

from climate_files import UTM13, daymet_grid, prism_grid, weather, write_tif
from eemt_core import climate
from eemt_core.calendar365 import MONTHS
from eemt_core.grids.grid import Grid

DEM = Grid(rows=30, cols=40, x0=352_000.0, y0=3_964_000.0, dx=60.0, dy=60.0, unit_m=1.0, crs=UTM13)
NATIVE, PRISM = daymet_grid(DEM), prism_grid(DEM)
Z_M = 2500.0


def flat(row0, col0, rows, cols):
    return np.full((rows, cols), Z_M, np.float32)


def plan_of(path, **options):
    source = climate.open_climate(path, **options)
    return source.plan(DEM, source.select(), flat)


def write_local(folder, grid=NATIVE, years=(2010,), subfolders=False):
    for year in years:
        for variable, values in weather(grid, seed=year).items():
            for month, name in enumerate(MONTHS):
                to = folder / "daymet" / variable if subfolders else folder
                write_tif(to / f"{variable}_{year}_{name}_local.tif", grid, values[month][None])
    return folder


def write_prism(folder, name, fields=None, driver="GTiff"):
    """Write twelve months of PRISM variables; `name` has blanks for var and month."""
    for variable, values in (fields or prism_fields()).items():
        for month in range(12):
            path = folder / name.format(var=variable, month=month + 1)
            write_tif(path, PRISM, values[month][None], driver=driver)
    return folder


def prism_fields():
    fields = weather(PRISM)
    return {
        "ppt": fields["prcp"],
        "tmin": fields["tmin"],
        "tmax": fields["tmax"],
        "tdmean": fields["tmin"] - 2.0,
    }
