"""``eemt-run`` as a user meets it: the real program, started as a process."""

import subprocess
import sys
import time

import numpy as np
import pytest
import rasterio

from geotiffs import write_geotiff


def eemt_run(*arguments, **options):
    program = "from eemt_core.cli.run import main; main()"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


@pytest.fixture
def dem(tmp_path):
    rows, cols = np.mgrid[0:70, 0:90]
    z = 1500 + 300 * np.exp(-((rows - 35) ** 2 + (cols - 45) ** 2) / 200.0) + 2.0 * rows
    return write_geotiff(tmp_path / "dem.tif", z.astype(np.float32))


def test_help_answers_at_once():
    times = []
    for _ in range(3):
        start = time.perf_counter()
        done = eemt_run("--help")
        times.append(time.perf_counter() - start)
        assert done.returncode == 0
    # the promise is 200 ms on an idle machine; the best of three on a busy one gets a second
    assert min(times) < 1.0
    assert "--resume" in done.stdout


def test_a_dem_becomes_maps(dem, tmp_path):
    out = tmp_path / "out"
    done = eemt_run(dem, "-o", out, "-q", "--days", "172")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with rasterio.open(out / "slope.tif") as slope:
        values = slope.read(1)
        assert slope.crs.to_epsg() == 32613
        assert slope.units == ("degrees",)
    assert 20 < np.nanmax(values) < 80
    assert not (out / ".eemt").exists()
