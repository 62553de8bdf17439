"""Monthly climate over a DEM: one reader per source, one model of a month, downscaling.

From files to a window of a DEM::

    source = open_climate(path)                     # a station, Daymet, PRISM, or monthly files
    source.kind, source.periods, source.variables, source.provenance
    periods = source.select(2000, 2010)             # years, or one label such as "1971-2000"
    plan = source.plan(grid, periods, read_elevation)  # reads all values over the DEM, checks all
    plan.periods, plan.provenance, plan.notes, plan.files
    cut = plan.cut(row0, col0, rows, cols)

`grid` is the DEM's (`eemt_core.grids.grid.Grid`); ``read_elevation(row0, col0, rows, cols)`` gives
a window of its elevations [m] and is called once, over all of it, where a gridded climate comes
without the elevation of its own cells. What is wrong with the files is an `InputError` with the
file's name and the remedy; years asked of normals are an `ArgumentError`.

From there to the months, with arrays alone (``cut.to_arrays()`` can be saved and sent)::

    cells = Downscaler(cut, elevation_m, row0=row0, col0=col0, lapse=LapseRates())
    january = cells.month(2010, 1)                  # an `eemt_core.energy.MonthClimate`

A month's vapour pressure is always there: from the source's vapour pressure, dew point or
deficit, else that of air saturated at the minimum temperature, which the provenance says. A
station's is carried to the cells' heights at constant relative humidity; a gridded one belongs
to its cells and is taken as it is.
"""

from .._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
