"""The program itself: the address it prints, its end, its logs, and what its runs inherit."""

import logging
import os
import re
import signal
import socket
import stat
import subprocess
from contextlib import contextmanager

import httpx
import pytest

from eemt_core.web.logs import ACCESS_LOG, SERVICE_LOG, log_to_files
from eemt_core.web.service import Service
from eemt_core.web.settings import WebSettings
from web_jobs import job, job_store, make_folder
from web_service import PROGRAM, application, wait_until

SECRET = "a-secret-that-nobody-writes-down"


@contextmanager
def running(data, *options):
    """The program on a port that it chooses; its process, and the address that it printed."""
    with subprocess.Popen(
        [*PROGRAM, "--data", str(data), "--port", "0", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield process, process.stdout.readline().rstrip("\n")
        finally:
            process.kill()


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    data = tmp_path_factory.mktemp("web") / "data"
    with running(data) as (process, address):
        yield process, address, data


def test_the_address_to_open_is_printed(started):
    _, address, _ = started
    assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d*/", address)
    assert httpx.get(f"{address}health").json()["status"] == "healthy"


def test_a_second_service_on_the_folder_is_refused(started):
    _, address, data = started
    with running(data) as (second, printed):
        _, said = second.communicate(timeout=120)
        assert (second.returncode, printed) == (2, "")
    assert said == (
        f"Error: {data} is in use by another eemt-web: end it, or give another folder with --data\n"
    )
    assert httpx.get(f"{address}health").status_code == 200


def test_a_port_that_is_taken_is_told(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with running(tmp_path, "--port", str(port)) as (process, printed):
            _, said = process.communicate(timeout=120)
    assert (process.returncode, printed) == (2, "")
    assert said == (
        f"Error: 127.0.0.1:{port} cannot be listened on (Address already in use): end what listens "
        "there, or give another --port\n"
    )


def test_the_log_of_requests_has_no_query_and_nobody_else_reads_it(started):
    _, address, data = started
    path = f"{address}api/jobs?limit=1&token={SECRET}"
    httpx.get(path, headers={"Authorization": f"Bearer {SECRET}"}, cookies={"eemt": SECRET})
    httpx.get(f"{address}no%0Asuch{'x' * 3000}?password={SECRET}")
    log = data / "logs" / ACCESS_LOG
    wait_until(lambda: log.read_text().count("\n") >= 2, 10)
    text = log.read_text()
    lines = text.splitlines()
    assert SECRET not in text
    assert SECRET not in (data / "logs" / SERVICE_LOG).read_text()
    line = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO 127\.0\.0\.1 GET /api/jobs 200 \d+ ms"
    assert any(re.fullmatch(line, found) for found in lines), lines
    assert max(map(len, lines)) < 2000
    assert all(re.match(r"\d{4}-", found) for found in lines)  # a name with a line break is one
    for folder in (data, data / "logs"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_logs_rotate(tmp_path, monkeypatch):
    monkeypatch.setattr("eemt_core.web.logs._BYTES", 2000)
    with log_to_files(tmp_path / "logs"):
        for number in range(200):
            logging.getLogger("eemt_core.web").info("sentence %d of a service that goes on", number)
    files = sorted(path.name for path in (tmp_path / "logs").glob(f"{SERVICE_LOG}*"))
    assert files == [SERVICE_LOG, *(f"{SERVICE_LOG}.{number}" for number in range(1, 6))]
    assert all((tmp_path / "logs" / name).stat().st_size <= 2000 for name in files)
    assert "sentence 199 " in (tmp_path / "logs" / SERVICE_LOG).read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(tmp_path, number):
    with running(tmp_path) as (process, address):
        assert httpx.get(f"{address}health").status_code == 200
        process.send_signal(number)
        out, said = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert (out, said.count("\n")) == ("", 1)
    with job_store(tmp_path) as store:  # it is closed, and whole
        assert store.counts() == {}


def test_runs_do_not_inherit_what_was_meant_for_the_service(tmp_path, monkeypatch):
    monkeypatch.setenv("EEMT_WEB_PASSWORD_FILE", "/secret")
    monkeypatch.setenv("EEMT_STEP", "7")
    monkeypatch.setenv("EEMT_SIMD", "base")
    environ = Service(WebSettings(data=tmp_path)).environment()
    assert environ["EEMT_SIMD"] == "base"
    assert not {"EEMT_STEP", "EEMT_WEB_PASSWORD_FILE"} & environ.keys()
    assert environ["PATH"] == os.environ["PATH"]


CONFLICTS = {
    ("POST", "cancel"): {"completed", "failed", "cancelled"},
    ("POST", "resume"): {"pending", "completed"},
    ("DELETE", ""): {"pending"},
}


@pytest.fixture(scope="module")
def idle(tmp_path_factory):
    """A service that looks after no job, so that each stays in its state."""
    with application(tmp_path_factory.mktemp("idle"), least_free_mb=1) as client:
        client.app.state.service.dispatcher.end()
        yield client


@pytest.mark.parametrize("method", CONFLICTS, ids=" ".join)
@pytest.mark.parametrize("state", ["pending", "completed", "failed", "cancelled"])
def test_what_a_state_does_not_allow_is_a_conflict(idle, method, state):
    one, inside = job(state, ended=None if state == "pending" else 1.0), idle.app.state.service
    make_folder(inside.settings.data, one.id)
    inside.jobs.add(one)
    verb, what = method
    answer = idle.request(verb, f"/api/jobs/{one.id}/{what}".rstrip("/"))
    assert answer.status_code == (409 if state in CONFLICTS[method] else 200)
    if answer.status_code == 409:
        assert state in answer.json()["detail"]
        assert idle.get(f"/api/jobs/{one.id}").json()["status"] == state


def test_a_job_whose_files_are_gone_cannot_be_resumed(tmp_path):
    one = job("failed", ended=1.0)
    with job_store(tmp_path) as store:
        store.add(one)
    with application(tmp_path) as client:
        answer = client.post(f"/api/jobs/{one.id}/resume")
        assert (answer.status_code, answer.json()["detail"]) == (
            409,
            "the files of the job are not there any more: submit it again",
        )


def test_no_more_jobs_wait_than_may(tmp_path):
    with job_store(tmp_path) as store:
        store.add(job(), job())
    with application(tmp_path, most_waiting=2, least_free_mb=0) as client:
        client.app.state.service.dispatcher.end()  # which could not start them without their files
        for one in client.get("/api/jobs").json():
            client.app.state.service.jobs.change(one["id"], state="pending")
        answer = client.post("/api/submit-job", data={"workflow_type": "sol"})
        assert answer.status_code == 507
        assert answer.json()["detail"].startswith("2 jobs wait already, which is the most")
