"""Workers that must leave soon get no tile that cannot end, and none is kept from all workers."""

from contextlib import suppress

import pytest

from clusters import SHORT, kill_group, manager, python_that, start_worker, wait_for
from eemt_core.errors import InputError
from eemt_core.journal import read_status, read_workers
from runs import assert_same_maps, eemt_run, mountains, write_dem

pytestmark = pytest.mark.slow


def test_a_worker_near_its_end_gets_no_tile_unless_nobody_else_is_left(tmp_path):
    dem, out = write_dem(tmp_path / "dem.tif", mountains((256, 256))), tmp_path / "out"
    local = eemt_run(dem, "-o", tmp_path / "local", *SHORT)
    assert local.returncode == 0, local.stderr
    # eight seconds are said of its tiles; to Work Queue a second more or less is the same
    slow = python_that(tmp_path, 'sleep 5\nexec "$real" "$@"')

    def done():
        with suppress(InputError):  # it has not begun
            return read_status(out).tile_counts.done
        return 0

    def short_ones():
        return [worker for worker in read_workers(out) if worker.cores == 1]

    def short(seconds):
        """Have a worker that is fast and has so little time, until its end or that of the run."""
        worker = start_worker(
            port, "--wall-time", seconds, host="127.0.0.1", work_dir=tmp_path / "fast"
        )
        started.append(worker)
        # where the run ends sooner it would look for another manager, whatever its time
        wait_for(lambda: any(p.poll() is not None for p in (worker, run.process)), what="its end")

    with manager(dem, out, *SHORT) as run:
        port, started = run.port(), []
        for name in ("slow", "fast"):
            (tmp_path / name).mkdir()
        try:
            started.append(start_worker(port, work_dir=tmp_path / "slow", cores=4, env=slow))
            # what was handed out before three tiles were done tells no time
            wait_for(lambda: done() >= 8, what="tiles to learn from")
            short(4)
            # it is written down a moment after it has come, and again if it has come twice
            wait_for(lambda: short_ones(), what="its name")
            assert {(worker.done, worker.lost) for worker in short_ones()} == {(0, 0)}
            assert done() < 16
            kill_group(started[0])
            # tiles take a moment without the sleep; only by what was learned they take too long
            while run.process.poll() is None:
                short(6)
            run.ends()
        finally:
            for worker in started:
                kill_group(worker)
    assert_same_maps(tmp_path / "local", out)
