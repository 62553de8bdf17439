"""A folder for inputs and results that workers see over the network, through SSH."""

import os
import signal

import pytest

from clusters import SHORT, wait_for
from host_shells import stopped_task, users
from runs import assert_same_maps
from ssh_server import give_key, own_accounts, start_ssh_server

pytestmark = pytest.mark.slow

WORKER = "eemt-worker --manager-host alpha --password-file ~/.config/eemt/password"


def test_tasks_read_and_write_in_a_folder_of_the_managers_host(dem, local, tmp_path):
    with users(tmp_path, dem, SHORT, "alpha", "beta") as (alpha, beta):
        for shell in (alpha, beta):
            own_accounts(shell.host)
            shell.run("mount -t tmpfs none /mnt; mkdir /mnt/runs")
        start_ssh_server(alpha, beta)
        give_key(beta, alpha)
        beta.type("sshfs").ends()
        run = alpha.type("--shared-dir /mnt/runs")
        run.says("Waiting for workers")
        beta.start(WORKER)
        task = stopped_task(beta.host)
        # nothing but the description of the task has come over the worker's connection
        (folder,) = {path.parent for path in beta.host.folder.rglob("tile/task.json")}
        assert {path.name for path in folder.iterdir()} == {"task.json", "log.txt"}
        # the manager may just be about to write another task
        wait_for(lambda: beta.run("ls /mnt/runs/*") == alpha.run("ls /mnt/runs/*"))
        os.kill(task, signal.SIGCONT)
        run.ends()
        assert_same_maps(local, alpha.host.folder / "out")
        assert "by the network from now on" not in run.said
        assert alpha.run("ls /mnt/runs") == beta.run("ls /mnt/runs") == ""
