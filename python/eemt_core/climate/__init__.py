"""Monthly climate over a DEM: readers of several sources, and downscaling to the DEM's cells.

From files to a window of a DEM::

    source = open_climate(path)                     # a station, Daymet, PRISM, or monthly files
    source.kind, source.periods, source.variables, source.provenance
    periods = source.select(2000, 2010)             # years, or one label such as "1971-2000"
    plan = source.plan(grid, periods, read_elevation)  # reads all values over the DEM, checks all
    plan.periods, plan.provenance, plan.notes, plan.files
    cut = plan.cut(row0, col0, rows, cols)

`grid` is the grid of the DEM (`eemt_core.grids.grid.Grid`). ``read_elevation(row0, col0, rows,
cols)`` returns a window of the DEM's elevations [m]. If a gridded climate comes without the
elevation of its own cells, it is called for windows that cover the DEM once. Unusable files raise
an `InputError` with the file's name and the remedy; asking for years of a source of normals raises
an `ArgumentError`.

From a window to its months, only with arrays (``cut.to_arrays()`` can be saved and sent)::

    cells = Downscaler(cut, elevation_m, row0=row0, col0=col0, lapse=LapseRates())
    january = cells.month(2010, 1)                  # an `eemt_core.energy.MonthClimate`

Every month has a vapour pressure: from the source's vapour pressure, dew point or vapour-pressure
deficit, else that of air saturated at the minimum temperature; the provenance says which. A
station's vapour pressure is converted to the elevation of each cell at constant relative humidity;
a gridded one is interpolated without a correction for elevation.
"""

from .._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
