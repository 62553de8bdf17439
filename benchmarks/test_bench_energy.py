"""Speed of a month of the energy balance, per variant, on one thread.

Each benchmark compares a sample of the cells with the slow twin before it is timed.
Expectation in cell-months per second and core, with AVX2 or AVX-512: in float32, the rasters'
own precision, 500 M for TRAD, 130 M for TOPO and 160 M for TOPO-VEG, so a year of TOPO over a
million cells takes some 0.1 s; in float64, which runs on the C library's functions, a tenth.
"""

import numpy as np
import pytest

from eemt_core import energy
from oracles import energy as oracle
from suite.energy import RANGES, VARIANTS, month

SHAPE = (500, 1000)
SAMPLE = (slice(0, 500, 97), slice(0, 1000, 101))


def _slow_trad(cell, *, solar_days, **settings):
    return oracle.trad(*cell.values(), **settings)


SLOW = {"trad": _slow_trad, "topo": oracle.topo, "topo_veg": oracle.topo_veg}


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("variant", RANGES)
def test_month(rate, variant, dtype):
    cells = month(variant, SHAPE, dtype)
    function = VARIANTS[variant]

    sums = function(cells, days=31, threads=1)
    sample = {name: values[SAMPLE] for name, values in cells.items()}
    slow = oracle.on_grid(
        SLOW[variant], sample, days=31, year_days=365, solar_days=31, p=energy.EnergyParameters()
    )
    # float32: some 1e-6 of 150 mm, times the wetness and c_w T (as in tests/energy/test_energy.py)
    atol = 1e-4 if dtype is np.float32 else 1e-10
    np.testing.assert_allclose(sums.e_bio_mj_m2[SAMPLE], slow[0], rtol=1e-5, atol=atol)
    np.testing.assert_allclose(sums.e_ppt_mj_m2[SAMPLE], slow[1], rtol=1e-5, atol=atol)

    rate("cell-months", sums.e_bio_mj_m2.size, function, cells, days=31, threads=1)
