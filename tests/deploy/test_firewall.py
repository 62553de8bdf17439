"""A firewall around the manager's port, with the rules of the page."""

import os
import signal

import pytest

from attempts import done_by, rows
from clusters import SHORT, wait_for
from host_shells import block, stopped_task, users
from runs import assert_same_maps

pytestmark = pytest.mark.slow

OPTIONS = (*SHORT, "--keepalive", "2")
SECRET = "--password-file ~/.config/eemt/password"
WORKER = f"eemt-worker --manager-host alpha {SECRET}"


def test_workers_come_in_and_strangers_get_no_answer(dem, local, tmp_path):
    with users(tmp_path, dem, OPTIONS, "alpha", "beta", "gamma") as (
        alpha,
        beta,
        gamma,
    ):
        out = alpha.host.folder / "out"
        alpha.run(block("nft -f eemt.nft")[1])
        run = alpha.start(f"eemt-run DEM.tif -o out --manager-port 9123 {SECRET}")
        run.says("Waiting for workers")
        beta.start(WORKER)
        task = stopped_task(beta.host)

        _, count = block("nft list chain")
        assert "counter packets 0 " in alpha.run(count)
        # neither taken (0) nor refused (1)
        gamma.run("timeout 2 bash -c 'echo > /dev/tcp/alpha/9123'", code=124)
        assert "counter packets 0 " not in alpha.run(count)
        # a worker is written down a moment after its first task
        wait_for(lambda: rows(out, "SELECT DISTINCT host FROM workers"), what="workers")
        assert rows(out, "SELECT DISTINCT host FROM workers") == [("beta",)]

        alpha.run(block("nft add element")[1])
        gamma.start(WORKER)
        wait_for(lambda: "gamma" in done_by(out))
        # again as at first, so that gamma is cut off in the middle of its work
        stopped_task(gamma.host)
        alpha.run("nft -f eemt.nft")
        os.kill(task, signal.SIGCONT)
        run.ends()
        assert_same_maps(local, out)
        assert done_by(out).keys() == {"beta", "gamma"}
