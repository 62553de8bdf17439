"""On a worker the wetness index gets along with the memory that it declares, and is held to it."""

import json
import subprocess
import sys

import numpy as np
import pytest

from eemt_core.errors import ResourceError
from eemt_core.files import write_json
from eemt_core.manager.folder import OutFolder
from eemt_core.manager.inputs.wetness import wetness_need, write_wetness_task
from eemt_core.manager.plan.encoding import wetness_encoding
from eemt_core.manager.plan.plan import make_plan
from eemt_core.manager.reporter import Silent
from eemt_core.tiles.contract import RESULT_FILE, TASK_FILE, read_error
from runs import request, write_dem

EDGE = 4000
"""Of a DEM whose queues reserve more than any task is granted beyond what it declares."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The task of white noise, whose fronts and pits are the largest."""
    home = tmp_path_factory.mktemp("wetness")
    noise = np.random.default_rng(3).random((EDGE, EDGE), np.float32)
    out = OutFolder(home / "out")
    out.open(overwrite=False, resume=False)
    try:
        out.make_folders()
        plan = make_plan(request(write_dem(home / "dem.tif", noise), home / "out"), out, Silent())
        need = wetness_need(plan.wetness, 1)
        encoding = wetness_encoding(plan.pyramid, plan.codec)
        write_wetness_task(plan.wetness, home / "task", need, plan.instruction_set, encoding)
    finally:
        out.close()
    return home / "task"


def run_on_worker(folder):
    return subprocess.run(
        [sys.executable, "-P", "-m", "eemt_core.tiles", "--guest", folder],
        capture_output=True,
        text=True,
    )


def test_it_gets_along_with_what_it_declares(folder):
    done = run_on_worker(folder)
    assert done.returncode == 0, done.stderr
    assert (folder / RESULT_FILE).is_file()
    declared = json.loads((folder / TASK_FILE).read_text())["memory_mb"]
    taken = json.loads((folder / RESULT_FILE).read_text())["peak_memory_mb"]
    assert taken <= declared


def test_it_is_held_to_what_it_declares(folder):
    description = json.loads((folder / TASK_FILE).read_text())
    write_json(folder / TASK_FILE, {**description, "memory_mb": description["memory_mb"] // 2})
    done = run_on_worker(folder)
    assert done.returncode == ResourceError.exit_code
    assert read_error(folder) == ("the task ran out of memory", "memory")
