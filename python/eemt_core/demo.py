"""The demonstration's DEM and climate: real data that need no download.

The DEM shows the Jacksboro fault in Tennessee; its elevations, from the Shuttle Radar Topography
Mission, are sample data of matplotlib. The climate is that of a station nearby and is part of this
package.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np

from .errors import ArgumentError
from .grids.grid import Grid


def write_dem(path: str | Path) -> Path:
    """Write the DEM of the Jacksboro fault as a GeoTIFF and return its path.

    It has 344 x 403 cells of three seconds of arc in longitude and latitude (WGS84, the mission's
    datum), with elevations in whole metres from 236 to 1076 m.

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
    The sample file gives the edges `ymin` = 36.733 and `ymax` = 36.446, which contradict their
    names. Their difference is the height of the grid, and row 0 is the northernmost. We take `ymax`
    as the northern edge; the southern edge is then one height below it, at 36.159, and `ymin` is
    wrong. With this position the highest cell, 1076 m, lies at 36.1975 N 84.2325 W, within two
    cells of the summit of Cross Mountain (3534 ft, 36.1983 N 84.2306 W), and Norris Lake and the
    town of Jacksboro are where they should be. With a northern edge at 36.733 N everything would
    be shifted 32 km to the north.
    """
    from .rasters import crs_wkt, write_map

    try:
        from matplotlib.cbook import get_sample_data
    except ImportError as error:
        raise ArgumentError(
            "the demonstration's DEM comes with matplotlib, which is not installed",
            remedy="pip install 'eemt-core[plot]'",
            field="dem",
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
    """Return the path of the station's table for the demonstration.

    Examples
    --------
    >>> climate_path().name
    'allardt.toml'
    """
    return Path(str(files("eemt_core") / "data" / "allardt.toml"))
