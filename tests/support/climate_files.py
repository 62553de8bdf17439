"""Climate rasters as their makers distribute them, small windows of the real grids."""

import calendar
import os
import subprocess
import sysconfig

import h5py
import numpy as np
import rasterio
from affine import Affine

from eemt_core import rasters
from eemt_core.grids.grid import Grid

UTM13 = rasterio.crs.CRS.from_epsg(32613).to_wkt()
STATION = """name = "made"
source = "made"
elevation_m = 1500.0
latitude = 37.0
period = "1991-2020"
[monthly]
tmin_c = [-8, -6, -3, 1, 5, 10, 13, 12, 8, 2, -4, -8]
tmax_c = [4, 6, 10, 14, 19, 25, 28, 27, 23, 17, 9, 4]
prcp_mm = [60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60]
"""

DAYMET_CRS = (
    "+proj=lcc +lat_1=25 +lat_2=60 +lat_0=42.5 +lon_0=-100 +x_0=0 +y_0=0 +ellps=WGS84 +units=m"
)
DAYMET_FILL = -9999.0
VARIABLES = ("tmin", "tmax", "prcp", "vp")
UNITS = {"tmin": "degrees C", "tmax": "degrees C", "prcp": "mm", "vp": "Pa"}
NAMES = {v: f"daymet_v4_{v}_{'monttl' if v == 'prcp' else 'monavg'}_na" for v in VARIABLES}


def daymet_grid(dem, margin=3):
    """The window of the real Daymet grid around a DEM's grid, `margin` cells wider."""
    rows, cols = np.meshgrid(
        np.linspace(0, dem.rows, 9), np.linspace(0, dem.cols, 9), indexing="ij"
    )
    x, y = rasters.transform_points(
        dem.crs, DAYMET_CRS, dem.x0 + cols * dem.dx, dem.y0 - rows * dem.dy
    )
    left, right = (int(np.floor((v + 4560750) / 1000)) for v in (x.min(), x.max()))
    top, bottom = (int(np.floor((4984500 - v) / 1000)) for v in (y.max(), y.min()))
    return Grid(
        rows=bottom - top + 1 + 2 * margin,
        cols=right - left + 1 + 2 * margin,
        x0=-4560750 + (left - margin) * 1000.0,
        y0=4984500 - (top - margin) * 1000.0,
        dx=1000.0,
        dy=1000.0,
        unit_m=1.0,
        crs=rasterio.crs.CRS.from_string(DAYMET_CRS).to_wkt(),
    )


def prism_grid(dem, margin=3):
    """The window of PRISM's 30-second grid (NAD83) around a DEM's grid."""
    rows, cols = np.meshgrid([0, dem.rows], [0, dem.cols], indexing="ij")
    lon, lat = rasters.transform_points(
        dem.crs, "EPSG:4269", dem.x0 + cols * dem.dx, dem.y0 - rows * dem.dy
    )
    cell = 1 / 120
    left, top = np.floor(lon.min() / cell) - margin, np.ceil(lat.max() / cell) + margin
    right, bottom = np.ceil(lon.max() / cell) + margin, np.floor(lat.min() / cell) - margin
    crs = rasterio.crs.CRS.from_epsg(4269).to_wkt()
    return Grid(int(top - bottom), int(right - left), left * cell, top * cell, cell, cell, 0.0, crs)


def write_tif(path, grid, values, *, units=None, nodata=DAYMET_FILL, driver="GTiff"):
    """Write (bands, rows, cols) values on a grid; NaN becomes nodata. Returns the path."""
    values = np.asarray(values, np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path,
        "w",
        driver=driver,
        count=len(values),
        height=grid.rows,
        width=grid.cols,
        dtype="float32",
        crs=grid.crs or None,
        transform=Affine(grid.dx, 0, grid.x0, 0, -grid.dy, grid.y0),
        nodata=nodata,
    ) as target:
        target.write(np.where(np.isnan(values), np.float32(DAYMET_FILL), values))
        if units:
            target.units = [units] * len(values)
    return path


def write_netcdf(path, grid, variable, values, year, *, units=None, months=range(1, 13)):
    """Write a NetCDF-4 file with the layout and attributes of Daymet V4's monthly files."""
    values = np.asarray(values, np.float32)

    def attributes(target, **items):
        for key, value in items.items():
            target.attrs[key] = np.bytes_(value) if isinstance(value, str) else value

    with h5py.File(path, "w") as file:
        attributes(file, Conventions="CF-1.6", start_year=np.int16(year))
        x = grid.x0 + (np.arange(grid.cols) + 0.5) * grid.dx
        y = grid.y0 - (np.arange(grid.rows) + 0.5) * grid.dy
        epoch = calendar.datetime.date(1950, 1, 1).toordinal()
        time = [calendar.datetime.date(year, m, 15).toordinal() - epoch + 0.5 for m in months]
        scales = {}
        for name, data, text in (
            ("time", time, "days since 1950-01-01 00:00:00"),
            ("y", y, "m"),
            ("x", x, "m"),
        ):
            scales[name] = file.create_dataset(name, data=np.asarray(data, float))
            scales[name].make_scale(name)
            attributes(scales[name], units=text)
        attributes(scales["time"], standard_name="time", calendar="standard")
        attributes(scales["x"], standard_name="projection_x_coordinate")
        attributes(scales["y"], standard_name="projection_y_coordinate")
        data = file.create_dataset(
            variable,
            data=np.where(np.isnan(values), np.float32(DAYMET_FILL), values),
            chunks=(1, *values.shape[1:]),
            compression="gzip",
            shuffle=True,
        )
        for axis, name in enumerate(("time", "y", "x")):
            data.dims[axis].attach_scale(scales[name])
        attributes(
            data,
            units=UNITS[variable] if units is None else units,
            long_name=variable,
            grid_mapping="lambert_conformal_conic",
            coordinates="lat lon",
            _FillValue=np.float32(DAYMET_FILL),
            missing_value=np.float32(DAYMET_FILL),
        )
        for name in ("lat", "lon"):
            plane = file.create_dataset(name, data=np.zeros(values.shape[1:]))
            for axis, scale in enumerate(("y", "x")):
                plane.dims[axis].attach_scale(scales[scale])
        attributes(
            file.create_dataset("lambert_conformal_conic", data=np.int16(0)),
            grid_mapping_name="lambert_conformal_conic",
            longitude_of_central_meridian=-100.0,
            latitude_of_projection_origin=42.5,
            false_easting=0.0,
            false_northing=0.0,
            standard_parallel=np.array([25.0, 60.0]),
            semi_major_axis=6378137.0,
            inverse_flattening=298.257223563,
        )
    return path


def weather(grid, seed=0):
    """A year of smooth monthly fields on a grid, by quantity: (12, rows, cols)."""
    rng = np.random.default_rng(seed)
    row, col = np.mgrid[0 : grid.rows, 0 : grid.cols] / 10.0
    season = -np.cos(2 * np.pi * (np.arange(12) + 0.5) / 12)[:, None, None]
    plane = rng.normal(size=12)[:, None, None] * row + rng.normal(size=12)[:, None, None] * col
    tmin = 2 + 9 * season + 0.3 * plane
    return {
        "tmin": tmin,
        "tmax": tmin + 13,
        "prcp": 60 + 25 * season + 2 * np.abs(plane),
        "vp": 800 + 400 * season + plane,
    }


def write_daymet(folder, grid, years=(2010,), *, form="tif", fields=None, variables=VARIABLES):
    """Write whole Daymet years under their distributed names and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for year in years:
        values = fields or weather(grid, seed=year)
        for v in variables:
            if form == "nc":
                write_netcdf(folder / f"{NAMES[v]}_{year}.nc", grid, v, values[v], year)
            else:
                write_tif(folder / f"{NAMES[v]}_{year}.tif", grid, values[v], units=UNITS[v])
    return folder


def carry_out(sentence):
    """Run the command that a sentence ends with, as a user would."""
    command = sentence[sentence.index("rio ") :]
    here = f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}"
    subprocess.run(command, shell=True, check=True, env={**os.environ, "PATH": here})
