"""Environment variables set by other programs do not change what our commands do."""

import os
import subprocess
import sys

import pytest

from eemt_core.environment import leave_others_aside
from runs import assert_same_maps, eemt_run, mountains, write_dem

QUICK = ("--days", "172", "--step", "60", "--no-pictures")


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((40, 50)))


@pytest.fixture(scope="module")
def maps(dem):
    out = dem.parent / "out"
    assert eemt_run(dem, "-o", out, *QUICK).returncode == 0
    return out


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A folder with another program's data, which our commands must not read."""
    folder = tmp_path_factory.mktemp("other")
    (folder / "proj.db").write_bytes(b"of another version")
    (folder / "gdal_other.so").write_bytes(b"no library")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "variables",
    [
        {"PROJ_LIB": "{other}", "PROJ_DATA": "{other}", "GDAL_DATA": "{other}"},
        {"PROJ_LIB": "/nowhere", "GDAL_DRIVER_PATH": "{other}", "GDAL_SKIP": "COG GTiff VRT"},
        {"CPL_DEBUG": "ON", "CPL_LOG": "/nowhere/log", "PROJ_DEBUG": "3", "PROJ_NETWORK": "ON",
         "GTIFF_SRS_SOURCE": "GEOKEYS", "GTIFF_POINT_GEO_IGNORE": "TRUE", "TIFF_USE_OVR": "YES"},
        {"OMP_NUM_THREADS": "many", "OMP_STACKSIZE": "999999999G", "OMP_DISPLAY_ENV": "true",
         "PYTHONWARNINGS": "error", "COLUMNS": "wide", "PYTHONIOENCODING": "ascii"},
    ],
)  # fmt: skip
def test_variables_of_other_programs_change_nothing(dem, maps, other, tmp_path, variables):
    env = {name: text.format(other=other) for name, text in variables.items()}
    done = eemt_run(dem, "-o", tmp_path / "out", *QUICK, env=env)
    assert done.returncode == 0, done.stderr
    # only our own progress lines, of tiles and of maps
    assert {line.split()[0] for line in done.stderr.splitlines()} <= {"tiles", "maps"}
    assert_same_maps(maps, tmp_path / "out")


@pytest.mark.slow
def test_those_who_ask_are_told_what_is_left_aside(dem, other, tmp_path):
    told = eemt_run(dem, "-o", tmp_path / "out", *QUICK, "-v", env={"PROJ_LIB": str(other)}).stderr
    assert "Variables of other programs are left aside: " in told
    assert "PROJ_LIB" in told


def test_what_remote_files_need_stays():
    ours = {
        "GDAL_HTTP_PROXY": "p",
        "CPL_VSIL_CURL_CACHE_SIZE": "1",
        "AWS_PROFILE": "me",
        "HOME": "h",
    }
    environ = {**ours, "GDAL_PAM_ENABLED": "NO", "COMPRESS_OVERVIEW": "LZW", "OMP_NUM_THREADS": "3"}
    dropped = leave_others_aside(environ, keep=("OMP_NUM_THREADS",))
    assert dropped == ("COMPRESS_OVERVIEW", "GDAL_PAM_ENABLED")
    assert ours.items() <= environ.items()
    assert environ["OMP_NUM_THREADS"] == "3"


def test_in_a_program_of_ones_own_the_variable_to_unset_is_named(dem):
    """The library does not change the environment, but reports what is wrong with it."""
    code = f"from eemt_core import rasters; rasters.open_dem({str(dem)!r})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PROJ_LIB": "/nowhere"},
    )
    last = done.stderr.splitlines()[-1]
    assert last.endswith("no database that fits the installed rasterio: unset PROJ_LIB"), last
    assert "VersionError" in last


def test_a_part_that_cannot_be_loaded_is_named_with_the_remedy(dem, tmp_path):
    (tmp_path / "rasterio").mkdir()
    (tmp_path / "rasterio" / "__init__.py").write_text("")
    env = {"PYTHONPATH": str(tmp_path)}
    done = eemt_run(dem, "-o", tmp_path / "out", *QUICK, env=env)
    assert done.returncode == 5, done.stderr
    assert "rasterio" in done.stderr
    assert done.stderr.endswith(": unset PYTHONPATH\n")
    assert done.stderr.count("\n") == 1
