"""SAGA GIS as a second opinion: run its tools on arrays."""

import shutil
import subprocess

import numpy as np
import pytest

HEADER = """NAME = dem
DATAFILE_OFFSET = 0
DATAFORMAT = FLOAT
BYTEORDER_BIG = FALSE
POSITION_XMIN = 0.0
POSITION_YMIN = 0.0
CELLCOUNT_X = {cols}
CELLCOUNT_Y = {rows}
CELLSIZE = {cell}
Z_FACTOR = 1.0
NODATA_VALUE = -99999.0
TOPTOBOTTOM = FALSE
"""


def write_grid(path, array, cell):
    rows, cols = array.shape
    path.with_suffix(".sgrd").write_text(HEADER.format(rows=rows, cols=cols, cell=cell))
    array[::-1].astype("<f4").tofile(path.with_suffix(".sdat"))  # SAGA's first row is the south


def read_grid(path, shape):
    header = path.with_suffix(".sgrd").read_text()
    assert "DATAFORMAT\t= FLOAT" in header
    assert "TOPTOBOTTOM\t= FALSE" in header
    array = np.fromfile(path.with_suffix(".sdat"), "<f4").reshape(shape)[::-1]
    assert not np.any(array == -99999.0)
    return array.astype(np.float64)


def run(folder, library, tool, **arguments):
    """Run one tool in `folder`; arguments are SAGA's, grids by their name without suffix."""
    program = shutil.which("saga_cmd")
    if program is None:
        pytest.fail("saga_cmd is not installed: `sudo apt install saga`, or `make test` does it")
    command = [program, "-f=s", "-c=1", library, str(tool)]
    for name, value in arguments.items():
        command += [f"-{name}", str(value)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
