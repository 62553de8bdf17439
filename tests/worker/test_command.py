"""Command lines of workers, and the worker that a manager starts for itself."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from eemt_core.sizes import Address
from eemt_core.worker.command import (
    WorkerSettings,
    local_worker_command,
    work_queue_worker_command,
    work_queue_worker_environment,
)
from eemt_core.worker.password import others_can_read, read_password
from work_queue_manager import WorkQueueManager, processes_of

SETTINGS = WorkerSettings((Address("here", 1),), 2, 8192, 1024, Path("/w"))


def test_the_engine_gets_whole_numbers_of_mb_and_no_password():
    one = work_queue_worker_command("wqw", SETTINGS, SETTINGS.managers, folder=Path("/w"))
    assert one[-2:] == ["here", "1"]
    for name, size in (("--cores", "2"), ("--memory", "8192"), ("--disk", "1024")):
        assert one[one.index(name) + 1] == size
    assert "--password" not in one
    two = work_queue_worker_command(
        "wqw", SETTINGS, [*SETTINGS.managers, Address("there", 2)], folder=Path("/w")
    )
    assert two[-1] == "here:1;there:2"


def test_sizes_in_the_environment_are_no_promise_of_ours():
    given = {"CORES": "9", "MEMORY": "9", "DISK": "9", "GPUS": "9", "PATH": "/bin"}
    found = work_queue_worker_environment(SETTINGS, {**given, "EEMT_CONTAINER_RUNTIME": "docker"})
    assert found == {"PATH": "/bin", "EEMT_PYTHON": sys.executable}


@pytest.mark.slow
def test_a_manager_s_own_worker_works_for_it_and_ends_when_its_pipe_does(tmp_path):
    file = tmp_path / "password"
    file.write_text("secret\n")
    assert read_password(file) == "secret"
    (tmp_path / "work").mkdir()  # as the manager does
    with WorkQueueManager("echo done", password="secret") as manager:
        command = local_worker_command(manager.port, 1, 512, 256, tmp_path / "work", file)
        worker = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            manager.wait_until(lambda m: m.workers and m.outputs == ["done\n"])
            # the queue's summary rounds sizes to powers of two, so these values are not changed
            assert {k: manager.workers[0][k] for k in ("cores", "memory", "disk")} == {
                "cores": 1, "memory": 512, "disk": 256,
            }  # fmt: skip
            worker.stdin.close()
            assert worker.wait(60) == 143  # 128 + SIGTERM: the worker ends itself by that signal
        finally:
            worker.kill()
            worker.wait()
            worker.stdin.close()
    deadline = time.monotonic() + 30
    while processes_of(tmp_path / "work"):
        assert time.monotonic() < deadline
    assert list((tmp_path / "work").iterdir()) == []


def test_a_file_is_warned_of_when_others_can_read_it(tmp_path):
    file = tmp_path / "password"
    file.write_text("secret")
    file.chmod(0o640)
    assert others_can_read(file).endswith(f"chmod 600 {file}")
    file.chmod(0o600)
    assert others_can_read(file) == ""
