"""Irradiation as plain arrays, for the tests that compare its sums.

The slow twins reckon in radians and with skylines as sines in 16 bits, as the kernels do, so most
tests call what the public functions call; `tests/house/test_conventions.py` holds the two together.
"""

import numpy as np

from eemt_core import solar, terrain
from eemt_core.solar import Air, Sun
from eemt_core.solar._irradiation import Cells, irradiate

FIELDS = (
    "beam_wh_m2",
    "diffuse_wh_m2",
    "reflected_wh_m2",
    "hours",
    "flat_beam_wh_m2",
    "flat_diffuse_wh_m2",
    "horizontal_wh_m2",
)
CELLS = ("convergence_rad", "linke", "horizon", "sky_view", "anchor")
SUN = ("groups", "year", "longitude_deg", "step_minutes", "mode")
YEAR = 2026


def irradiation(elevation_m, slope_rad, aspect_rad, *, latitude_rad, days, albedo=0.2, **options):
    """Irradiation of cells in radians; `options` are those of the cells, the sun and the kernel."""

    def spread(value):
        if isinstance(value, np.ndarray) and value.ndim == 2:
            return value
        return np.full(elevation_m.shape, value, elevation_m.dtype)

    cells = {name: options.pop(name) for name in CELLS if name in options}
    sun = {"year": YEAR} | {name: options.pop(name) for name in SUN if name in options}
    if "convergence_rad" in cells:
        cells["convergence_rad"] = spread(cells["convergence_rad"])
    surface = Cells(elevation_m, slope_rad, aspect_rad, spread(latitude_rad), **cells)
    return irradiate(surface, Sun(days, **sun), albedo=albedo, **options)


def sunlight(elevation_m, *, latitude_rad, days, **options):
    """`solar.sunlight` of a DEM, with all that its groups take as options of one call."""
    place = ("cell_size_m", "window", "anchor", "far_field")
    ground = {name: options.pop(name) for name in place if name in options}
    if "convergence_rad" in options:
        ground["convergence_deg"] = np.degrees(options.pop("convergence_rad"))
    sun = {"year": YEAR} | {name: options.pop(name) for name in SUN if name in options}
    air = {name: options.pop(name) for name in ("linke", "albedo") if name in options}
    dem = terrain.Terrain(elevation_m, latitude_deg=np.degrees(latitude_rad), **ground)
    return solar.sunlight(dem, Sun(days, **sun), Air(**air), **options)


def one_cell(elevation_m, slope, aspect, **options):
    """Irradiation of a single cell as an array of the seven sums of a single day."""
    cell = [np.full((1, 1), value, dtype=float) for value in (elevation_m, slope, aspect)]
    sums = irradiation(*cell, **options)
    return np.array([getattr(sums, field).item() for field in FIELDS])


def everything(sums):
    """All sums in one array (component, group, row, col)."""
    return np.stack([getattr(sums, name) for name in FIELDS])
