"""Cleanup by age and by disk: what goes, what stays, and what is said of it."""

import json
import time

import pytest

from eemt_core.errors import ArgumentError
from eemt_core.machine import free_disk_mb
from eemt_core.web.jobs import cleanup
from eemt_core.web.settings import Retention, WebSettings
from web_jobs import NO_ROOM_MB, job, job_store, make_folder
from web_service import application, wait_until

HOUR, DAY, SIZE = 3600, 86400, 300_000
AGES = {
    "completed, 8 days": ("completed", 8 * DAY),
    "completed, 6 days": ("completed", 6 * DAY),
    "completed, 8 days, kept": ("completed", 8 * DAY),
    "failed, 13 hours": ("failed", 13 * HOUR),
    "failed, 11 hours": ("failed", 11 * HOUR),
    "cancelled, 13 hours": ("cancelled", 13 * HOUR),
    "cancelled, 13 hours, kept": ("cancelled", 13 * HOUR),
    "pending, 9 days": ("pending", None),
}
OLD = {"completed, 8 days", "failed, 13 hours", "cancelled, 13 hours"}


@pytest.fixture
def jobs(tmp_path):
    """A folder of old and new jobs, and their identities by what they are."""
    now, ids = time.time(), {}
    with job_store(tmp_path) as store:
        for name, (state, age) in AGES.items():
            ended = None if age is None else now - age
            one = job(state, created=now - 9 * DAY, ended=ended, keep="kept" in name)
            store.add(one)
            make_folder(tmp_path, one.id, SIZE)
            ids[name] = one.id
    return ids


def present(data, ids):
    return {name for name, job_id in ids.items() if (data / "results" / job_id).exists()}


@pytest.fixture
def client(tmp_path, jobs):
    with application(tmp_path, least_free_mb=NO_ROOM_MB) as client:
        yield client


def test_a_dry_run_tells_what_a_cleanup_removes(tmp_path, jobs, client):
    told = client.post("/api/cleanup?dry_run=true").raise_for_status().json()
    assert {entry["id"] for entry in told["jobs"]} == {jobs[name] for name in OLD}
    assert present(tmp_path, jobs) == set(AGES)
    assert told["bytes"] >= 3 * SIZE
    due = client.get("/api/cleanup/status").json()
    assert (due["due"], due["due_bytes"], due["automatic"]) == (3, told["bytes"], False)

    done = client.post("/api/cleanup").raise_for_status().json()
    assert {**done, "dry_run": True, "message": told["message"]} == told
    assert done["message"] == "3 jobs and 0 uploads were removed"
    assert present(tmp_path, jobs) == set(AGES) - OLD
    assert done["stats"] == {
        "processed_jobs": 3,
        "successful_cleaned": 1,
        "failed_deleted": 2,
        "space_freed_mb": done["bytes"] / 2**20,
        "errors": [],
    }
    status = client.get("/api/cleanup/status").json()
    assert (status["last_removed"], status["last_bytes"], status["due"]) == (3, done["bytes"], 0)


def test_what_was_asked_of_a_completed_job_stays(jobs, client):
    client.post("/api/cleanup").raise_for_status()
    gone = client.get(f"/api/jobs/{jobs['completed, 8 days']}").json()
    assert gone["status"] == "completed"
    assert gone["files_removed_at"] is not None
    assert client.get(f"/api/jobs/{jobs['failed, 13 hours']}").status_code == 404
    assert client.get(f"/api/jobs/{jobs['completed, 6 days']}").json()["files_removed_at"] is None


def test_ages_may_be_named(tmp_path, jobs, client):
    asked = "success_retention_days=5&failed_retention_hours=800000"
    client.post(f"/api/cleanup?{asked}").raise_for_status()
    assert set(AGES) - present(tmp_path, jobs) == {"completed, 8 days", "completed, 6 days"}
    refused = client.post("/api/cleanup?success_retention_days=-1")
    assert (refused.status_code, refused.json()["field"]) == (422, "success_retention_days")


def test_a_job_that_is_kept_stays_until_it_is_not_kept(tmp_path, jobs, client):
    kept, old = jobs["cancelled, 13 hours, kept"], jobs["failed, 13 hours"]
    client.post(f"/api/jobs/{old}/keep").raise_for_status()
    client.post(f"/api/jobs/{kept}/keep?keep=false").raise_for_status()
    client.post("/api/cleanup").raise_for_status()
    assert client.get(f"/api/jobs/{old}").json()["keep"] is True
    assert client.get(f"/api/jobs/{kept}").status_code == 404


def test_age_is_looked_at_without_being_asked(tmp_path, jobs):
    with application(tmp_path, least_free_mb=NO_ROOM_MB, retention=Retention(7.0, 12.0)) as client:
        wait_until(lambda: present(tmp_path, jobs) == set(AGES) - OLD, 20)
        assert client.get("/api/cleanup/status").json()["automatic"] is True


def test_nothing_goes_by_itself_unless_the_owner_says_so(tmp_path, jobs):
    with application(tmp_path, least_free_mb=NO_ROOM_MB) as client:
        wait_until(lambda: client.get("/api/cleanup/status").json()["last_run_at"], 20)
        assert present(tmp_path, jobs) == set(AGES)


def test_a_disk_that_fills_up_is_emptied_of_the_oldest_jobs(tmp_path, jobs):
    """The disk never gets as free as is wanted here, so all go but the kept and the waiting."""
    wanted = free_disk_mb(tmp_path) * 2
    with application(tmp_path, least_free_mb=wanted, clean_below_mb=wanted) as client:
        left = {"completed, 8 days, kept", "cancelled, 13 hours, kept", "pending, 9 days"}
        wait_until(lambda: present(tmp_path, jobs) == left, 20)
        assert client.get("/api/cleanup/status").json()["last_removed"] == 5


def test_a_job_that_ended_just_now_is_not_removed_to_make_room(tmp_path):
    wanted = free_disk_mb(tmp_path) * 2
    new = job("completed", ended=time.time() - 60)
    with job_store(tmp_path) as store:
        store.add(new)
    make_folder(tmp_path, new.id, SIZE)
    with application(tmp_path, clean_below_mb=wanted) as client:
        wait_until(lambda: client.get("/api/cleanup/status").json()["last_run_at"], 20)
        assert present(tmp_path, {"new": new.id}) == {"new"}


def test_what_a_killed_service_was_removing_goes_at_the_next_start(tmp_path):
    gone, stays = job("completed", ended=1.0, files_removed=2.0), job("completed", ended=1.0)
    with job_store(tmp_path) as store:
        store.add(gone, stays)
    strangers = "f" * 32
    for job_id in (gone.id, stays.id, strangers, ".removed-0123456789abcdef"):
        make_folder(tmp_path, job_id, 10)
    with application(tmp_path):
        left = {stays.id, strangers}  # nobody knows whose maps those are
        wait_until(lambda: {p.name for p in (tmp_path / "results").iterdir()} == left, 20)


def test_uploads_go_at_the_age_of_completed_jobs(tmp_path):
    with application(tmp_path, least_free_mb=NO_ROOM_MB) as client:
        shelf, items = client.app.state.service.dems.shelf, {}
        for name, age in {"old": 8 * DAY, "new": 6 * DAY}.items():
            with shelf.place() as place:
                (place / "dem.tif").write_bytes(bytes(SIZE))
                items[name] = shelf.keep(place, {})
            facts = items[name].folder / "facts.json"
            facts.write_text(json.dumps({"created": time.time() - age}))
        told = client.post("/api/cleanup?dry_run=true").json()
        assert (told["uploads"], len(shelf.items())) == (1, 2)
        done = client.post("/api/cleanup").json()
        assert (done["uploads"], done["bytes"]) == (1, told["bytes"])
        assert done["bytes"] >= SIZE
        assert [item.id for item in shelf.items()] == [items["new"].id]


def test_removing_goes_on_once_at_a_time(tmp_path, jobs, client):
    """Who asks meanwhile is told so at once, and a trial waits for nobody."""
    removing = client.app.state.service.cleaner._one_at_a_time
    wait_until(lambda: client.get("/api/cleanup/status").json()["last_run_at"], 20)
    with removing:
        assert client.get("/api/cleanup/status").json()["due"] == 3
        assert client.post("/api/cleanup?dry_run=true").status_code == 200
        refused = client.post("/api/cleanup")
        assert (refused.status_code, refused.json()["detail"]) == (
            409,
            "old jobs are being removed already: ask again later",
        )
    assert present(tmp_path, jobs) == set(AGES)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("completed, 8 days", {"keep": True}),
        ("failed, 13 hours", {"keep": True}),
        ("cancelled, 13 hours", {"state": "pending", "ended": None}),
    ],
)
def test_what_is_kept_or_resumed_while_others_are_removed_stays(
    tmp_path, jobs, client, monkeypatch, name, changes
):
    """Between the list of what is old and the removal somebody may still be quicker."""
    wait_until(lambda: client.get("/api/cleanup/status").json()["last_run_at"], 20)
    store, size_of = client.app.state.service.jobs, cleanup.size_bytes

    def is_changed_just_now(path):
        if path.name == jobs[name]:
            store.change(path.name, **changes)
        return size_of(path)

    monkeypatch.setattr(cleanup, "size_bytes", is_changed_just_now)
    removed = client.post("/api/cleanup").raise_for_status().json()["jobs"]
    assert {one["id"] for one in removed} == {jobs[other] for other in OLD - {name}}
    assert present(tmp_path, jobs) == set(AGES) - (OLD - {name})
    assert client.get(f"/api/jobs/{jobs[name]}").json()["files_removed_at"] is None


def test_cleaning_below_what_new_jobs_need_is_refused(tmp_path):
    with pytest.raises(ArgumentError, match="new jobs would be refused before") as caught:
        WebSettings(data=tmp_path, least_free_mb=2000, clean_below_mb=1000)
    assert caught.value.field == "clean_below"
