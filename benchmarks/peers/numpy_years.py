"""Years of EEMT_TRAD and EEMT_TOPO as a careful user of NumPy and rasterio would write them.

    python -m peers.numpy_years DEM CLIMATE ELEVATION SUN OUT YEARS      (in benchmarks/)

Reads the DEM, Daymet's monthly grids of 1 km, the elevation of these, and from the folder SUN what
a run has of terrain and sun: slope, aspect, wetness index, monthly sums. Temperatures are reduced
to sea level, interpolated, and brought to each cell's elevation; the balance is `numpy_energy`.
Writes the same maps under the same names: cloud-optimised GeoTIFFs, compressed as ours, with as
many bits of mantissa. What does not change from month to month is worked out once, in single
precision; a month goes through the processor's caches strip by strip, all four fields of a
climate cell beside each other. One thread.
"""

import calendar
import sys
from datetime import date
from pathlib import Path

import numpy as np
import rasterio
from rasterio.warp import transform

from . import numpy_energy

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LAPSE_C_M = np.float32(0.00649)
WIND_M_S, ALBEDO = np.float32(2), np.float32(0.2)
FIRST_YEAR, STRIP_CELLS = 1980, 1 << 15
FILES = {
    name: f"daymet_v4_{name}_{'monttl' if name == 'prcp' else 'monavg'}_na_{{}}.tif"
    for name in ("tmin", "tmax", "prcp", "vp")
}


def read(path, band=1):
    """Return a band as float32."""
    with rasterio.open(path) as source:
        return source.read(band).astype(np.float32)


def declination_rad(days):
    """The sun's declination so many days after noon of 1 January 2000 (Meeus 1998, ch. 25)."""
    century = days / 36525
    mean = np.radians(357.52911 + 35999.05029 * century)
    longitude = 280.46646 + 36000.76983 * century + 1.914602 * np.sin(mean)
    longitude += 0.019993 * np.sin(2 * mean)
    return np.arcsin(np.sin(np.radians(23.4393)) * np.sin(np.radians(longitude)))


class Cells:
    """What stays the same from month to month, flat."""

    def __init__(self, dem, elevation, sun, years):
        with rasterio.open(dem) as source:
            self.profile = {"crs": source.crs, "transform": source.transform}
            self.shape = source.shape
            self.elevation_m = source.read(1).astype(np.float32).ravel()
            col, row = np.meshgrid(np.arange(source.width) + 0.5, np.arange(source.height) + 0.5)
            x, y = source.transform * (col.ravel(), row.ravel())
        longitude_deg, latitude_deg = transform(self.profile["crs"], "EPSG:4326", x, y)[:2]
        latitude = np.radians(latitude_deg)
        with rasterio.open(elevation) as grid:
            self.reference_m = grid.read(1).astype(np.float32).ravel()
            there_x, there_y = transform(self.profile["crs"], grid.crs, x, y)
            col, row = ~grid.transform * (np.asarray(there_x), np.asarray(there_y))
            self._place(row - 0.5, col - 0.5, grid.width)
        self.latitude_rad = latitude.astype(np.float32)
        self.slope_rad = np.radians(read(sun / "slope.tif")).ravel()
        self.aspect_rad = np.radians(read(sun / "aspect.tif")).ravel()
        wetness = np.maximum(read(sun / "twi.tif").ravel(), 0)
        self.wetness_ratio = wetness / np.nanmean(wetness, dtype=np.float64).astype(np.float32)
        base = sun / "global/monthly"
        self.topo = [read(base / f"total_sun_{m}_sum.tif").ravel() for m in MONTHS]
        self.flat = [read(base / f"flat_total_sun_{m}_sum.tif").ravel() for m in MONTHS]
        middle = FIRST_YEAR + (years - 1) // 2
        longitude = float(np.mean(longitude_deg))
        self.daylight = [self._daylight(latitude, longitude, middle, m) for m in range(12)]

    def _place(self, row, col, width):
        top, left = np.floor(row), np.floor(col)
        south, east = (row - top).astype(np.float32), (col - left).astype(np.float32)
        first = (top * width + left).astype(np.int64)
        self.corners = (first, first + 1, first + width, first + width + 1)
        north, west = 1 - south, 1 - east
        self.weights = (north * west, north * east, south * west, south * east)

    def _daylight(self, latitude, longitude_deg, year, month):
        nodes = np.linspace(latitude.min(), latitude.max(), 64)
        first = (date(year, month + 1, 1) - date(2000, 1, 1)).days
        noon = first + np.arange(LENGTHS[month])[:, None] - longitude_deg / 360
        cosine = -np.tan(nodes) * np.tan(declination_rad(noon))
        hours = np.arccos(np.clip(cosine, -1, 1)).mean(axis=0) * 24 / np.pi
        return np.interp(latitude, nodes, hours).astype(np.float32)

    def climate(self, fields, strip):
        """Interpolate (climate cells, 4) fields and bring temperatures to the cells' elevation."""
        total = fields.take(self.corners[0][strip], axis=0)
        total *= self.weights[0][strip, None]
        for corner, weight in zip(self.corners[1:], self.weights[1:], strict=True):
            part = fields.take(corner[strip], axis=0)
            part *= weight[strip, None]
            total += part
        tmin, tmax, rain, vapour = np.ascontiguousarray(total.T)
        cooler = LAPSE_C_M * self.elevation_m[strip]
        return tmin - cooler, tmax - cooler, np.maximum(rain, 0), np.maximum(vapour, 0)


def month_terms(cells, fields, month, days, out):
    """Fill both variants' terms, each (2, cells)."""
    # the sums of the sun are of a year without 29 February
    share = np.float32(days / LENGTHS[month])
    for first in range(0, len(cells.elevation_m), STRIP_CELLS):
        strip = slice(first, first + STRIP_CELLS)
        tmin, tmax, rain, vapour = cells.climate(fields, strip)
        air = {"tmin_c": tmin, "tmax_c": tmax, "prcp_mm": rain}
        hours = cells.daylight[month][strip]
        out["Trad"][:, strip] = numpy_energy.trad(**air, daylight_hours=hours, days=days)
        out["Topo"][:, strip] = numpy_energy.topo(
            days=days,
            **air,
            vapour_pressure_pa=vapour,
            wind_m_s=WIND_M_S,
            albedo=ALBEDO,
            solar_topo_wh_m2=cells.topo[month][strip] * share,
            solar_flat_wh_m2=cells.flat[month][strip] * share,
            elevation_m=cells.elevation_m[strip],
            slope_rad=cells.slope_rad[strip],
            aspect_rad=cells.aspect_rad[strip],
            latitude_rad=cells.latitude_rad[strip],
            wetness_ratio=cells.wetness_ratio[strip],
        )


def write(path, values, cells, bits):
    """Write a map, its values rounded to so many bits of mantissa."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = values.astype(np.float32).view(np.uint32)
    if bits < 23:
        drop = 23 - bits
        whole = whole + np.uint32((1 << (drop - 1)) - 1) + ((whole >> drop) & 1)
        whole &= np.uint32(0xFFFFFFFF << drop & 0xFFFFFFFF)
    profile = {"driver": "COG", "count": 1, "dtype": "float32", "nodata": float("nan")}
    profile |= {"compress": "DEFLATE", "predictor": 3, "level": 1, "blocksize": 512}
    profile |= {"overview_resampling": "AVERAGE", "height": cells.shape[0], "width": cells.shape[1]}
    with rasterio.open(path, "w", **profile, **cells.profile) as target:
        target.write(whole.view(np.float32).reshape(cells.shape), 1)


def main(dem, climate, elevation, sun, out, years):
    """Read, compute, write."""
    with rasterio.open(sun / "slope.tif") as source:
        bits = int(source.tags().get("EEMT_PRECISION_BITS", 23))
    cells = Cells(dem, elevation, sun, years)
    count = len(cells.elevation_m)
    terms = {name: np.empty((2, count), np.float32) for name in ("Trad", "Topo")}
    sums = {name: np.zeros((2, count)) for name in terms}
    reduced = LAPSE_C_M * cells.reference_m
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for year in range(FIRST_YEAR, FIRST_YEAR + years):
            read_year = []
            for name in FILES.values():
                with rasterio.open(climate / name.format(year)) as source:
                    read_year.append(source.read().astype(np.float32).reshape(12, -1))
            yearly = {name: np.zeros(count) for name in terms}
            for month in range(12):
                fields = np.stack([quantity[month] for quantity in read_year], axis=1)
                fields[:, :2] += reduced[:, None]
                # Daymet's year has 365 days: in leap years 31 December is left out
                leap = calendar.isleap(year)
                days = LENGTHS[month] + leap * ((month == 1) - (month == 11))
                month_terms(cells, fields, month, days, terms)
                for name, (bio, ppt) in terms.items():
                    eemt = bio + ppt
                    yearly[name] += eemt
                    sums[name] += terms[name]
                    write(out / f"eemt/EEMT_{name}_{MONTHS[month]}_{year}.tif", eemt, cells, bits)
            for name, values in yearly.items():
                write(out / f"eemt/yearly/EEMT_{name}_{year}.tif", values, cells, bits)
    for name, (bio, ppt) in sums.items():
        summary = out / "eemt/summary"
        write(summary / f"E_BIO_{name}_mean.tif", bio / years, cells, bits)
        write(summary / f"E_PPT_{name}_mean.tif", ppt / years, cells, bits)
        write(summary / f"EEMT_{name}_mean.tif", (bio + ppt) / years, cells, bits)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:6]), int(sys.argv[6]))
