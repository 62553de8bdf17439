"""Effective Energy and Mass Transfer over real terrain.

Functions of arrays live in `terrain` (slope, horizons, sky view), `solar` (the sun, irradiation),
`water` (flow, wetness), `energy` (the balance) and `climate` (monthly data at the cells of a DEM);
each is loaded when it is first used. The command is ``eemt-run``.

Conventions
-----------
All public functions keep to these, which are those of pvlib and of the CF conventions:

Arrays
    (rows, cols), row 0 in the north, column 0 in the west, float32 or float64; a result has the
    dtype of its input. NaN stands for no data: a cell with NaN in an input is NaN in the result.
Angles
    Degrees, in names that end in ``_deg``. Azimuth, aspect and directions of flow run clockwise
    from north: 90 is east. On rasters that is the grid's north, from which ``convergence_deg``,
    true azimuth minus grid azimuth, leads to true north; elsewhere it is true north. Latitude is
    positive in the north, longitude in the east. Slope is the angle from the horizontal, the
    horizon's elevation the angle above it.
Units
    Names carry them: ``elevation_m``, ``tmin_c`` [degC], ``prcp_mm``, ``wind_m_s``,
    ``vapour_pressure_pa``, ``total_wh_m2``, ``eemt_mj_m2``. What has none, shares and indices, is
    marked [-] where it is described. Irradiation is in Wh m-2, energy of the balance in MJ m-2.
Time
    A solar year has 365 days, numbered from 1 (1 January) to 365 (31 December); 29 February does
    not occur. Months of the climate are numbered from 1 to 12.
Arguments
    What belongs together stands in one group (`terrain.Terrain`, `solar.Sun`, `solar.Air`,
    `energy.MonthClimate`, `energy.MonthSun`), which cannot be changed and is checked when it is
    made. Numbers stand for arrays that are the same everywhere where the description says so.
    ``threads`` is the number of threads, 0 for all; it changes no bit of a result.
Errors
    Wrong arguments raise `eemt_core.errors.ArgumentError`, a `ValueError`, with one sentence that
    names the argument, the value and what is wanted.
"""

from ._lazy import lazy_names
from ._version import __version__

__getattr__, __dir__, __all__ = lazy_names(__name__)
__all__ += ["__version__"]
