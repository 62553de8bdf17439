"""Many jobs, one pool: each run has a port of its own, and the same workers serve them all."""

import socket

import pytest

from eemt_workers import EemtWorker
from runs import maps_of
from web_service import DEMO, wait_until, web_service

pytestmark = pytest.mark.slow


def free_range(count):
    """The first of so many ports of loopback, side by side, that nobody uses."""
    for low in range(21000, 29000, count):
        try:
            for port in range(low, low + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return low
    raise AssertionError("no ports are free")


def test_two_jobs_at_a_time_are_done_by_one_worker(tmp_path):
    password = tmp_path / "workers"
    password.write_text("what workers know\n")
    password.chmod(0o600)
    low = free_range(2)
    pool = ("--manager-port", f"{low}-{low + 1}", "--bind", "127.0.0.1", "--slots", "2",
            "--worker-password-file", password)  # fmt: skip
    both = f"127.0.0.1:{low},127.0.0.1:{low + 1}"
    with web_service(tmp_path / "data", *pool) as service, service.client() as client:
        jobs = [client.post("/api/submit-job", data=DEMO).json()["job_id"] for _ in range(2)]
        folders = [tmp_path / "data" / "results" / job_id / "maps" for job_id in jobs]
        # both listen before anybody works
        wait_until(lambda: all((folder / "manager.json").exists() for folder in folders), 120)
        assert [client.get(f"/api/jobs/{j}").json()["status"] for j in jobs] == ["running"] * 2
        with EemtWorker(
            tmp_path, "--manager", both, "--password-file", password,
            "--cores", "1", "--memory", "1G", "--disk", "1G", "--reconnect-delay", "0",
        ):  # fmt: skip
            ended = [service.wait_for(j, "completed", "failed", patience_s=240) for j in jobs]
    assert [(job["status"], job["error_message"]) for job in ended] == [("completed", "")] * 2
    one, other = map(maps_of, folders)
    assert one.keys() == other.keys()
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)
