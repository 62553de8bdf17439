"""Freed memory stays with the process that asks for that."""

import os
import subprocess
import sys

# arrays as a tile's inputs are: some megabytes each, all freed before the next tile
PROGRAM = """
import resource, sys
import numpy as np
from eemt_core.machine.allocation import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
    keep_freed_memory()  # once more changes nothing
def tile():
    arrays = [np.ones(2_000_000 + 100_000 * n, np.float32) for n in range(6)]
    return sum(float(array[0]) for array in arrays)
tile()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    tile()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how):
    """How often the system had to give a page in twenty tiles."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how],
        env={**os.environ, "NUMPY_MADVISE_HUGEPAGE": "0"},  # pages of one size, where that is kept
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def test_pages_are_given_once():
    assert faults("kept") < 0.1 * faults("given back")
