"""The energy balance of whole runs: values in the maps, and messages about them."""

import json
import re
import tomllib
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from affine import Affine

from climate_files import STATION
from eemt_core.engines.base import Completion
from eemt_core.engines.local import LocalEngine
from eemt_core.manager.reporter import Silent
from eemt_core.manager.request import EnergyRequest, RunRequest
from eemt_core.manager.run import run
from eemt_core.solar._parameters import SolarParameters
from geotiffs import write_geotiff
from runs import eemt_run, maps_of

pytestmark = pytest.mark.slow

QUICK = (
    "--step", "60", "--directions", "8", "--no-pictures", "--threads", "2", "--precision", "full",
)  # fmt: skip
SUMMARY = "eemt/summary/{}_Topo_mean.tif"


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    path = tmp_path_factory.mktemp("climate") / "station.toml"
    path.write_text(STATION)
    return path


def topo(dem, out, climate, *options):
    """Run EEMT_TOPO; return its maps, what it said, and its record."""
    command = (dem, "-o", out, "--climate", climate, "--variant", "topo", *QUICK, *options)
    done = eemt_run(*command)
    assert done.returncode == 0, done.stderr
    return maps_of(out), done.stderr, json.loads((out / "run.json").read_text())


def cone(size=61, foot_m=1500.0):
    i, j = np.indices((size, size)) - size // 2
    return (foot_m + 900.0 - 12.0 * np.hypot(i, j)).astype(np.float32)


def test_a_cone_at_40_south_is_the_mirror_of_one_at_40_north(station, tmp_path):
    north_edge_m = 4_430_000.0  # of UTM zone 13 at 40 degrees, in the middle of the zone
    made = {}
    for side, crs, top in (
        ("north", "EPSG:32613", north_edge_m),
        ("south", "EPSG:32713", 10_000_000.0 - north_edge_m + 61 * 30),
    ):
        dem = write_geotiff(
            tmp_path / f"{side}.tif", cone(), crs=crs, transform=Affine(30, 0, 5e5, 0, -30, top)
        )
        maps, _, _ = topo(dem, tmp_path / side, station)
        made[side] = maps[SUMMARY.format("E_BIO")]
        with rasterio.open(tmp_path / side / SUMMARY.format("E_BIO")) as source:
            assert "sign of the latitude" in source.tags()["EEMT_NORTHNESS"]
    # aspects of the mirrored grid differ by float32 roundings: 1e-6 of 346 g m-2 in some 10 MJ
    np.testing.assert_allclose(made["south"][::-1], made["north"], rtol=1e-5)
    shady, sunny = made["north"][15, 30], made["north"][45, 30]
    # tan 0.4 on both faces: 2 x 346 g m-2 x sin(slope) x 22 kJ g-1. Three cells of a cone are
    # flatter than its side by 0.8 thousandths, and UTM's cells larger than they say by 0.4.
    gain = 2 * 346 * np.sin(np.arctan(0.4)) * 22e-3
    assert shady - sunny == pytest.approx(gain, rel=2e-3)


def test_a_station_and_the_same_air_1000_m_higher_give_the_same_balance(tmp_path):
    dem = write_geotiff(tmp_path / "flat.tif", np.full((20, 30), 2500.0, np.float32))
    table = tomllib.loads(STATION)["monthly"]
    tmin, tmax = (np.array(table[name], float) for name in ("tmin_c", "tmax_c"))

    def bolton(c):
        return 611.2 * np.exp(17.67 * c / (c + 243.5))

    mean = (tmin + tmax) / 2
    vapour = 0.6 * bolton(mean)
    lower = STATION + f"vp_pa = {vapour.round(3).tolist()}\n"
    tables = {
        "tmin_c": (tmin - 6.49).tolist(),
        "tmax_c": (tmax - 6.49).tolist(),
        "prcp_mm": table["prcp_mm"],
        "vp_pa": (0.6 * bolton(mean - 6.49)).round(3).tolist(),
    }
    upper = STATION.split("[monthly]")[0].replace("1500.0", "2500.0")
    upper += "[monthly]\n" + "".join(f"{name} = {list(v)}\n" for name, v in tables.items())
    e_ppt = []
    for name, text in (("lower", lower), ("upper", upper)):
        path = tmp_path / f"{name}.toml"
        path.write_text(text)
        maps, _, record = topo(dem, tmp_path / name, path)
        assert "same relative humidity" in record["parameters"]["climate"]["vapour_pressure"]
        e_ppt.append(maps[SUMMARY.format("E_PPT")])
    # two formulas of saturation: some tenths of a percent of the vapour, less of the water. Taken
    # up as it is, the vapour is half as much again and E_PPT several percent too high.
    np.testing.assert_allclose(e_ppt[0], e_ppt[1], rtol=2e-3)


def test_water_is_shared_out_by_the_mean_of_the_wetness_that_is_used(station, tmp_path):
    dem = write_geotiff(tmp_path / "flat.tif", np.full((40, 60), 1500.0, np.float32))
    board = np.indices((40, 60)).sum(axis=0) % 2
    e_ppt = {}
    for name, wetness in (("even", np.ones((40, 60))), ("board", np.where(board, 3.0, -1.0))):
        twi = write_geotiff(tmp_path / f"{name}.tif", wetness.astype(np.float32))
        maps, _, record = topo(dem, tmp_path / name, station, "--twi", twi)
        e_ppt[name] = maps[SUMMARY.format("E_PPT")]
    # -1 counts as 0, so half of the cells get all water; the mean is that of uniform wetness
    assert e_ppt["board"].mean(dtype=float) == pytest.approx(e_ppt["even"].mean(), rel=1e-5)
    assert not e_ppt["board"][board == 0].any()
    assert record["wetness"] == {
        "mean": 1.5, "cells": 2400, "cells_below_0": 1200, "cells_without": 0
    }  # fmt: skip


def test_ground_without_wetness_is_counted_and_told(station, tmp_path):
    z = np.full((40, 60), 1500.0, np.float32)
    z[:, 50:] = np.nan
    dem = write_geotiff(tmp_path / "flat.tif", z, nodata=np.nan)
    wetness = np.full((40, 60), 8.0, np.float32)
    wetness[:10] = np.nan
    # values where the DEM has no elevation do not enter the mean
    wetness[:, 50:] = 100.0
    twi = write_geotiff(tmp_path / "twi.tif", wetness, nodata=np.nan)
    maps, said, record = topo(dem, tmp_path / "out", station, "--twi", twi)
    assert re.search(r"twi.tif has no value in 500 of the DEM's cells \(25.0%\)", said)
    assert record["wetness"]["cells_without"] == 500
    assert record["wetness"]["mean"] == 8.0
    missing = np.isnan(maps[SUMMARY.format("EEMT")])
    np.testing.assert_array_equal(missing, np.isnan(z) | np.isnan(wetness))


def test_a_wetness_that_shares_out_nothing_is_refused_where_it_is_needed(station, tmp_path):
    dem = write_geotiff(tmp_path / "flat.tif", np.full((20, 30), 1500.0, np.float32))
    twi = write_geotiff(tmp_path / "twi.tif", np.full((20, 30), -2.0, np.float32))
    command = (dem, "--twi", twi, *QUICK)
    done = eemt_run(*command, "-o", tmp_path / "one", "--climate", station)
    assert done.returncode == 3
    assert "twi.tif is nowhere above 0" in done.stderr
    assert eemt_run(*command, "-o", tmp_path / "two", "--days", "172").returncode == 0


def test_a_resumed_run_counts_what_an_unbroken_one_counts(station, tmp_path):
    z = cone(100, foot_m=500.0)  # four tiles
    z[5:9, 7:30] = np.nan
    dem = write_geotiff(tmp_path / "dem.tif", z, nodata=np.nan)

    class Stopping(LocalEngine):
        """Is interrupted once two tiles are done."""

        left = 2

        def wait(self, *arguments, **named):
            happened = super().wait(*arguments, **named)
            self.left -= sum(isinstance(one, Completion) for one in happened)
            if self.left < 0:
                raise KeyboardInterrupt
            return happened

    solar = SolarParameters(step_minutes=60.0, directions=8)
    energy = EnergyRequest(climate=station, variants=("topo",))
    asked = RunRequest(dem, tmp_path / "one", solar, energy=energy, tile_cells=64, pictures=False)
    run(asked, Silent())
    broken = replace(asked, out=tmp_path / "two")
    with pytest.raises(KeyboardInterrupt):
        run(broken, Silent(), Stopping)
    run(replace(broken, resume=True), Silent())
    one, two = (json.loads((tmp_path / n / "run.json").read_text()) for n in ("one", "two"))
    assert one["productivity"] == two["productivity"]
    assert one["wetness"] == two["wetness"]
    assert (
        0 < one["productivity"]["cells_on_floor"] < one["productivity"]["cells"] == 100 * 100 - 92
    )


@pytest.mark.parametrize(
    ("foot_m", "odd", "says"),
    # 0.39 z - 187 exceeds 100 above 736 m; a cone of tan 1.2 has n up to 0.77, worth 683 m
    [(1500.0, 0, False), (-900.0, 61 * 61, True)],
)
def test_a_run_says_that_equation_11_was_fitted_elsewhere(station, tmp_path, foot_m, odd, says):
    dem = write_geotiff(tmp_path / "dem.tif", cone(foot_m=foot_m))
    maps, said, record = topo(dem, tmp_path / "out", station)
    found = record["productivity"]
    assert found["cells"] == 61 * 61
    assert found["cells_outside_fitted_elevations"] == odd
    assert found["cells_on_floor"] == odd
    assert said.count("800 to 2,800 m") == says
    assert bool(found["note"]) == says
    assert ("100% of the cells lie outside" in said) == says
    e_bio = maps[SUMMARY.format("E_BIO")]
    assert int((e_bio <= 2.2 * (1 + 1e-6)).sum()) == odd
