"""What a service makes of the jobs that it finds in its folder when it starts."""

import shutil
import subprocess
import sys
import time

import psutil
import pytest

from eemt_core.files import read_json
from eemt_core.web.jobs.process import Process, find, known
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
    started = psutil.Process(stranger.pid).create_time()
    found = job("running", pid=stranger.pid, process_started=started, wants_cancel=True)
    folder = make_folder(tmp_path, found.id)
    folder.maps.mkdir()  # it had begun
    with job_store(tmp_path) as store:
        store.add(found)
    with application(tmp_path) as client:
        wait_until(lambda: answer(client, found)["status"] != "running", 10)
        assert answer(client, found)["status"] == "cancelled"
    Process(stranger.pid, started, str(folder.request)).kill()
    assert known(folder, stranger.pid, started) is None
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


def test_a_job_whose_process_said_why_it_ended_has_failed_with_that_sentence(tmp_path):
    found = job("running", pid=2**22 - 1, process_started=1.0)
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
    found = job("running", pid=2**22 - 1, process_started=1.0)
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
    found = job("running", pid=2**22 - 1, process_started=1.0)
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
