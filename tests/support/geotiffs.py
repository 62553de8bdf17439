"""Small GeoTIFF files for tests."""

import numpy as np
import rasterio
from affine import Affine

UTM13 = "EPSG:32613"


def write_geotiff(path, bands, *, crs=UTM13, transform=None, nodata=None, units=None, **profile):
    """Write (rows, cols) or (bands, rows, cols) values and return the path."""
    bands = np.atleast_3d(bands).transpose(2, 0, 1) if np.ndim(bands) == 2 else np.asarray(bands)
    transform = transform or Affine(10, 0, 500_000, 0, -10, 4_000_000)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=len(bands),
        height=bands.shape[1],
        width=bands.shape[2],
        dtype=bands.dtype,
        crs=crs,
        transform=transform,
        nodata=nodata,
        **profile,
    ) as target:
        target.write(bands)
        if units:
            target.set_band_unit(1, units)
    return path
