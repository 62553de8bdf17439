"""The real terrain on which we stand beside others: the Jacksboro fault at 30 m."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform

from eemt_core.demo import write_dem

CELL_M = 30.0
CRS = "EPSG:32616"
PROJ = "+proj=utm +zone=16 +datum=WGS84 +units=m +no_defs"  # the same, for programs


@dataclass(frozen=True)
class Terrain:
    """A DEM without gaps [m], float32, and the latitude of its cells."""

    elevation_m: NDArray[np.float32]
    latitude_rad: NDArray[np.float32]
    origin: tuple[float, float]  # lower-left corner


def jacksboro(side: int | None = None) -> Terrain:
    """The DEM in UTM with cells of 30 m, without its empty corners; or `side` cells of it."""
    with TemporaryDirectory() as folder:
        path = write_dem(Path(folder, "dem.tif"))
        with rasterio.open(path) as source:
            west, south, east, north = source.bounds
            x, y = transform(source.crs, CRS, [west, west, east, east], [south, north] * 2)
            # the rectangle that the tilted one encloses, on whole cells
            left, right = (np.ceil(max(x[:2]) / CELL_M), np.floor(min(x[2:]) / CELL_M))
            bottom, top = (np.ceil(max(y[::2]) / CELL_M), np.floor(min(y[1::2]) / CELL_M))
            cols, rows = int(right - left) - 2, int(top - bottom) - 2
            corner = rasterio.transform.from_origin(
                (left + 1) * CELL_M, (top - 1) * CELL_M, CELL_M, CELL_M
            )
            with WarpedVRT(
                source,
                crs=CRS,
                transform=corner,
                width=cols,
                height=rows,
                resampling=Resampling.cubic,
                dtype="float32",
            ) as warped:
                z = warped.read(1)
    if side is not None:
        z = np.ascontiguousarray(z[:side, :side])
    rows, cols = z.shape
    eastings = corner.c + (np.arange(cols) + 0.5) * CELL_M
    northings = corner.f - (np.arange(rows) + 0.5) * CELL_M
    grid_x, grid_y = np.meshgrid(eastings, northings)
    _, latitude = transform(CRS, "EPSG:4326", grid_x.ravel(), grid_y.ravel())
    latitude_rad = np.radians(np.asarray(latitude)).reshape(z.shape).astype(np.float32)
    return Terrain(z, latitude_rad, (corner.c, corner.f - rows * CELL_M))
