"""Runs whose tiles or pictures fail: logs named in the message exist, and maps are kept."""

import re
import resource
import shutil
import subprocess
from pathlib import Path

import pytest

from runs import PROGRAM, eemt_run, maps_of, mountains, write_dem

pytestmark = pytest.mark.slow

QUICK = ("--days", "172", "--step", "60")


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((128, 256)))


@pytest.fixture(scope="module")
def finished(dem):
    out = dem.parent / "out"
    assert eemt_run(dem, "-o", out, *QUICK, "--no-pictures").returncode == 0
    return out


@pytest.mark.parametrize("before", ["nothing", "a finished run"])
def test_the_logs_of_a_run_that_failed_are_there(dem, finished, tmp_path, before):
    out = tmp_path / "out"
    if before != "nothing":
        shutil.copytree(finished, out)
    # only a tile's result file is longer than this limit
    limit = (400_000, 400_000)
    done = subprocess.run(
        [*PROGRAM, str(dem), "-o", str(out), *QUICK, "--no-pictures", "--overwrite"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 4, done.stderr
    assert "raise the limit of a file's size (ulimit -f)" in done.stderr
    logs = Path(re.search(r"logs are in (\S+),", done.stderr)[1])
    assert "ulimit -f" in (logs / "tile-000000.txt").read_text()
    assert eemt_run(dem, "-o", out, *QUICK, "--no-pictures", "--resume").returncode == 0
    assert maps_of(out).keys() == maps_of(finished).keys()


@pytest.mark.parametrize(
    "matplotlib",
    ["raise RuntimeError('broken')", "import nothing_of_that_name", "raise SystemExit"],
)
def test_a_broken_matplotlib_costs_no_map(dem, finished, tmp_path, matplotlib):
    (tmp_path / "path/matplotlib").mkdir(parents=True)
    (tmp_path / "path/matplotlib/__init__.py").write_text(matplotlib)
    assert_pictures_alone_fail(dem, finished, tmp_path / "out", tmp_path / "path")


def test_a_file_in_the_place_of_the_pictures_costs_no_map(dem, finished, tmp_path):
    out = shutil.copytree(finished, tmp_path / "out")
    (out / "quicklook").write_text("mine")
    assert_pictures_alone_fail(dem, finished, out)


def assert_pictures_alone_fail(dem, finished, out, path=None):
    variables = {} if path is None else {"PYTHONPATH": str(path)}
    done = eemt_run(dem, "-o", out, *QUICK, "--overwrite", env=variables)
    assert done.returncode == 0, done.stderr
    (sentence,) = (line for line in done.stderr.splitlines() if "ictures" in line)
    assert sentence.startswith("No pictures were drawn (")
    assert sentence.endswith("; the maps are complete.")
    assert maps_of(out).keys() == maps_of(finished).keys()
