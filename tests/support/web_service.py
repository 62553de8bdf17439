"""The web service for tests: within this process, or as the program that users start."""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from fastapi.testclient import TestClient

from eemt_core.web.access.password import PasswordHash, write_secret
from eemt_core.web.app import create_app
from eemt_core.web.identity import new_id
from eemt_core.web.jobs.job import Job, JobFolder
from eemt_core.web.jobs.store import DATABASE_FILE, JobStore
from eemt_core.web.settings import WebSettings
from free_ports import free_port

ADDRESS = "http://127.0.0.1:5000"
PROGRAM = (sys.executable, "-P", "-c", "from eemt_core.cli.start import web; web()")
DEMO = {"workflow_type": "sol", "days": "172", "step": "60"}
"""The form of a run that takes seconds."""

PASSWORD = "long enough to be one"


def cheap_password(path, password=PASSWORD):
    """A password file whose hash costs next to nothing, so that tests do not wait for it."""
    write_secret(path, f"{PasswordHash.of(password, log2_n=4)}\n")
    return path


@contextmanager
def application(data, **settings):
    """A client of the application within this process, by an address that it accepts."""
    app = create_app(WebSettings(data=Path(data), **settings))
    with TestClient(
        app, base_url=ADDRESS, follow_redirects=False, client=("127.0.0.1", 50_000)
    ) as client:
        yield client


def add_finished(data, maps, *, workflow="eemt"):
    """Put the folder of a finished run into a service's data as a completed job; return its id.

    The service must have been started once, so that its database is there.
    """
    data, job_id, now = Path(data), new_id(), time.time()
    shutil.copytree(maps, JobFolder(data / "results" / job_id).maps, symlinks=True)
    store = JobStore(data / DATABASE_FILE)
    store.add(Job(job_id, workflow, "completed", "small.tif", now - 10, started=now - 9, ended=now))
    store.close()
    return job_id


@dataclass
class WebService:
    """The program, as another process."""

    url: str
    data: Path
    process: subprocess.Popen
    log: Path

    def client(self, **options):
        """A client whose addresses are paths of the service."""
        return httpx.Client(base_url=self.url, timeout=30, **options)

    def wait_for(self, job_id, *states, patience_s=120, **options):
        """Wait until a job is in one of the states, and return what is known of it."""
        with self.client(**options) as client:
            deadline = time.monotonic() + patience_s
            while time.monotonic() < deadline:
                job = client.get(f"/api/jobs/{job_id}").raise_for_status().json()
                if job["status"] in states:
                    return job
                time.sleep(0.1)
        raise AssertionError(f"job {job_id} is {job['status']}, not {states}")


@contextmanager
def web_service(data, *options, scheme="http", environ=None, port=None):
    """Run ``eemt-web`` on loopback until the block ends."""
    data, port = Path(data), port or free_port()
    data.parent.mkdir(parents=True, exist_ok=True)
    log = data.parent / f"{data.name}-{port}.log"
    command = [*PROGRAM, "--data", str(data), "--port", str(port), *map(str, options)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env={**os.environ, **(environ or {})},
        )  # fmt: skip
    try:
        wait_for_port(port, process, log)
        yield WebService(f"{scheme}://127.0.0.1:{port}", data, process, log)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_port(port, process, log, patience_s=180):
    """Wait until a process, which writes into `log`, listens on a port."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing answers: {log.read_text()}")


def wait_until(holds, patience_s=60):
    """Wait until something holds, and return it."""
    deadline = time.monotonic() + patience_s
    while not (found := holds()):
        assert time.monotonic() < deadline, "it has not come true in time"
        time.sleep(0.05)
    return found


def run_process(job_id):
    """The process of a job's run, None if there is none that goes on."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = process.cmdline()
            if "--request" in words and job_id in words[-1]:
                return process
    return None
