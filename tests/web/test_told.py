"""What is told of a job is so: without a journal, of a tile given up, of what changed."""

import pytest

from eemt_core.journal import JOURNAL_FILE, Journal
from eemt_core.manager.folder import OutFolder
from eemt_core.web.routes.watch import _changes_of_all
from journals import begin
from web_jobs import NO_ROOM_MB, job, job_store, make_folder
from web_service import DEMO, application


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"state": "pending"}, "the run has written no journal yet: ask again later"),
        ({"state": "failed", "ended": 1.0}, "the job is failed and has no journal: see its log"),
        (
            {"state": "completed", "ended": 1.0, "files_removed": 2.0},
            "the job's files have been removed: run it again",
        ),
    ],
)
def test_who_asks_for_a_journal_that_is_not_there_hears_why(tmp_path, fields, sentence):
    one = job(**fields)
    with job_store(tmp_path) as store:
        store.add(one)
    with application(tmp_path, least_free_mb=NO_ROOM_MB) as client:
        for path in ("status", "tile-states", "throughput"):
            answer = client.get(f"/api/jobs/{one.id}/{path}")
            assert (answer.status_code, answer.json()["detail"]) == (404, sentence)
            answer = client.get(f"/api/jobs/{one.id}/{path}?if_any=true")
            assert (answer.status_code, answer.content) == (204, b"")


def test_a_damaged_journal_is_told(tmp_path):
    one = job("failed", ended=1.0)
    with job_store(tmp_path) as store:
        store.add(one)
    maps = make_folder(tmp_path, one.id, size=1).maps
    (maps / JOURNAL_FILE).write_bytes(b"no journal" * 1000)
    with application(tmp_path) as client:
        told = client.get(f"/api/jobs/{one.id}/status")
        assert told.status_code == 404
        assert "is damaged or no journal of eemt-run: move it away" in told.json()["detail"]
        assert client.get(f"/api/jobs/{one.id}").json()["status"] == "failed"


def test_the_log_of_a_tile_that_was_given_up_is_shown_and_no_other_file(tmp_path):
    one = job("failed", ended=1.0)
    with job_store(tmp_path) as store:
        store.add(one)
    maps = make_folder(tmp_path, one.id, size=1).maps
    logs = OutFolder(maps).logs
    logs.mkdir(parents=True)
    (logs / "tile-00001.txt").write_text("it divides by zero\non node7\n")
    (maps / "secret").write_text("a secret")
    (logs / "tile-00003.txt").symlink_to(maps / "secret")
    with Journal.open(maps / JOURNAL_FILE) as journal:
        begin(journal)
        journal.tile_put_aside(1, "it divides by zero", "/before/it/moved/tile-00001.txt")
        journal.tile_put_aside(2, "why", str(maps / "secret"))
        journal.tile_put_aside(3, "why", str(logs / "tile-00003.txt"))
        journal.commit()
        with application(tmp_path) as client:
            found = client.get(f"/api/jobs/{one.id}/tile-logs/tile-00001")
            assert found.json() == "it divides by zero\non node7\n"
            for name in ("tile-00000", "tile-00002", "tile-00003", "tile%2f..%2fsecret"):
                answer = client.get(f"/api/jobs/{one.id}/tile-logs/{name}")
                assert answer.status_code in (404, 405, 422), name
                assert "a secret" not in answer.text


def test_a_list_tells_each_change_also_of_a_job_from_long_ago(tmp_path, monkeypatch):
    """A job that runs for days is not lost behind those that were asked for since."""
    with job_store(tmp_path) as store:
        old, recent = job("running", created=1.0), [job(created=2.0 + n) for n in range(300)]
        store.add(old, *recent)
        look = _changes_of_all(store)
        ((name, first),) = look()
        assert name == "jobs"
        assert old.id in {row["id"] for row in first}
        assert recent[-1].id in {row["id"] for row in first}
        asked = []
        store._connection.set_trace_callback(asked.append)
        assert look() == []
        assert asked == []
        store._connection.set_trace_callback(None)
        store.change(old.id, progress=50.0)
        store.change(recent[0].id, state="cancelled", ended=3.0)
        store.remove(recent[0].id, only_in=("cancelled",))
        (_, (row,)), gone = look()
        assert (row["id"], row["progress"]) == (old.id, 50.0)
        assert gone == ("gone", [recent[0].id])
        monkeypatch.setattr("eemt_core.web.jobs.store._MOST_REMEMBERED", 5)
        for number in range(6):
            store.change(old.id, progress=float(number))
        ((_, again),) = look()
        assert len(again) == len(first)


def test_what_refuses_a_job_refuses_it_in_its_estimate_too(tmp_path):
    with application(tmp_path, most_waiting=0) as client:
        refused = client.post("/api/submit-job", data=DEMO)
        assert refused.status_code == 507
        found = client.post("/api/estimate", data=DEMO).raise_for_status().json()
        assert found["lacks"] == [refused.json()["detail"]]
