"""Work Queue's workers on other hosts: disconnected, reconnected, useless, slow, too small."""

import json
from contextlib import contextmanager

import pytest

from attempts import done_by, rows, running_on
from clusters import SHORT, kill_group, manager, start_worker, wait_for
from host_shells import stopped_task
from network_hosts import Barrier, Network
from runs import assert_same_maps

pytestmark = pytest.mark.slow

TILES = 8
SLOW_KILOBIT_PER_S = 150  # a tile's files take seconds
MID_TRANSFER_BYTES = 50_000  # of a task's 130 000 and a result's 200 000


def run_on(host, dem, *arguments):
    """Start a manager on a host."""
    return manager(dem, host.folder / "out", *arguments, prefix=host.enter)


@contextmanager
def worker_on(host, run, *arguments, python=None, cores=1):
    """Start a worker on a host, for a manager on the host that is called manager."""
    process = start_worker(
        run.port(),
        *arguments,
        host="manager",
        work_dir=host.folder,
        cores=cores,
        env={"EEMT_PYTHON": str(python or host.python())},
        prefix=host.enter,
    )
    try:
        yield process
    finally:
        kill_group(process)


@pytest.fixture(scope="module", autouse=True)
def small(dem, tmp_path_factory):
    """A run whose workers are too small, until the time limit for a suitable worker ends."""
    with (
        Network(tmp_path_factory.mktemp("small"), "manager", "one", "two", "large") as hosts,
        run_on(hosts[0], dem, *SHORT) as run,
        worker_on(hosts[1], run, "--memory", "100"),
        worker_on(hosts[2], run, "--memory", "90"),
    ):
        yield run, hosts[3]


def test_hosts_work_for_a_manager_on_another(dem, local, tmp_path):
    with (
        Network(tmp_path, "manager", "alpha", "beta", "gamma") as (home, *hosts),
        run_on(home, dem, *SHORT) as run,
    ):
        barriers = [Barrier(host) for host in hosts]
        alpha, beta, gamma = (
            worker_on(host, run, python=host.python(barrier=barrier))
            for host, barrier in zip(hosts, barriers, strict=True)
        )
        with alpha, beta, gamma:
            wait_for(lambda: running_on(run.out) == ["alpha", "beta", "gamma"])
            for barrier in barriers:
                barrier.open()
            run.ends()
        assert_same_maps(local, run.out)
        record = json.loads((run.out / "run.json").read_text())
        assert record["tiles"]["hosts"] == ["alpha", "beta", "gamma"]
        seen = rows(run.out, "SELECT host, address FROM workers ORDER BY host")
        assert [(host, address.partition(":")[0]) for host, address in seen] == [
            (host.name, host.address) for host in hosts
        ]
        assert done_by(run.out).keys() == {"alpha", "beta", "gamma"}


def test_a_host_cut_off_while_it_gets_a_task_is_replaced_by_others(dem, local, tmp_path):
    with (
        Network(tmp_path, "manager", "near", "far") as (home, near, far),
        run_on(home, dem, *SHORT, "--keepalive", "2") as run,
    ):
        barrier = Barrier(near)
        with worker_on(near, run, python=near.python(barrier=barrier)):
            wait_for(lambda: running_on(run.out) == ["near"])
            far.slow_down(SLOW_KILOBIT_PER_S)
            with worker_on(far, run):
                wait_for(lambda: far.received_bytes > MID_TRANSFER_BYTES)
                far.cut_off()
                barrier.open()
                run.ends()
        assert_same_maps(local, run.out)
        assert done_by(run.out) == {"near": TILES}
        assert rows(run.out, "SELECT why FROM workers WHERE host = 'far'") == [
            ("the connection broke",)
        ]


def test_a_host_cut_off_while_it_gives_a_result_may_come_back(dem, local, tmp_path):
    """Incomplete transfers are discarded, and other workers continue meanwhile."""
    with (
        Network(tmp_path, "manager", "near", "far") as (home, near, far),
        run_on(home, dem, *SHORT, "--keepalive", "2") as run,
    ):
        near_barrier, far_barrier = Barrier(near), Barrier(far)
        with (
            worker_on(near, run, python=near.python(barrier=near_barrier)),
            worker_on(far, run, python=far.python(barrier=far_barrier)),
        ):
            wait_for(lambda: running_on(run.out) == ["far", "near"])
            far.slow_down(SLOW_KILOBIT_PER_S)
            before = far.sent_bytes
            far_barrier.open()
            wait_for(lambda: far.sent_bytes > before + MID_TRANSFER_BYTES)
            far.cut_off()
            for count in (1, 2, 3):
                near_barrier.let_one_through()
                wait_for(lambda count=count: done_by(run.out) == {"near": count})
            ((lost,),) = rows(run.out, "SELECT tile FROM attempts WHERE outcome = 'lost'")

            far.speed_up()
            far.rejoin()
            wait_for(lambda: "far" in done_by(run.out))
            near_barrier.open()
            run.ends()
        assert_same_maps(local, run.out)
        assert sum(done_by(run.out).values()) == TILES
        tries = rows(run.out, "SELECT host, outcome FROM attempts WHERE tile = ?", lost)
        assert ("far", "lost") in tries
        assert [outcome for _, outcome in tries].count("done") == 1
        joined = rows(run.out, "SELECT why FROM workers WHERE host = 'far' ORDER BY id")
        assert joined == [("the connection broke",), ("the run ended",)]


@pytest.mark.alone
def test_a_host_where_every_task_fails_gets_no_more_and_others_take_its_tiles(dem, local, tmp_path):
    with (
        Network(tmp_path, "manager", "good", "late", "bad") as (home, good, late, bad),
        run_on(home, dem, *SHORT) as run,
    ):
        barrier, bad_barrier = Barrier(good), Barrier(bad)
        with (
            worker_on(good, run, python=good.python(barrier=barrier)),
            worker_on(bad, run, python=bad.python(barrier=bad_barrier, fails=True), cores=3),
        ):
            wait_for(lambda: running_on(run.out) == ["bad", "bad", "bad", "good"])
            bad_barrier.open()
            run.hears("bad failed 3 tasks in a row and gets none for 10 minutes.")
            # a retry on another host does not restore trust in host "bad"
            while not rows(run.out, "SELECT 1 FROM attempts WHERE number = 2 AND host = 'good'"):
                count = done_by(run.out).get("good", 0)
                barrier.let_one_through()
                wait_for(lambda count=count: done_by(run.out).get("good", 0) > count)
                wait_for(lambda: "good" in running_on(run.out))
            with worker_on(late, run):
                wait_for(lambda: "late" in done_by(run.out))
                barrier.open()
                run.ends()
        assert_same_maps(local, run.out)
        tries = rows(
            run.out,
            "SELECT first.outcome, second.host, second.outcome FROM attempts AS first "
            "JOIN attempts AS second ON first.tile = second.tile AND second.number = 2 "
            "WHERE first.host = 'bad' AND first.number = 1",
        )
        assert len(tries) >= 3
        assert set(tries) <= {("failed", "good", "done"), ("failed", "late", "done")}
        later = rows(
            run.out,
            "SELECT COUNT(*) FROM attempts WHERE host = 'bad' AND began > "
            "(SELECT MIN(began) FROM attempts WHERE host = 'good' AND number = 2)",
        )
        assert later == [(0,)]
        assert done_by(run.out).keys() == {"good", "late"}


def test_a_task_that_stands_still_at_the_end_is_overtaken_by_a_second_copy(dem, local, tmp_path):
    with (
        Network(tmp_path, "manager", "quick", "stuck") as (home, quick, stuck),
        run_on(home, dem, *SHORT) as run,
    ):
        barrier = Barrier(stuck)
        with worker_on(stuck, run, python=stuck.python(barrier=barrier)):
            wait_for(lambda: running_on(run.out) == ["stuck"])
            stopped_task(stuck)
            barrier.open()
            with worker_on(quick, run):
                run.hears("a second copy is on its way")
                run.ends()
        assert_same_maps(local, run.out)
        assert done_by(run.out) == {"quick": TILES}
        assert rows(run.out, "SELECT copy, outcome FROM attempts WHERE host = 'stuck'") == [
            (0, "superseded")
        ]


def test_workers_that_are_too_small_are_told_and_a_larger_one_goes_on(local, small):
    run, large = small
    run.hears("No connected worker is large enough")
    need_mb = rows(run.out, "SELECT MAX(memory_mb) FROM attempts")[0][0]
    assert f"{need_mb} MB of memory" in run.said
    assert "the largest of 2 has 1 cores, 100 MB and 2000 MB" in run.said
    told_at, joined_at = (
        rows(run.out, f"SELECT MIN({time}) FROM {table} WHERE run = 1 {further}")[0][0]
        for time, table, further in (
            ("at", "events", "AND sentence LIKE 'No connected worker%'"),
            ("joined", "workers", ""),
        )
    )
    assert told_at - joined_at < 60
    with worker_on(large, run):
        run.ends()
    assert_same_maps(local, run.out)
    assert done_by(run.out) == {"large": TILES}
