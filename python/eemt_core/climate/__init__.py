"""Monthly climate over a DEM: one reader per source, one model of a month, downscaling.

In the manager (files, projections)::

    source = open_climate(path, elevation=None)     # station, Daymet, PRISM, predecessor's files
    source.kind, source.periods, source.variables, source.provenance
    periods = source.select(start_year, end_year)   # years, or one label such as "1971-2000"
    plan = source.plan(grid, periods, read_elevation)  # reads all values over the DEM, checks all
    plan.periods, plan.provenance, plan.notes, plan.files
    cut = plan.cut(row0, col0, rows, cols)          # a tile's window of the DEM, without halo
    np.savez(folder / "climate.npz", **cut.to_arrays())

``read_elevation(row0, col0, rows, cols)`` gives a window of the DEM [m]; it is called once
over all of it where a gridded climate comes without the elevation of its own cells. All that
is wrong with the files ends here, as an `InputError` with the file's name and the remedy;
years asked of normals are an `ArgumentError`.

In the tile's task (arrays alone)::

    with np.load("climate.npz") as arrays:
        cut = ClimateCut.from_arrays(arrays)
    tile = Downscaler(cut, elevation_m, row0=row0, col0=col0, lapse=LapseRates())
    january = tile.month(2010, 1)                   # a MonthClimate, float32 (rows, cols)
    cut.month_days(2010, 1), cut.year_days(2010)    # days that the month's sums stand for

A month's vapour pressure is always there: from the source's vapour pressure, dew point or
deficit, else that of air saturated at the minimum temperature, which the provenance says. A
station's is carried to the cells' heights at constant relative humidity; a gridded one belongs
to its cells and is taken as it is.
"""

from .._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
