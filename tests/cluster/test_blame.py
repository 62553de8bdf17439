"""Faulty workers, which hang up, keep tasks, fail or lie, cost time, but no tile is given up."""

import platform
import random
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest

from attempts import rows
from clusters import (
    LONGER,
    SHORT,
    is_busy,
    kill_group,
    manager,
    python_that,
    start_worker,
    wait_for,
    workers,
)
from queue_peers import Peer
from runs import assert_same_maps

pytestmark = pytest.mark.slow


class HangingUp:
    """Peers that repeatedly take a task and hang up; `times` counts how often."""

    def __init__(self, run, port, host):
        self.times = 0
        self._run, self._port, self._host = run, port, host
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self):
        number = 0
        while self._run.process.poll() is None:
            number += 1
            host = self._host or f"elsewhere-{number}"
            with suppress(OSError), Peer(self._port, host, f"worker-{number}") as peer:
                peer.hears(r"task (\d+)$")
                self.times += 1

    def end(self):
        self._thread.join(60)


@pytest.mark.parametrize("host", ["elsewhere", platform.node(), ""])
def test_workers_that_take_tasks_and_hang_up_do_not_end_the_run(dem, local_longer, tmp_path, host):
    with manager(dem, tmp_path / "out", *LONGER) as run:
        crowd = HangingUp(run, run.port(), host)
        wait_for(lambda: crowd.times >= (4 if host else 9))
        with workers(run.port(), 1, tmp_path):
            run.ends()
        crowd.end()
    assert "put aside" not in run.said
    if host:
        assert f"Workers on {host} were gone in the middle of 3 tasks in a row" in run.said
    assert_same_maps(local_longer, tmp_path / "out")


def test_an_honest_worker_that_is_killed_again_and_again_spoils_no_tile(
    dem, local_longer, tmp_path
):
    chance, kills = random.Random(5), 0
    with manager(dem, tmp_path / "out", *LONGER) as run:
        process = start_worker(run.port(), work_dir=tmp_path)
        try:
            while run.process.poll() is None:
                if kills < 6 and is_busy(process):
                    time.sleep(chance.uniform(0.0, 0.8))
                    kill_group(process)
                    kills += 1
                    process = start_worker(run.port(), work_dir=tmp_path)
                time.sleep(0.05)
        finally:
            kill_group(process)
        run.ends()
    assert kills >= 4  # six, where the machine looks often enough while it works
    assert "put aside" not in run.said
    assert_same_maps(local_longer, tmp_path / "out")


def test_a_worker_that_keeps_its_tasks_is_overtaken_by_others(dem, local, tmp_path):
    with (
        manager(dem, tmp_path / "out", *SHORT) as run,
        Peer(run.port(), "keeper", cores="3 3 3", memory="5000") as keeper,
    ):
        for _ in range(3):
            keeper.hears(r"task (\d+)$")
        with workers(run.port(), 1, tmp_path):
            run.hears("keeper has held tile-00000")
            run.ends()
    assert "put aside" not in run.said
    assert_same_maps(local, tmp_path / "out")


@contextmanager
def broken_and_sound(run, tmp_path, broken, count=1):
    """A worker of a broken installation and, as soon as that has failed, a sound one."""
    failed = "SELECT 1 FROM attempts WHERE outcome IN ('failed', 'damaged')"
    with ExitStack() as stack:
        stack.enter_context(workers(run.port(), count, tmp_path, env=broken))
        wait_for(lambda: rows(run.out, failed), what="a failure")
        yield stack.enter_context(workers(run.port(), 1, tmp_path))


def test_of_two_installations_on_a_host_the_sound_one_does_the_run(dem, local, tmp_path):
    with (
        manager(dem, tmp_path / "out", *SHORT) as run,
        broken_and_sound(run, tmp_path, {"EEMT_PYTHON": "/nowhere/python"}),
    ):
        run.ends()
    assert "is of no use to this run: the worker's Python cannot be started" in run.said
    assert_same_maps(local, tmp_path / "out")


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "echo '{}' > tile/result.json; touch tile/results.blocks; exit 0",
        '$real "$@"; sed -i s/seconds/second/ tile/result.json',
    ],
    ids=["fails", "lies", "tells half"],
)
def test_a_worker_whose_results_never_count_spoils_no_tile(dem, local, tmp_path, script):
    with (
        manager(dem, tmp_path / "out", *SHORT) as run,
        broken_and_sound(run, tmp_path, python_that(tmp_path, script)),
    ):
        run.ends()
    assert "trying it again" in run.said
    assert "put aside" not in run.said
    assert_same_maps(local, tmp_path / "out")
