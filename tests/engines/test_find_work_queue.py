"""Finding a Python with Work Queue, and the message on what to install without one."""

import sys

import pytest

from eemt_core.engines.work_queue import find as finding
from eemt_core.errors import VersionError
from eemt_core.worker.command import find_program
from eemt_core.worker.versions import installed_protocol
from runs import eemt_run, mountains, write_dem


def test_manager_and_worker_of_this_machine_speak_one_protocol():
    module = finding.find_work_queue()
    assert module.protocol == installed_protocol(find_program())


@pytest.fixture
def bare_python(tmp_path, monkeypatch):
    """The only Python found has no packages."""
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(finding, "_candidates", lambda: [str(python), "/nowhere/python3"])


def test_without_work_queue_it_is_told_what_to_install(bare_python):
    with pytest.raises(VersionError, match="python3-workqueue, coop-computing-tools") as told:
        finding.find_work_queue()
    assert "ndcctools" in str(told.value)
    assert "stays on this machine" in str(told.value)


@pytest.mark.slow
def test_without_work_queue_a_run_on_this_machine_works_as_before(tmp_path):
    dem = write_dem(tmp_path / "dem.tif", mountains((64, 64)))
    nowhere = {"PATH": "/nowhere", "CONDA_PREFIX": "/nowhere"}
    done = eemt_run(dem, "-o", tmp_path / "out", "--days", "172", "--no-pictures", env=nowhere)
    assert done.returncode == 0, done.stderr
