"""The SoDa turbidity grid against pvlib's own look-up."""

import sys

import numpy as np
import pandas as pd
import pvlib
import pytest

from eemt_core.errors import InputError
from eemt_core.solar.turbidity import soda_linke


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(35.8, -106.6), (-33.0, 151.2), (0.0, 0.0), (60.0, 24.9)]
)
def test_at_the_middle_of_a_grid_cell_it_is_pvlib_s_value(latitude, longitude):
    # the middle of the 5-minute cell that holds the place
    latitude = np.floor(latitude * 12) / 12 + 1 / 24
    longitude = np.floor(longitude * 12) / 12 + 1 / 24
    times = pd.DatetimeIndex([f"2025-{month:02d}-15" for month in range(1, 13)])
    expected = pvlib.clearsky.lookup_linke_turbidity(
        times, latitude, longitude, interp_turbidity=False
    )
    got = soda_linke(np.array([latitude]), np.array([longitude]))[:, 0]
    np.testing.assert_allclose(got, expected.to_numpy(), rtol=1e-6)


def test_between_cells_it_is_between_their_values_and_crosses_the_date_line():
    latitude = np.full(9, 10.0 + 1 / 24)
    longitude = 180.0 - 1 / 24 + np.linspace(0, 1 / 12, 9)
    values = soda_linke(latitude, longitude)
    steps = np.diff(values, axis=1)
    np.testing.assert_allclose(steps, steps[:, :1] + np.zeros((1, 8)), atol=1e-9)
    np.testing.assert_allclose(
        soda_linke(latitude[-1:], longitude[-1:] - 360)[:, 0], values[:, -1], atol=1e-9
    )


def test_without_h5py_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(InputError, match=r"needs h5py: pip install 'eemt-core\[linke\]'"):
        soda_linke(np.array([1.0]), np.array([1.0]))
