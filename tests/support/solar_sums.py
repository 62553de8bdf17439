"""Irradiation as plain arrays, for the tests that compare its sums."""

import numpy as np

from eemt_core import solar

FIELDS = ("beam", "diffuse", "reflected", "hours", "flat_beam", "flat_diffuse", "horizontal")


def one_cell(elevation_m, slope, aspect, **options):
    """Irradiation of a single cell as an array of the seven sums of a single day."""
    cell = [np.full((1, 1), value, dtype=float) for value in (elevation_m, slope, aspect)]
    sums = solar.irradiation(*cell, **options)
    return np.array([getattr(sums, field).item() for field in FIELDS])


def everything(sums):
    """All sums in one array (component, group, row, col)."""
    return np.stack([getattr(sums, name) for name in FIELDS])
