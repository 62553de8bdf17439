"""What the service tells of runs and of its machine is what their journals and the system say."""

import json
import shutil

import psutil
import pytest

from eemt_core.exposition import exposition
from eemt_core.journal import JOURNAL_FILE, Journal, TilePlan, read_status, run_figures
from eemt_core.manager.request import ClusterRequest
from eemt_core.web.jobs.outcome import progress
from journals import RESULT, begin, run_attempt
from prometheus import figures, of_run, promtool
from web_jobs import job, make_folder
from web_service import application

PLACES = [(0, 0, 64, 96), (0, 96, 64, 32), (64, 0, 16, 96), (64, 96, 16, 32)]
"""Row, column, rows and columns of tiles of several shapes, which cover 80 x 128 cells."""


def place_tiles(journal):
    tiles = [
        TilePlan(index, f"tile-{index}", rows * cols, 1.0, row, col, rows, cols)
        for index, (row, col, rows, cols) in enumerate(PLACES)
    ]
    begin(journal, tiles=tiles)


@pytest.fixture
def client(tmp_path):
    """A service that looks after no job, so that each stays in the state that it was given."""
    with application(tmp_path / "data") as client:
        client.app.state.service.dispatcher.end()
        yield client


def add_running(client, **fields):
    """A running job with an output folder, and that folder."""
    service = client.app.state.service
    one = job("running", **fields)
    folder = make_folder(service.settings.data, one.id)
    folder.maps.mkdir()
    service.jobs.add(one)
    return one, folder.maps


def test_tiles_lie_where_the_plan_has_them(client):
    one, out = add_running(client)
    with Journal.create(out / JOURNAL_FILE) as journal:
        place_tiles(journal)
        journal.tile_done(2, RESULT)
        journal.commit()
        told = client.get(f"/api/jobs/{one.id}/tile-states").json()
    assert (told["rows"], told["cols"], told["total"]) == (80, 128, 4)
    found = [(t["row"], t["col"], t["rows"], t["cols"]) for t in told["tiles"]]
    assert found == PLACES
    assert [t["state"] for t in told["tiles"]] == ["waiting", "waiting", "done", "waiting"]


def test_progress_follows_the_tiles_and_then_the_maps(tmp_path):
    """Tiles are most of the time, maps the rest; nothing but the end is 100."""
    with Journal.create(tmp_path / JOURNAL_FILE) as journal:
        begin(journal, 4)
        journal.commit()
        told = [progress(None), progress(read_status(tmp_path))]
        for index in range(4):
            journal.tile_done(index, RESULT)
            journal.commit()
            told.append(progress(read_status(tmp_path)))
        assert told == pytest.approx([0, 5, 23.75, 42.5, 61.25, 80], abs=0.06)
        for done in (0, 5, 10):
            journal.progress("maps", done, 10, "maps")
            journal.commit()
            told.append(progress(read_status(tmp_path)))
        assert told[-3:] == pytest.approx([80, 89.5, 99], abs=0.06)
        journal.end_run("finished")
        journal.commit()
        assert progress(read_status(tmp_path)) == 100


def test_a_run_that_has_ended_is_told_as_it_ended(client):
    """Not as it was a moment before, which everybody else who asks just then is told."""
    service = client.app.state.service
    service.watch._clock = lambda: 0.0  # no time goes by
    one, out = add_running(client)
    with Journal.create(out / JOURNAL_FILE) as journal:
        begin(journal, 4)
        journal.commit()
        state = f"/api/jobs/{one.id}/status"
        assert client.get(state).json()["run"]["state"] != "finished"
        journal.end_run("finished")
        journal.commit()
    assert client.get(state).json()["run"]["state"] != "finished"
    service.dispatcher.turn()  # it finds that no process is there any more
    assert client.get(f"/api/jobs/{one.id}").json()["status"] == "failed"  # without a record
    assert client.get(state).json()["run"]["state"] == "finished"


def test_memory_and_disk_are_the_machines(client):
    found = client.get("/api/system/status").json()
    disk = shutil.disk_usage(client.app.state.service.settings.data)
    assert found["disk_mb"] == disk.total // 2**20
    assert found["disk_free_mb"] == pytest.approx(disk.free / 2**20, rel=0.1)
    assert 0 < found["memory_free_mb"] <= found["memory_mb"]
    assert found["memory_mb"] <= psutil.virtual_memory().total / 2**20


def test_figures_are_in_the_units_of_their_names(client):
    one, _ = add_running(client, progress=42.0)
    text = client.get("/metrics").text
    found = figures(text)
    free = shutil.disk_usage(client.app.state.service.settings.data).free
    assert found["eemt_disk_free_bytes", ()] == pytest.approx(free, rel=0.1)
    memory = psutil.Process().memory_info().rss
    assert found["process_resident_memory_bytes", ()] == pytest.approx(memory, rel=0.5)
    assert found["eemt_jobs", (("state", "running"),)] == 1
    assert of_run(text, one.id)["eemt_job_done_ratio"] == 0.42
    assert promtool("check", "metrics", text=text) == (0, "")


def test_a_jobs_figures_are_those_of_its_run(client):
    one, out = add_running(client)
    with Journal.open(out / JOURNAL_FILE) as journal:
        begin(journal, 8)
        run_attempt(journal, 0)
        journal.commit()
        text = client.get("/metrics").text
    of_job = of_run(text, one.id)
    assert promtool("check", "metrics", text=text) == (0, "")
    status = client.app.state.service.watch.status(out)
    of_status = of_run(exposition(run_figures([(str(out), status)])), str(out))
    assert of_job.keys() - of_status.keys() == {"eemt_job_done_ratio"}
    assert of_job["eemt_run_tiles", "done"] == of_status["eemt_run_tiles", "done"] == 1


def test_workers_are_told_the_port_of_each_run(tmp_path):
    password = tmp_path / "workers"
    password.write_text("what workers know\n")
    cluster = ClusterRequest(ports=(9123, 9130), password_file=password)
    with application(tmp_path / "data", cluster=cluster) as client:
        client.app.state.service.dispatcher.end()
        _, out = add_running(client)
        assert client.get("/api/worker-commands").json() == []  # it does not listen yet
        (out / "manager.json").write_text(json.dumps({"host": "node1", "port": 9124}))
        assert client.get("/api/worker-commands").json() == [
            {
                "label": "demonstration",
                "command": "eemt-worker --manager-host node1 --manager-port 9124 "
                "--password-file FILE",
            }
        ]


def test_workers_of_a_project_are_told_one_command_for_all_jobs(tmp_path):
    cluster = ClusterRequest(ports=(0, 0), project="lab", catalog=("alpha", 9097))
    with application(tmp_path / "data", cluster=cluster) as client:
        assert client.get("/api/worker-commands").json() == [
            {"label": "all jobs", "command": "eemt-worker --project lab --catalog alpha:9097"}
        ]


def test_a_run_of_this_machine_alone_wants_no_workers(client):
    add_running(client)
    assert client.get("/api/worker-commands").json() == []
