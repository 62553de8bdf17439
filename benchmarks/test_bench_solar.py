"""Speed of irradiation on one core, in cells times daylight steps.

Mode `exact` visits no steps cell by cell: its time goes by cells and days, and finer steps cost
little. Expectation on a core of 2023 with AVX2, at 15 minutes: above 600 M cell-steps/s in float32
with shadows, half of it or more in float64; 150 M for mode `rsun`, which computes in float64.
Setting up twelve single days is part of it; a year of days costs less a step.
"""

import numpy as np
import pytest

from eemt_core.solar import _position as sun
from oracles import radiation as twin
from suite.solar import DAYS, LATITUDE_RAD, DaysOfIrradiation

SIDE = 256


@pytest.mark.parametrize("shadows", [False, True], ids=["open", "shaded"])
@pytest.mark.parametrize(
    ("mode", "dtype"), [("exact", "float32"), ("exact", "float64"), ("rsun", "float32")]
)
def test_irradiation(rate, mode, dtype, shadows):
    run = DaysOfIrradiation(SIDE, np.dtype(dtype), mode, shadows)
    for cell, day in [((0, 0), DAYS[0]), ((100, 211), DAYS[5])]:
        sums = run(day)
        horizon = run.horizon[:, *cell] / 32767 if shadows else np.full(4, -1.0)
        place = twin.Cell(
            *(float(array[cell]) for array in run.arrays),
            LATITUDE_RAD,
            horizon=twin.horizon_function(horizon),
        )
        # steps of 15 minutes against the integral; r.sun's steps against its own, in float32
        tolerance = 5e-3 if mode == "exact" else 1e-5
        expected = slow_day(place, day, mode)
        assert sums.total_wh_m2[0, *cell] == pytest.approx(expected[:3].sum(), rel=tolerance)
    rate("cell-steps", run.cells * run.steps(), run)


def slow_day(place, day, mode):
    ephemeris = "rsun" if mode == "rsun" else "accurate"
    declination, drift, g0 = sun.sun_of_day(day, year=2026, longitude_deg=0.0, ephemeris=ephemeris)
    if mode == "rsun":
        return twin.rsun_day(place, declination, g0, 0.25, 3.0, 0.2)
    return twin.exact_day(place, declination, drift, g0, 3.0, 0.2, seconds=60.0)
