"""Checks an installed wheel: its kernels run on several threads, with the library it brought.

Run it with the Python that has the wheel, from outside the sources::

    python scripts/check_wheel.py
"""

import re
from pathlib import Path

import numpy as np

import eemt_core
from eemt_core import _core, terrain


def threads_here():
    """Return the number of threads that this process has."""
    return len(list(Path("/proc/self/task").iterdir()))


def openmp_libraries():
    """Return the paths of the OpenMP libraries that this process has loaded."""
    maps = Path("/proc/self/maps").read_text()
    return {Path(path) for path in re.findall(r"(/\S*lib[gi]?omp\S*\.so\S*)", maps)}


config = _core.build_config()
print(f"eemt-core {eemt_core.__version__}: {config}")
assert config["openmp"], "it was built without OpenMP"

site = Path(eemt_core.__file__).parent.parent
for library in openmp_libraries():
    assert library.parent == site / "eemt_core.libs", f"{library} is not the wheel's own"
assert openmp_libraries(), "no OpenMP library is loaded"

rows, cols = np.mgrid[0:300, 0:200]
elevation_m = np.float32(2000 + 300 * np.sin(rows / 12) * np.cos(cols / 17))
before = threads_here()
alone = terrain.slope_aspect(elevation_m, cell_size_m=30.0, threads=1)
assert threads_here() == before, "one thread was asked for, and more were started"
together = terrain.slope_aspect(elevation_m, cell_size_m=30.0, threads=3)
assert threads_here() == before + 2, "three threads were asked for, and others were started"
assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))
