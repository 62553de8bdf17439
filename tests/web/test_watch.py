"""A run shown live: events, the map of its tiles, throughput, figures of the system."""

import itertools
import json
import time

import pytest

from eemt_core.journal import from_document
from prometheus import figures
from web_service import DEMO, web_service


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with web_service(tmp_path_factory.mktemp("web") / "data", "--slots", "1") as service:
        yield service


def events(lines, until, patience_s=90):
    """Names and data of a stream's events, until `until(name, data)` or its end."""
    deadline, name, found = time.monotonic() + patience_s, "", []
    for line in lines:
        assert time.monotonic() < deadline, found[-3:]
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            found.append((name, json.loads(line.removeprefix("data: "))))
            if until(*found[-1]):
                return found
    return found


def has_ended(name, data):
    return name == "job" and data["status"] in ("completed", "failed", "cancelled")


@pytest.fixture(scope="module")
def watched(service):
    """Identity of a job, and all that its stream told from its beginning to its end."""
    with service.client() as client:
        job_id = client.post("/api/submit-job", data=DEMO).raise_for_status().json()["job_id"]
        with client.stream("GET", f"/api/jobs/{job_id}/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            ended = ("completed", "failed", "cancelled")
            told = events(
                stream.iter_lines(), lambda name, data: name == "job" and data["status"] in ended
            )
    return job_id, told


def test_a_stream_tells_a_job_from_its_beginning_to_its_end(watched):
    _, told = watched
    states = [data["status"] for name, data in told if name == "job"]
    assert states[-1] == "completed"
    assert {"running", "completed"} <= set(states)
    progress = [data["progress"] for name, data in told if name == "job"]
    assert progress == sorted(progress)
    assert progress[-1] == 100


def test_each_change_is_told_once(watched):
    _, told = watched
    for kind in ("job", "status"):
        values = [json.dumps(data) for name, data in told if name == kind]
        assert all(one != other for one, other in itertools.pairwise(values))


def test_a_stream_of_a_finished_job_tells_its_tiles(service, watched):
    job_id, _ = watched
    with service.client() as client:
        with client.stream("GET", f"/api/jobs/{job_id}/events") as stream:
            told = events(stream.iter_lines(), lambda name, data: name == "tiles")
        found = client.get(f"/api/jobs/{job_id}/tile-states").json()
    assert told[-1][1] == {tile["name"]: "done" for tile in found["tiles"]}
    covered = sum(tile["rows"] * tile["cols"] for tile in found["tiles"])
    assert covered == found["rows"] * found["cols"] > 0


def test_throughput_holds_all_the_work_of_the_run(service, watched):
    job_id, _ = watched
    with service.client() as client:
        rates = client.get(f"/api/jobs/{job_id}/throughput?bins=7").json()
        status = from_document(client.get(f"/api/jobs/{job_id}/status").json(), "test")
    assert len(rates) == 7
    spans_s = status.run.seconds / 7
    assert sum(r["per_s"] for r in rates) * spans_s == pytest.approx(status.work.total, rel=0.05)


def test_the_list_is_streamed_too_and_what_is_deleted_is_told(service):
    with service.client() as client, service.client() as listener:
        client.post("/api/submit-job", data=DEMO).raise_for_status()
        waiting = client.post("/api/submit-job", data=DEMO).raise_for_status().json()["job_id"]
        with listener.stream("GET", "/api/events") as stream:
            lines = stream.iter_lines()
            events(lines, lambda name, data: name == "jobs" and waiting in [r["id"] for r in data])
            client.post(f"/api/jobs/{waiting}/cancel").raise_for_status()
            client.delete(f"/api/jobs/{waiting}").raise_for_status()
            assert events(lines, lambda name, data: name == "gone")[-1] == ("gone", [waiting])


def test_without_a_journal_there_is_no_map_yet(service):
    with service.client() as client:
        client.post("/api/submit-job", data=DEMO).raise_for_status()
        job_id = client.post("/api/submit-job", data=DEMO).raise_for_status().json()["job_id"]
        for path in ("tile-states", "throughput", "status"):
            answer = client.get(f"/api/jobs/{job_id}/{path}")
            assert answer.status_code == 404
            assert "journal" in answer.json()["detail"]


def test_figures_are_in_prometheus_form(service, watched):
    with service.client() as client:
        answer = client.get("/metrics").raise_for_status()
    found = figures(answer.text)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert found["eemt_jobs", (("state", "completed"),)] >= 1
    assert found["process_resident_memory_bytes", ()] > 1e7


def test_the_system_tells_what_it_has(service):
    with service.client() as client:
        found = client.get("/api/system/status").raise_for_status().json()
    assert found["slots"] == 1
    assert found["cores"] >= found["threads_per_job"] >= 1
    assert 0 < found["disk_free_mb"] < found["disk_mb"]
    assert set(found["jobs"]) == {"pending", "running", "completed", "failed", "cancelled"}
    assert found["engine"] == "local"


def test_a_service_with_open_streams_ends_at_once(tmp_path):
    with (
        web_service(tmp_path / "data") as service,
        service.client() as client,
        client.stream("GET", "/api/events") as stream,
    ):
        assert next(stream.iter_lines()).startswith("retry")
        service.process.terminate()
        service.process.wait(60)
    # what a server says that has waited in vain for streams to end by themselves
    assert "shutdown exceeded" not in (service.data / "logs" / "service.log").read_text()
    assert "Traceback" not in service.log.read_text()
