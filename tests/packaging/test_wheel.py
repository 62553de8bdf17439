"""The wheel runs where there is no compiler, and beside other packages with OpenMP."""

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio

from eemt_core.engines.runtimes import bootstrap
from eemt_core.engines.runtimes.runtime import Shipped, ship
from eemt_core.engines.runtimes.wheel import Wheel
from eemt_core.tiles import compute
from sandboxes import outputs, run_in, sandbox, write_task

ROOT = Path(__file__).parents[2]
BUILDERS = ("cc", "gcc", "c++", "g++", "clang", "clang++", "cmake", "make", "ninja", "ld")
RUN = "import sys; from eemt_core.cli.start import run; sys.exit(run())"

pytestmark = pytest.mark.slow


class Stranger:
    """An environment with the wheel and what it asks for, on a path without anything else."""

    def __init__(self, folder, wheel):
        self.bin = folder / "venv" / "bin"
        self.folder = folder / "elsewhere"
        self.folder.mkdir()
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        kept = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("PIP_", "SSL_", "http", "HTTP", "REQUESTS_", "HOME", "TMPDIR"))
        }
        self.environment = {**kept, "PATH": str(self.bin)}
        versions = folder / "versions.txt"  # those of this environment, so that maps are the same
        versions.write_text(
            "\n".join(
                f"{d.name}=={d.version}"
                for d in importlib.metadata.distributions()
                if d.name not in ("eemt-core", "pip", "setuptools")
            )
        )
        self.run(
            *("python", "-m", "pip", "install", "-q", "--only-binary", ":all:"),
            *("-c", versions, f"{wheel}[plot]"),
        )

    def run(self, program, *arguments):
        """Run one of the environment's programs; return what it prints."""
        done = subprocess.run(
            [self.bin / program, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def stranger(tmp_path_factory, wheel):
    return Stranger(tmp_path_factory.mktemp("stranger"), wheel)


def test_its_name_tells_which_systems_it_runs_on(wheel):
    """No newer glibc than this machine's, and the OpenMP library is inside."""
    tag = re.fullmatch(r"eemt_core-\S+-manylinux_(\d+)_(\d+)_(\w+)\.whl", wheel.name)
    assert tag, wheel.name
    here = tuple(map(int, platform.libc_ver()[1].split(".")))
    assert (int(tag[1]), int(tag[2])) <= here
    assert tag[3] == platform.machine()
    names = zipfile.ZipFile(wheel).namelist()
    assert [n for n in names if re.fullmatch(r"eemt_core\.libs/libgomp-\w+\.so\S*", n)]


def test_it_holds_the_package_alone(wheel):
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    version = importlib.metadata.version("eemt-core")
    assert tops == {"eemt_core", "eemt_core.libs", f"eemt_core-{version}.dist-info"}


def test_without_a_compiler_the_demonstration_gives_the_same_maps(stranger, tmp_path):
    path = stranger.environment["PATH"]
    assert [tool for tool in BUILDERS if shutil.which(tool, path=path)] == []
    theirs, ours = stranger.folder / "demo", tmp_path / "demo"
    stranger.run("eemt-run", "--demo", "--out", theirs)
    subprocess.run(
        [sys.executable, "-c", RUN, "--demo", "--no-pictures", "--out", ours],
        check=True,
        capture_output=True,
    )
    maps = sorted(p.relative_to(ours) for p in ours.rglob("*.tif"))
    assert len(maps) > 60
    assert sorted(p.relative_to(theirs) for p in theirs.rglob("*.tif")) == maps
    for name in maps:
        with rasterio.open(ours / name) as a, rasterio.open(theirs / name) as b:
            np.testing.assert_array_equal(a.read(), b.read(), err_msg=str(name))
    assert list((theirs / "quicklook").glob("*.png"))


def test_its_kernels_run_on_threads_of_its_own_library(stranger):
    said = stranger.run("python", ROOT / "scripts" / "check_wheel.py")
    assert "'openmp': True" in said


BESIDE = """
import ctypes, sys
import numpy as np
from eemt_core import terrain

rows, cols = np.mgrid[0:300, 0:200]
elevation_m = np.float32(2000 + 300 * np.sin(rows / 12) * np.cos(cols / 17))
slope = lambda: terrain.slope_aspect(elevation_m, cell_size_m=30.0, threads=2)[0].tobytes()
alone = slope()

other = ctypes.CDLL(sys.argv[1])
ours = [line.split()[-1] for line in open("/proc/self/maps") if "eemt_core.libs/libgomp" in line]
assert ours and other.omp_get_max_threads is not None
seen = set()
region = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: seen.add(other.omp_get_thread_num()))
for _ in range(20):  # parallel regions of the one and of the other, in turns
    other.GOMP_parallel(region, None, 3, 0)
    assert slope() == alone
other.omp_set_num_threads(1)
assert slope() == alone
assert seen == {0, 1, 2}, seen
"""


def test_it_runs_beside_another_openmp(stranger):
    """The other OpenMP library is the system's, as loaded by packages that do not contain one."""
    stranger.run("python", "-c", BESIDE, "libgomp.so.1")


ARCHIVE = """
from pathlib import Path
from eemt_core.engines.runtimes.archive import write_archive
print(write_archive(Path.cwd()))
"""


def test_what_a_run_sends_to_workers_has_its_library(stranger, tmp_path, tmp_path_factory):
    """A worker's Python without packages gives the same results with it."""
    archive = Path(stranger.run("python", "-c", ARCHIVE).strip())
    with tarfile.open(archive) as tar:
        libraries = [name for name in tar.getnames() if "libgomp" in name]
    (library,) = libraries
    assert library.startswith(f"{bootstrap.PACKAGES}/eemt_core.libs/")
    starter = ship(Path(bootstrap.__file__), "eemt-bootstrap", tmp_path)
    runtime = Wheel(shipped=(Shipped(archive, archive.name), starter))
    made = write_task(tmp_path_factory.mktemp("task"))
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    place = sandbox(tmp_path / "worker", made, runtime)
    assert run_in(place, runtime, EEMT_PYTHON=str(bare / "bin" / "python")) == (0, "")
    compute.run(made)
    assert outputs(place / "tile") == outputs(made)
