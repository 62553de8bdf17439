"""Workers that reach their manager through SSH alone, with the commands of the page."""

import os
import signal

import pytest

from attempts import done_by, rows
from clusters import SHORT, wait_for
from host_shells import block, stopped_task, users
from runs import assert_same_maps
from ssh_server import allow, give_key, own_accounts, start_ssh_server

pytestmark = pytest.mark.slow

TILES = 8
AT_ALPHA = "--manager-host alpha --password-file ~/.config/eemt/password"


def test_a_tunnel_is_cut_in_mid_run_and_opened_again(dem, local, tmp_path):
    with users(tmp_path, dem, SHORT, "alpha", "beta") as (alpha, beta):
        for shell in (alpha, beta):
            own_accounts(shell.host)
        start_ssh_server(alpha, beta)
        _, text = block("ssh-keygen")
        allow(alpha, beta.run(text))
        out = alpha.host.folder / "out"

        run = alpha.type("--bind 127.0.0.1")
        run.says("Waiting for workers")
        # past the tunnel there is no way in, and the key is of no other use
        assert "Connection refused" in beta.run(f"eemt-worker {AT_ALPHA} --dry-run", code=3)
        beta.run("ssh -n -i ~/.ssh/eemt -o BatchMode=yes alpha touch entered", code=1)
        beta.run("ssh -n -i ~/.ssh/eemt -o BatchMode=yes -W 127.0.0.1:22 alpha", code=255)
        assert not (alpha.host.folder / "entered").exists()
        beta.type("-L 127.0.0.1:9123:127.0.0.1:9123")
        worker = beta.type("--manager-host localhost")
        worker.says("working for the manager")

        stopped_task(beta.host)
        (tunnel,) = beta.host.processes(f"ssh -N -i {beta.host.folder}")
        os.kill(tunnel, signal.SIGKILL)
        worker.says("is gone")
        run.ends()
        assert_same_maps(local, out)
        assert done_by(out) == {"beta": TILES}
        lost = rows(out, "SELECT COUNT(*) FROM attempts WHERE outcome = 'lost'")
        assert lost == [(1,)]
        assert worker.said.count("working for the manager") == 2
        addresses = rows(out, "SELECT address FROM workers")
        assert {address.partition(":")[0] for (address,) in addresses} == {"127.0.0.1"}


def test_tunnels_over_a_machine_between_and_from_the_managers_side(dem, local, tmp_path):
    names = ("alpha", "beta", "gamma", "gateway")
    with users(tmp_path, dem, SHORT, *names) as (alpha, beta, gamma, gateway):
        for shell in (alpha, beta, gamma, gateway):
            own_accounts(shell.host)
        start_ssh_server(gateway, beta)
        start_ssh_server(gamma, alpha)
        give_key(beta, gateway)
        give_key(alpha, gamma)
        out = alpha.host.folder / "out"

        _, text = block("--bind 127.0.0.1")
        run = alpha.start(text.replace(" --bind 127.0.0.1", ""))
        run.says("Waiting for workers")
        alpha.type("-R 127.0.0.1:9123:127.0.0.1:9123")
        _, worker = block("--manager-host localhost")
        gamma.start(worker)
        wait_for(lambda: "gamma" in done_by(out))
        task = stopped_task(gamma.host)
        beta.type("-L 127.0.0.1:9123:alpha:9123")
        beta.start(worker)
        wait_for(lambda: "beta" in done_by(out))
        os.kill(task, signal.SIGCONT)
        run.ends()
        assert_same_maps(local, out)
        assert sum(done_by(out).values()) == TILES
