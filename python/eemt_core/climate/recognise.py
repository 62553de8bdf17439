"""Which kind of climate a path is, by name and content."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError
from .source import ClimateSource
from .station import open_station

ACCEPTED = (
    "a station's monthly table (.toml), or a folder with Daymet V4 monthly files "
    "(daymet_v4_tmin_monavg_na_2010.nc or .tif), files like tmin_2010_jan_local.tif, or PRISM "
    "monthly rasters (prism_tmin_us_30s_201001.tif or PRISM_tmin_stable_4kmM3_201001_bil.bil)"
)


def open_climate(path: str | Path) -> ClimateSource:
    """Open a climate of any accepted kind.

    Parameters
    ----------
    path
        A station's TOML file, or a folder of rasters.

    Raises
    ------
    InputError
        If the path does not exist or nothing in it is recognised; the message names it.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist: give {ACCEPTED}")
    if path.is_file() and path.suffix.lower() == ".toml":
        return open_station(path)
    raise InputError(f"{path} is no climate that can be recognised: give {ACCEPTED}")
