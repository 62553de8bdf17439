"""Finding a Python with Work Queue, and the message on what to install without one."""

import subprocess
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


def imported_with(python, module):
    """Say whether a Python has imported a module once it has imported Work Queue as we do."""
    folder = finding.QUEUE_PROCESS.parent
    program = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); from queue_process.module import "
        f"find_module; del sys.path[0]; print(find_module().__name__, {module!r} in sys.modules)"
    )
    done = subprocess.run([python, "-I", "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_work_queue_is_imported_without_setuptools():
    # which took two thirds of the start of the queue's process, and of asking for the module
    found = finding.find_work_queue()
    assert imported_with(found.python, "setuptools") == [found.module, "False"]
    assert imported_with(found.python, "distutils") == [found.module, "False"]


def test_a_python_is_asked_without_loading_what_the_queue_needs():
    # half of the time that the answer took
    found = finding.find_work_queue()
    for module in ("queue_process.process", "queue_process.observer"):
        assert imported_with(found.python, module) == [found.module, "False"]


def test_a_python_without_the_module_says_so_by_its_exit_code():
    question = [sys.executable, "-I", "-S", str(finding.QUEUE_PROCESS), "--describe"]
    done = subprocess.run(question, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"{}\n", b"")


def test_a_python_that_has_no_work_queue_is_not_started_to_be_asked(monkeypatch):
    monkeypatch.setattr(finding, "find_spec", lambda name: None)
    assert sys.executable not in finding._candidates()
    monkeypatch.setattr(finding, "find_spec", lambda name: name == "ndcctools")
    assert finding._candidates()[0] == sys.executable


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
