"""Failing tasks: failures that a retry can cure are retried, all others are reported."""

import re
import time

import pytest

from clusters import SHORT, manager, own_disk, python_that, start_worker, wait_for, workers
from eemt_core.journal import read_status
from runs import assert_same_maps, maps_of, mountains, write_dem

pytestmark = pytest.mark.slow

IS_TILE_3 = """grep -q '"name": "tile-000003"' tile/task.json"""


def test_a_task_that_kills_its_workers_is_put_aside_and_the_rest_is_done(dem, local, tmp_path):
    deadly = python_that(tmp_path, f'{IS_TILE_3} && kill -9 $PPID && exit 1\nexec $real "$@"')
    out = tmp_path / "out"
    with manager(dem, out, *SHORT) as run:
        port, started = run.port(), []
        try:
            while run.process.poll() is None:
                alive = [process for process in started if process.poll() is None]
                if len(alive) < 2:
                    started.append(start_worker(port, work_dir=tmp_path, env=deadly))
                time.sleep(0.1)
        finally:
            for process in started:
                process.kill()
                process.wait()
        run.ends(1)
        (deaths,) = re.findall(
            r"put aside: (\d+) different workers were gone in the middle of it", run.said
        )
        assert 3 <= int(deaths) <= 20  # a new worker takes the task as soon as one has died
        assert "Error: tile-000003 (rows 0-63, columns 192-255) failed" in run.said
    assert len(list(out.glob(".eemt/tiles/*/result.json"))) == 7
    assert "different workers" in (out / ".eemt/logs/tile-000003.txt").read_text()
    assert maps_of(out) == {}
    with manager(dem, out, *SHORT, "--resume", "--workers", "1") as run:
        run.ends()
    assert_same_maps(local, out)


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        ("truncate -s -4 tile/results.blocks", "its result is damaged"),
        ("printf x | dd of=tile/results.blocks bs=1 seek=200 conv=notrunc 2>/dev/null",
         "its result is damaged"),
        ("rm tile/results.blocks", "its results did not arrive whole"),
        ("echo '{' > tile/result.json", "its result is damaged"),
    ],
)  # fmt: skip
def test_a_result_that_was_harmed_on_its_way_does_not_count(dem, local, tmp_path, harm, why):
    marker = tmp_path / "harmed"
    # until it is told: a result may come that nobody waits for, as the task was just given anew
    untold = f"! grep -q 'tile-000003 failed' {tmp_path / 'out.log'}"
    env = python_that(
        tmp_path,
        f'$real "$@" || exit $?\n{IS_TILE_3} && {untold} && mkdir -p {marker} && {harm}\nexit 0',
    )
    with (
        manager(dem, tmp_path / "out", *SHORT) as run,
        workers(run.port(), 2, tmp_path, env=env),
    ):
        run.ends()
        assert f"tile-000003 failed ({why}); trying it again." in run.said
    assert marker.exists()
    attempts = read_status(tmp_path / "out").attempts
    arrived = "did not arrive" not in why
    assert (attempts.damaged, attempts.failed) == ((1, 0) if arrived else (0, 1))
    assert_same_maps(local, tmp_path / "out")


def test_a_tile_that_fails_everywhere_is_named_with_its_log_after_the_rest(dem, tmp_path):
    broken = python_that(
        tmp_path, f'{IS_TILE_3} && echo "no luck with this one" && exit 1\nexec $real "$@"'
    )
    out = tmp_path / "out"
    with (
        manager(dem, out, *SHORT, "--retries", "2") as run,
        workers(run.port(), 2, tmp_path, env=broken),
    ):
        run.ends(1)
        # a failure on one that has done nothing well before does not count
        assert run.said.count("tile-000003 failed (") in (2, 3)
        assert "Error: tile-000003 (rows 0-63, columns 192-255) failed" in run.said
    assert "no luck with this one" in (out / ".eemt/logs/tile-000003.txt").read_text()
    assert len(list(out.glob(".eemt/tiles/*/result.json"))) == 7


def test_where_nothing_works_the_run_ends_soon_and_says_why(dem, tmp_path):
    nothing = {"EEMT_PYTHON": "/nowhere/python"}
    with (
        manager(dem, tmp_path / "out", *SHORT) as run,
        workers(run.port(), 1, tmp_path, env=nothing),
    ):
        run.ends(5)
        assert "Error: the worker's Python cannot be started" in run.said


def test_a_worker_whose_disk_is_full_costs_only_time(dem, local, tmp_path):
    prefix = own_disk(tmp_path / "small", "8m")
    fills = python_that(tmp_path, 'cat /dev/zero > tile/filler 2>/dev/null\nexec $real "$@"')
    small = {"env": fills, "prefix": prefix, "disk_mb": 5}
    with (
        manager(dem, tmp_path / "out", *SHORT) as run,
        workers(run.port(), 1, tmp_path / "small", **small),
    ):
        # before that no other one comes, which might do all tiles alone
        words = "the worker's disk is full", "No space left"
        wait_for(lambda: any(w in run.said for w in words), what=words[0])
        with workers(run.port(), 1, tmp_path):
            run.ends()
    assert_same_maps(local, tmp_path / "out")


def test_a_full_disk_at_the_manager_ends_the_run_in_order(dem, tmp_path):
    home = tmp_path / "small"
    prefix = own_disk(home, "2m")
    log = tmp_path / "out"
    with manager(dem, log, *SHORT, "--overwrite", "-o", home / "out", prefix=prefix) as run:
        run.hears("--manager-port")
        port = int(run.said.split("--manager-port ")[1].split()[0])
        with workers(port, 1, tmp_path):
            run.ends(4)
        assert run.said.count("Error: ") == 1
        assert "Traceback" not in run.said


def test_memory_that_was_declared_too_small_is_doubled(tmp_path, monkeypatch):
    """A task that needs too much memory is stopped at its limit and retried with more."""
    out, said = run_with_memory(tmp_path, monkeypatch, declared_mb=60, worker_mb=2000)
    assert "ran out of memory with 60 MB; trying it with 120 MB." in said
    assert_same_maps(tmp_path / "local", out)


def test_a_tile_too_large_for_every_worker_is_cut_in_two_and_joined(tmp_path, monkeypatch):
    out, said = run_with_memory(tmp_path, monkeypatch, declared_mb=60, worker_mb=100)
    assert "trying it in two parts." in said
    assert_same_maps(tmp_path / "local", out)


def run_with_memory(tmp_path, monkeypatch, *, declared_mb, worker_mb):
    from eemt_core.manager import prepare
    from eemt_core.manager import run as manager_run
    from eemt_core.manager.reporter import Silent
    from eemt_core.manager.request import ClusterRequest
    from eemt_core.tiles.task import Resources
    from runs import request

    sentences = []

    class Listener(Silent):
        def say(self, sentence):
            sentences.append(sentence)
            if "--manager-port" in sentence:
                port = sentence.split()[-1]
                started.append(start_worker(port, "--memory", worker_mb, work_dir=tmp_path))

    started = []
    dem = write_dem(tmp_path / "dem.tif", mountains((500, 500)))
    days = tuple(range(15, 365, 31))
    asked = request(dem, tmp_path / "local", days=days, solar={"step_minutes": 60.0})
    manager_run.run(asked, Silent())
    monkeypatch.setattr(
        prepare, "tile_resources", lambda *args, **kwargs: Resources(1, declared_mb, 100)
    )
    cluster = ClusterRequest(ports=(20000, 30000))
    try:
        asked = request(
            dem, tmp_path / "out", days=days, solar={"step_minutes": 60.0}, cluster=cluster
        )
        manager_run.run(asked, Listener())
    finally:
        for process in started:
            process.kill()
            process.wait()
    return tmp_path / "out", "\n".join(sentences)
