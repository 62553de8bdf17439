"""The demonstration: a real DEM and a real climate that come with what is installed.

The DEM is the Jacksboro fault in Tennessee, elevations of the Shuttle Radar Topography
Mission that matplotlib ships as sample data; the climate is that of a station near it.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np

from .errors import ArgumentError
from .grids.grid import Grid


def write_dem(path: str | Path) -> Path:
    """Write the DEM of the Jacksboro fault as a GeoTIFF and return its path.

    344 x 403 cells of three seconds of arc, elevation [m] in whole numbers, 236 to 1076 m,
    longitude and latitude on WGS84, which is the datum of that mission.

    Parameters
    ----------
    path
        The file's name; its folder must exist.

    Raises
    ------
    ArgumentError
        If matplotlib, which ships the elevations, is not installed.
    ResourceError
        If the file cannot be written.

    Notes
    -----
    The sample names its edges `ymin` = 36.733 and `ymax` = 36.446, which cannot be as
    named. Their difference is the height of the grid, and row 0 lies in the north; the
    edge that belongs to it is `ymax`, and `ymin` is one height above where the southern
    edge is. For then the highest cell, 1076 m, lies at 36.1975 N 84.2325 W, within two
    cells of the top of Cross Mountain (3534 ft, 36.1983 N 84.2306 W), Norris Lake and the
    town of Jacksboro are in their places, and 36.733 N would put all of it into Kentucky.
    """
    from .rasters import crs_wkt, write_map

    try:
        from matplotlib.cbook import get_sample_data
    except ImportError as error:
        raise ArgumentError(
            "the demonstration's DEM comes with matplotlib, which is not installed:"
            " pip install 'eemt-core[plot]'"
        ) from error
    with np.load(get_sample_data("jacksboro_fault_dem.npz", asfileobj=False)) as sample:
        elevation_m = sample["elevation"]
        west, north = float(sample["xmin"]), float(sample["ymax"])
        dx, dy = float(sample["dx"]), float(sample["dy"])
    rows, cols = elevation_m.shape
    grid = Grid(rows, cols, west, north, dx, dy, 0.0, crs_wkt("EPSG:4326"))
    write_map(
        path,
        grid,
        [(0, 0, elevation_m)],
        description="elevation, Jacksboro fault (SRTM, 3 seconds of arc)",
        units="m",
        nodata=-32768,
        dtype="int16",
    )
    return Path(path)


def climate_path() -> Path:
    """Return the path of the station's table that the demonstration uses.

    Examples
    --------
    >>> climate_path().name
    'allardt.toml'
    """
    return Path(str(files("eemt_core") / "data" / "allardt.toml"))
