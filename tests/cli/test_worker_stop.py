"""How an ``eemt-worker`` waits, continues and ends, and that it leaves nothing behind."""

import os
import signal
import time

import pytest

from eemt_workers import SMALL, EemtWorker, eemt_worker, joined, wait_until
from free_ports import free_port
from work_queue_manager import WorkQueueManager, processes_of

pytestmark = pytest.mark.slow

NO_NAME = "no-such-host.invalid"


def test_a_worker_gives_up_on_a_manager_that_never_comes(tmp_path):
    closed = f"127.0.0.1:{free_port()}"
    for address, attempts, reason in (
        (closed, 2, f"couldn't connect to {closed}: Connection refused"),
        (f"{NO_NAME}:9123", 1, f"couldn't resolve hostname {NO_NAME}"),
    ):
        done = eemt_worker(
            tmp_path, "--manager", address, *SMALL, "--reconnect-attempts", attempts,
            "--reconnect-delay", "0",
        )  # fmt: skip
        assert done.returncode == 3
        assert done.stderr.count(f" of {attempts} failed: ") == attempts
        assert f"no manager was reached in {attempts} attempts ({reason}" in done.stderr


def test_a_worker_waits_for_a_manager_that_comes_later_and_comes_again(tmp_path):
    port = free_port()
    with EemtWorker(
        tmp_path, "--manager-host", "127.0.0.1", *SMALL, "--reconnect-attempts", "60",
        "--reconnect-delay", "1", MASTER_PORT=str(port),
    ) as worker:  # fmt: skip
        worker.wait_for("attempt 1 of 60 failed")
        with WorkQueueManager(port=port) as manager:
            manager.wait_until(joined)
            worker.wait_for("working for the manager")
        worker.wait_for(f"the manager at 127.0.0.1:{port} is gone")
        with WorkQueueManager(port=port) as manager:
            manager.wait_until(joined)


def test_nothing_outlives_a_killed_worker_and_the_next_clears_away_after_it(tmp_path):
    with (
        WorkQueueManager("sleep 600") as manager,
        EemtWorker(tmp_path, "--manager", manager.address, *SMALL) as worker,
    ):
        wait_until(lambda: len(processes_of(tmp_path)) >= 3)
        worker.process.kill()
        worker.end()
        wait_until(lambda: not processes_of(tmp_path))
        assert len(list(tmp_path.glob("eemt-worker-*"))) == 1
        with EemtWorker(tmp_path, "--manager", manager.address, *SMALL) as second:
            second.wait_for("left by a worker that was killed")
    assert list(tmp_path.glob("*worker-*")) == []


def test_tasks_end_with_the_engine_s_worker_and_another_one_is_started(tmp_path):
    with (
        WorkQueueManager("sleep 600") as manager,
        EemtWorker(
            tmp_path, "--manager", manager.address, *SMALL, "--reconnect-delay", "1"
        ) as worker,
    ):
        wait_until(lambda: len(processes_of(tmp_path)) >= 4)
        before = set(processes_of(tmp_path)) - {worker.process.pid}
        # the first of its session; one that it has just forked has its words too
        (engine,) = (
            p for p in before if "work_queue_worker" in command_of(p) and os.getsid(p) == p
        )
        os.kill(engine, signal.SIGKILL)
        wait_until(lambda: len(set(processes_of(tmp_path)) - before) >= 4)
        assert before & set(processes_of(tmp_path)) == set()
        assert "the worker of Work Queue was killed" in worker.told


def command_of(process):
    try:
        with open(f"/proc/{process}/cmdline") as file:
            return file.read()
    except OSError:
        return ""


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [("--wall-time", "the wall time is over"), ("--idle-timeout", "no task for 3 s")],
)
def test_a_worker_leaves_when_its_time_is_over(tmp_path, limit, sentence):
    with WorkQueueManager() as manager:
        done = eemt_worker(tmp_path, "--manager", manager.address, *SMALL, limit, "3s")
    assert done.returncode == 0, done.stderr
    assert sentence in done.stderr


def test_in_a_batch_job_it_leaves_in_time_before_the_job_s_end(tmp_path):
    job = {"EEMT_JOB_END": str(int(time.time()) + 30)}
    with WorkQueueManager() as manager:
        arguments = ("--manager", manager.address, *SMALL, "--wall-time", "auto")
        done = eemt_worker(tmp_path, *arguments, **job)
    assert done.returncode == 0, done.stderr
    assert "the wall time is over" in done.stderr
    assert time.time() < int(job["EEMT_JOB_END"])
