"""Speed of a month of the energy balance, per variant, on one thread.

    python -m pytest benchmarks/test_bench_energy.py --benchmark-enable

Each benchmark compares a sample of the cells with the slow twin before it is timed, and
notes nanoseconds per cell (`ns_per_cell`) and cell-months per second and core. The year
of one cell is twelve such months, so at the expected 100 ns a million cells take about a
second and a half per year and core.
"""

import numpy as np
import pytest

from eemt_core import energy
from oracles import energy as oracle

SHAPE = (500, 1000)
SAMPLE = (slice(0, 500, 97), slice(0, 1000, 101))

CLIMATE = {"tmin_c": (-10.0, 5.0), "tmax_c": (6.0, 25.0), "prcp_mm": (0.0, 150.0)}
SLOPE = CLIMATE | {
    "vapour_pressure_pa": (300.0, 1200.0),
    "elevation_m": (1000.0, 3000.0),
    "wetness_ratio": (0.4, 3.4),
    "solar_topo_wh_m2": (50e3, 250e3),
    "solar_flat_wh_m2": (100e3, 200e3),
    "wind_m_s": (1.0, 4.0),
    "albedo": (0.1, 0.3),
}
RANGES = {
    "trad": CLIMATE | {"daylight_hours": (9.0, 15.0)},
    "topo": SLOPE | {"slope_rad": (0.0, 0.8), "aspect_rad": (0.0, 6.28)},
    "topo_veg": SLOPE | {"lai": (0.0, 6.0), "canopy_height_m": (0.0, 30.0)},
}


def _slow_trad(cell, *, solar_days, **settings):
    return oracle.trad(*cell.values(), **settings)


SLOW = {"trad": _slow_trad, "topo": oracle.topo, "topo_veg": oracle.topo_veg}


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("variant", RANGES)
def test_month(benchmark, variant, dtype):
    rng = np.random.default_rng(1)
    cells = {
        name: rng.uniform(*limits, SHAPE).astype(dtype) for name, limits in RANGES[variant].items()
    }
    function = getattr(energy, f"eemt_{variant}")

    month = function(**cells, days=31, threads=1)
    sample = {name: values[SAMPLE] for name, values in cells.items()}
    slow = oracle.on_grid(
        SLOW[variant], sample, days=31, year_days=365, solar_days=31, p=energy.EnergyParameters()
    )
    # float32: some 1e-6 of 150 mm, times the wetness and c_w T (as in tests/test_energy.py)
    atol = 1e-4 if dtype is np.float32 else 1e-10
    np.testing.assert_allclose(month.e_bio_mj_m2[SAMPLE], slow[0], rtol=1e-5, atol=atol)
    np.testing.assert_allclose(month.e_ppt_mj_m2[SAMPLE], slow[1], rtol=1e-5, atol=atol)

    benchmark(function, **cells, days=31, threads=1)
    if benchmark.stats is not None:  # absent under --benchmark-disable
        seconds = benchmark.stats.stats.min
        benchmark.extra_info["ns_per_cell"] = round(1e9 * seconds / month.e_bio_mj_m2.size, 1)
        benchmark.extra_info["cell_months_per_s_and_core"] = round(month.e_bio_mj_m2.size / seconds)
