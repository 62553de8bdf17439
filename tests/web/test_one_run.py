"""``eemt-run --web-port``: a page that shows one run, and changes nothing."""

import re
import subprocess
import sys

import httpx
import pytest

from eemt_core.journal import from_document
from free_ports import free_port
from runs import PROGRAM, mountains, write_dem
from web_service import wait_until

LONG = ("--days", "1-365", "--step", "1", "--tile-size", "64", "--no-pictures", "--threads", "1")


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dem")
    # the page shows names of files without what would turn or break a line
    return write_dem(folder / "dem\u202e\n.tif", mountains((256, 256)))


@pytest.fixture
def begin(dem, tmp_path):
    """Starts a run with a page that does not end by itself soon; returns it and the address."""
    started = []

    def start(*options):
        process = subprocess.Popen(
            [*PROGRAM, str(dem), "-o", str(tmp_path / "out"), *LONG, *options],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        for line in process.stderr:
            if match := re.search(r"The run is shown at (http://\S+)", line):
                return process, match[1]
        raise AssertionError(f"no page: {process.wait()}")

    yield start
    for process in started:
        process.kill()
        process.communicate()


def refuses(address):
    try:
        httpx.get(f"{address}health")
    except httpx.TransportError:
        return True
    return False


def test_the_page_shows_the_run_and_ends_with_it(begin):
    process, address = begin("--web-port", "0")
    with httpx.Client(base_url=address, timeout=30) as client:
        (job,) = client.get("/api/jobs").raise_for_status().json()
        assert (job["workflow_type"], job["dem_filename"]) == ("sol", "dem .tif")
        path = f"/api/jobs/{job['id']}"
        running = wait_until(
            lambda: [t for t in states(client, path) if t["state"] in ("running", "done")]
        )
        assert running
        status = from_document(client.get(f"{path}/status").json(), "test")
        assert (status.run.pid, status.run.state) == (process.pid, "running")
        assert client.get(path).json()["status"] == "running"
        for method, changed in (
            ("POST", f"{path}/cancel"),
            ("DELETE", path),
            ("POST", "/api/submit-job"),
            ("POST", "/api/cleanup"),
        ):
            assert client.request(method, changed).status_code in (404, 405), changed
        process.terminate()
        wait_until(lambda: ended(client, path), 30)
    assert process.wait(30) == 143
    wait_until(lambda: refuses(address), 30)


def states(client, path):
    answer = client.get(f"{path}/tile-states")
    return answer.json()["tiles"] if answer.status_code == 200 else []


def ended(client, path):
    """Whether the page tells that the run has ended, as it does for a moment."""
    try:
        return client.get(path).json()["status"] in ("cancelled", "failed")
    except httpx.TransportError:
        return True


def test_a_page_ends_with_a_run_that_is_killed(begin):
    process, address = begin("--web-port", "0")
    process.kill()
    wait_until(lambda: refuses(address), 30)


def test_a_port_in_use_is_told_before_anything_is_written(dem, tmp_path):
    port = free_port()
    listener = subprocess.Popen(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: not refuses(f"http://127.0.0.1:{port}/"))
        done = subprocess.run(
            [*PROGRAM, str(dem), "-o", str(tmp_path / "out"), *LONG, "--web-port", str(port)],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    finally:
        listener.kill()
        listener.wait()
    assert done.returncode == 2
    assert f"127.0.0.1:{port} cannot be listened on (Address already in use)" in done.stderr
    assert not (tmp_path / "out").exists()
