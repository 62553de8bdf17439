"""Monthly climate over a DEM: one reader per source, one model of a month, downscaling.

In the manager (files, projections)::

    source = climate.open(path)                     # InputError names the file and the remedy
    periods = source.select(start_year, end_year)   # years, or one label such as "1971-2000"
    plan = source.plan(grid, periods, read_elevation)
    cut = plan.cut(row0, col0, rows, cols)          # a tile's window of the DEM
    np.savez(folder / "climate.npz", **cut.to_arrays())

In the tile's task (NumPy alone)::

    with np.load("climate.npz") as arrays:
        cut = ClimateCut.from_arrays(arrays)
    tile = Downscaler(cut, elevation_m, row0=row0, col0=col0, lapse=LapseRates())
    january = tile.month(2010, 1)                   # .tmin_c .tmax_c .prcp_mm ...
    cut.month_days(2010, 1), cut.year_days(2010)
"""

from .downscale import Downscaler, downscale
from .model import (
    MONTH_NAMES,
    STANDARD_LAPSE_C_PER_KM,
    ClimateCut,
    LapseRates,
    MonthClimate,
    Period,
)
from .recognise import open_climate as open
from .source import ClimatePlan, ClimateSource

__all__ = [
    "MONTH_NAMES",
    "STANDARD_LAPSE_C_PER_KM",
    "ClimateCut",
    "ClimatePlan",
    "ClimateSource",
    "Downscaler",
    "LapseRates",
    "MonthClimate",
    "Period",
    "downscale",
    "open",
]
