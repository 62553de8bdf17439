"""A run whose manager is killed is gone on with by another machine, with the same workers."""

import shutil

import pytest

from attempts import rows
from clusters import SHORT, kill_group, wait_for
from host_shells import block, stopped_task, users
from runs import assert_same_maps

pytestmark = pytest.mark.slow

TILES = 8


def share(shells, folder):
    """Let hosts see one folder as /mnt/runs."""
    folder.mkdir()
    for shell in shells:
        shell.run(f"mount -t tmpfs none /mnt; mkdir /mnt/runs; mount --bind {folder} /mnt/runs")


@pytest.mark.parametrize(
    "start",
    [lambda beta: beta.type("--manager gamma"), lambda beta: beta.type("eemt-worker --project")],
    ids=["addresses", "project"],
)
def test_a_second_manager_goes_on_where_the_first_was_killed(dem, local, tmp_path, start):
    with users(tmp_path, dem, SHORT, "alpha", "beta", "gamma", "store") as shells:
        alpha, beta, gamma, store = shells
        share((alpha, gamma), tmp_path / "shared")
        shutil.copy(dem, tmp_path / "shared" / "DEM.tif")
        out = tmp_path / "shared" / "out"
        (store.host.folder / "catalog").mkdir()
        store.type("catalog_server")

        first = alpha.type("eemt-run /mnt/runs")
        first.says("Waiting for workers")
        worker = start(beta)
        wait_for(lambda: finished(out))
        stopped_task(beta.host)
        _, second = block("eemt-run --resume")
        refused = gamma.run(second, code=2)
        assert "/mnt/runs/out is in use by another run (process " in refused
        assert " on alpha)" in refused
        kill_group(first.process)
        before = finished(out)

        second = gamma.type("eemt-run --resume")
        second.says("Waiting for workers")
        second.ends()
        assert_same_maps(local, out)
        assert worker.said.count("working for the manager") == 2
        tries = rows(
            out, "SELECT tile, COUNT(*) FROM attempts WHERE outcome = 'done' GROUP BY tile"
        )
        assert [count for _, count in tries] == [1] * TILES
        assert 1 <= len(before) < TILES
        assert before < finished(out)


def finished(out):
    """Tiles that are done, with the attempts that did them."""
    return set(rows(out, "SELECT tile, attempt FROM attempts WHERE outcome = 'done'"))
