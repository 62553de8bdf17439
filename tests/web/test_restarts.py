"""Runs outlive the service, and what becomes of them is known, whoever is killed."""

import signal

import psutil
import pytest

from runs import maps_of
from web_service import run_process, wait_until, web_service

LONG = {"workflow_type": "sol", "days": "172", "step": "60", "tile_cells": "128"}
"""A dozen tiles: enough to be met between the first and the last."""

pytestmark = pytest.mark.slow


def submit(service, **changes):
    with service.client() as client:
        answer = client.post("/api/submit-job", data={**LONG, **changes})
        return answer.raise_for_status().json()["job_id"]


def tiles_done(service, job_id):
    with service.client() as client:
        answer = client.get(f"/api/jobs/{job_id}/status")
        return answer.json()["tile_counts"]["done"] if answer.status_code == 200 else 0


def in_mid_run(service, **changes):
    """A job some of whose tiles are done, and its process."""
    job_id = submit(service, **changes)
    wait_until(lambda: tiles_done(service, job_id) >= 1, 120)
    process = run_process(job_id)
    assert process is not None
    return job_id, process


@pytest.fixture(scope="module")
def survived(tmp_path_factory):
    """The folder of a job whose service was killed, and later ended, while it ran."""
    data = tmp_path_factory.mktemp("web") / "data"
    with web_service(data) as first:
        job_id, process = in_mid_run(first)
        process.suspend()  # it is not over before the second service has seen it, however late
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
    assert process.is_running()
    # a disk that is too full refuses new jobs and harms none that run
    with web_service(data, "--least-free", "900T") as second, second.client() as client:
        found = client.get(f"/api/jobs/{job_id}").json()
        assert found["status"] == "running"
        refused = client.post("/api/submit-job", data=LONG)
        assert refused.status_code == 507
        assert "MB must stay free" in refused.json()["detail"]
        assert run_process(job_id) == process
        process.resume()
        assert second.process.poll() is None
    assert second.process.returncode == 128 + signal.SIGTERM
    wait_until(lambda: run_process(job_id) is None, 120)  # nobody serves while it ends
    with web_service(data) as third, third.client() as client:
        ended = third.wait_for(job_id, "completed", "failed", patience_s=20)
        assert (ended["status"], ended["error_message"]) == ("completed", "")
        assert ended["progress"] == 100
        assert ended["started_at"] == found["started_at"]
        assert ended["completed_at"] >= ended["started_at"]
    return data / "results" / job_id / "maps"


def test_a_run_goes_on_without_its_service_and_is_found_again(survived):
    assert (survived / "run.json").is_file()
    assert len(maps_of(survived)) > 5


def test_a_killed_run_has_failed_and_resumes_elsewhere_to_the_same_bytes(survived, tmp_path):
    with web_service(tmp_path / "data") as service, service.client() as client:
        job_id, process = in_mid_run(service)
        family = process.children(recursive=True)
        process.kill()
        failed = service.wait_for(job_id, "failed", "completed", patience_s=20)
        assert failed["status"] == "failed"
        assert failed["error_message"].startswith("the run was killed")
        assert 0 < failed["progress"] < 100
        psutil.wait_procs(family, timeout=20)  # its tasks end with it
        assert not any(map(psutil.Process.is_running, family))
    (tmp_path / "data").rename(tmp_path / "moved")
    with web_service(tmp_path / "moved") as service, service.client() as client:
        client.post(f"/api/jobs/{job_id}/resume").raise_for_status()
        done = service.wait_for(job_id, "failed", "completed")
        assert (done["status"], done["error_message"]) == ("completed", "")
        maps = tmp_path / "moved" / "results" / job_id / "maps"
        assert client.get(f"/api/jobs/{job_id}/status").json()["tile_counts"]["from_earlier"] >= 1
    assert not (tmp_path / "data").exists()
    names = sorted(path.relative_to(survived) for path in survived.rglob("*.tif"))
    assert names == sorted(path.relative_to(maps) for path in maps.rglob("*.tif"))
    for name in names:
        assert (maps / name).read_bytes() == (survived / name).read_bytes(), name


def test_a_cancelled_run_ends_in_order_and_its_tiles_stay(tmp_path):
    with web_service(tmp_path / "data") as service, service.client() as client:
        job_id, process = in_mid_run(service, days="1-365")  # not over before it is cancelled
        waiting = submit(service)
        client.post(f"/api/jobs/{waiting}/cancel").raise_for_status()
        assert client.get(f"/api/jobs/{waiting}").json()["status"] == "cancelled"
        assert client.delete(f"/api/jobs/{job_id}").status_code == 409
        client.post(f"/api/jobs/{job_id}/cancel").raise_for_status()
        ended = service.wait_for(job_id, "cancelled", "failed", "completed", patience_s=70)
        assert (ended["status"], ended["error_message"]) == ("cancelled", "")
        assert not process.is_running()
        again = client.post(f"/api/jobs/{job_id}/cancel")
        assert again.status_code == 409
        assert again.json()["detail"] == "the job has ended already: it is cancelled"
        folder = tmp_path / "data" / "results" / job_id
        assert any((folder / "maps" / ".eemt" / "tiles").iterdir())
        client.delete(f"/api/jobs/{job_id}").raise_for_status()
        assert client.get(f"/api/jobs/{job_id}").status_code == 404
        assert not folder.exists()
        assert [job["id"] for job in client.get("/api/jobs").json()] == [waiting]
