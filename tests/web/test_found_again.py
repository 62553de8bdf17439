"""What a service makes of the jobs that it finds in its folder when it starts."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from eemt_core.files import read_json, write_json
from eemt_core.manager.request import ClusterRequest, EnergyRequest, RunRequest
from eemt_core.web.jobs.job import JobFolder
from eemt_core.web.jobs.process import Process, find, note_resume
from eemt_core.web.jobs.renew import renew
from runs import eemt_run
from web_jobs import NO_ROOM_MB, job, job_store, make_folder
from web_service import application, wait_until


@pytest.fixture
def stranger():
    """A process of this user that has nothing to do with any job."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def answer(client, found):
    return client.get(f"/api/jobs/{found.id}").json()


def test_a_process_that_has_the_number_of_an_ended_one_is_left_alone(tmp_path, stranger):
    found = job("running", pid=stranger.pid, wants_cancel=True)
    folder = make_folder(tmp_path, found.id)
    folder.maps.mkdir()  # it had begun
    with job_store(tmp_path) as store:
        store.add(found)
    with application(tmp_path) as client:
        wait_until(lambda: answer(client, found)["status"] != "running", 10)
        assert answer(client, found)["status"] == "cancelled"
    Process(stranger.pid, folder).kill()
    assert find(folder, stranger.pid) is None
    assert find(folder) is None
    assert stranger.poll() is None


def test_a_job_that_was_noted_and_never_started_waits_again(tmp_path):
    found = job("running", started=time.time())
    make_folder(tmp_path, found.id)
    with job_store(tmp_path) as store:
        store.add(found)
    with application(tmp_path, least_free_mb=NO_ROOM_MB) as client:
        assert (answer(client, found)["status"], answer(client, found)["started_at"]) == (
            "pending",
            None,
        )


def test_a_resumed_job_that_was_noted_and_never_started_waits_again(tmp_path):
    """What it said before it was resumed is not the last word of a run that never began."""
    found = job("running", started=time.time())
    folder = make_folder(tmp_path, found.id, size=1)
    folder.log.write_text("Started at 2026-01-01T00:00:00.\nError: the disk is full: free some\n")
    note_resume(folder)
    with job_store(tmp_path) as store:
        store.add(found)
    with application(tmp_path, least_free_mb=NO_ROOM_MB) as client:
        assert answer(client, found)["status"] == "pending"


def test_a_job_that_was_cancelled_before_it_started_is_cancelled(tmp_path):
    found = job("running", started=time.time(), wants_cancel=True)
    make_folder(tmp_path, found.id)
    with job_store(tmp_path) as store:
        store.add(found)
    with application(tmp_path) as client:
        assert answer(client, found)["status"] == "cancelled"


@contextmanager
def process_of(request, cwd):
    """A process that looks as a run of this request does, in its folder."""
    command = [sys.executable, "-c", "import time; time.sleep(60)", "--request", str(request)]
    with subprocess.Popen(command, cwd=cwd) as process:
        wait_until(psutil.Process(process.pid).cmdline)  # which is shown a moment after it began
        yield process
        process.kill()


def test_a_run_is_found_whatever_the_clock_says(tmp_path, monkeypatch):
    """The system tells when a process started by the clock of now, which may have been set."""
    folder = make_folder(tmp_path, job().id)
    with process_of(folder.request, folder.path) as running:
        found = find(folder, running.pid)
        monkeypatch.setattr("psutil._pslinux.boot_time", lambda: 0.0)
        assert found.is_alive
        assert find(folder) == find(folder, running.pid) == found


def test_a_run_is_found_where_its_data_has_been_moved(tmp_path):
    """And not by who has a copy of the data, whose jobs have the same names."""
    one = job()
    before = make_folder(tmp_path / "before", one.id)
    with process_of(before.request, before.path) as running:
        shutil.copytree(tmp_path / "before", tmp_path / "copy")
        (tmp_path / "before").rename(tmp_path / "after")
        moved, copy = (JobFolder(tmp_path / at / "results" / one.id) for at in ("after", "copy"))
        assert find(moved).pid == running.pid
        assert find(copy) is find(copy, running.pid) is None


def test_a_run_that_ended_while_nobody_looked_ended_then(tmp_path):
    now = time.time()
    found = job("running", pid=2**22 - 1, created=now - 9000, started=now - 9000)
    folder = make_folder(tmp_path, found.id)
    folder.log.write_text("Started at 2026-01-01T00:00:00.\n")
    os.utime(folder.log, (now - 7200, now - 7200))
    with job_store(tmp_path) as store:
        store.add(found)
    with application(tmp_path) as client:
        wait_until(lambda: answer(client, found)["status"] == "failed", 10)
        ended = datetime.fromisoformat(answer(client, found)["completed_at"])
        assert ended.timestamp() == pytest.approx(now - 7200, abs=1.5)


def test_a_run_whose_folder_was_removed_says_so(tmp_path):
    found = job("running", pid=2**22 - 1)
    with job_store(tmp_path) as store:
        store.add(found, waiting := job())
    with application(tmp_path, least_free_mb=0) as client:
        for one in (found, waiting):
            wait_until(lambda one=one: answer(client, one)["status"] == "failed", 20)
            assert answer(client, one)["error_message"] == (
                "the files of the job are not there any more: submit it again"
            )


def test_a_job_that_waits_starts_with_what_the_service_has_by_then(tmp_path):
    """It was asked for when data, cores and pool were others."""
    one = job(upload="dem", parameters={"num_threads": "3", "climate": "demo"})
    folder = make_folder(tmp_path, one.id, dem="/before/dem.tif")
    old = RunRequest.from_dict(read_json(folder.request))
    old = replace(
        old, out="/before/maps", energy=EnergyRequest(climate="/before/demo.toml"), threads=8,
        cluster=ClusterRequest(ports=(22000, 22000)),
    )  # fmt: skip
    write_json(folder.request, old.to_dict())
    renew(folder, one, most_threads=4, cluster=None, climate=Path("/now/demo.toml"))
    new = RunRequest.from_dict(read_json(folder.request))
    assert (new.out, new.dem, new.energy.climate) == (
        folder.maps, folder.dem, Path("/now/demo.toml"),
    )  # fmt: skip
    assert (new.threads, new.cluster) == (3, None)
    folder.climate.mkdir()
    renew(folder, one, most_threads=2, cluster=old.cluster, climate=None)
    new = RunRequest.from_dict(read_json(folder.request))
    assert (new.energy.climate, new.threads, new.cluster) == (folder.climate, 2, old.cluster)


def test_a_job_whose_process_said_why_it_ended_has_failed_with_that_sentence(tmp_path):
    found = job("running", pid=2**22 - 1)
    folder = make_folder(tmp_path, found.id)
    folder.log.write_text(
        "Started.\nPlanning.\nError: dem.tif has no CRS: give one with gdal_edit\n"
    )
    with job_store(tmp_path) as store:
        store.add(found)
    with application(tmp_path) as client:
        wait_until(lambda: answer(client, found)["status"] == "failed", 10)
        assert (
            answer(client, found)["error_message"] == "dem.tif has no CRS: give one with gdal_edit"
        )
        assert client.get(f"/api/jobs/{found.id}/logs?tail=1").json().startswith("Error: dem.tif")


def test_a_failed_job_shows_the_sentence_that_the_command_prints(tmp_path):
    """Also of what nobody could have known when it was submitted: the DEM went in between."""
    one = job()
    folder = make_folder(tmp_path, one.id, dem=tmp_path / "gone.tif")
    printed = eemt_run("--request", folder.request)
    assert printed.returncode == 3
    with job_store(tmp_path) as store:
        store.add(one)
    with application(tmp_path, least_free_mb=1) as client:
        wait_until(lambda: answer(client, one)["status"] == "failed", 120)
        assert printed.stderr == f"Error: {answer(client, one)['error_message']}\n"


def test_the_maps_that_cleanup_removed_are_not_there(tmp_path):
    one = job("completed", ended=1.0, files_removed=2.0)
    with job_store(tmp_path) as store:
        store.add(one)
    with application(tmp_path) as client:
        for path in ("maps", "results", "status", "results/slope.tif"):
            gone = client.get(f"/api/jobs/{one.id}/{path}")
            assert (path, gone.status_code) == (path, 404)
        assert client.get(f"/api/jobs/{one.id}/logs").json() == ""


def test_what_an_earlier_run_of_a_job_said_is_not_taken_for_the_last_word(tmp_path):
    found = job("running", pid=2**22 - 1)
    folder = make_folder(tmp_path, found.id)
    folder.log.write_text("Error: the disk is full: free some\nStarted at 2026-01-01T00:00:00.\n")
    folder.maps.mkdir()
    with job_store(tmp_path) as store:
        store.add(found)
    with application(tmp_path) as client:
        wait_until(lambda: answer(client, found)["status"] == "failed", 10)
        assert answer(client, found)["error_message"].startswith("the run was killed")


@pytest.mark.parametrize("harm", ["removed", "cut short", "another"])
def test_a_job_is_completed_only_with_every_map_whole(tmp_path, finished_maps, harm):
    """The run's record lists the maps; a file of the name is not enough."""
    found = job("running", pid=2**22 - 1)
    folder = make_folder(tmp_path, found.id)
    shutil.copytree(finished_maps, folder.maps)
    name = sorted(read_json(folder.maps / "run.json")["maps"])[0]
    wrong = folder.maps / name
    if harm == "removed":
        wrong.unlink()
    elif harm == "cut short":
        wrong.write_bytes(wrong.read_bytes()[:-100])
    else:
        wrong.write_text("no map")
    with job_store(tmp_path) as store:
        store.add(found)
    with application(tmp_path) as client:
        wait_until(lambda: answer(client, found)["status"] != "running", 20)
        assert answer(client, found)["status"] == "failed"
        assert answer(client, found)["error_message"].startswith(f"{name} is missing or damaged")
