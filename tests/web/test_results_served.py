"""Results over a real connection: GDAL reads maps through it, zips take no memory."""

import http.client
import json
import os
import subprocess
import sys
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import numpy as np
import psutil
import pytest
import rasterio

from web_service import add_finished, application, wait_until, web_service

MAP = "global/annual/total_sun_annual.tif"
LARGE_BYTES = 2**28


@pytest.fixture(scope="module")
def served(finished_maps, tmp_path_factory):
    """The program with two jobs: the finished run, and one with a map of 256 MiB."""
    data = tmp_path_factory.mktemp("data")
    with application(data):  # makes the database
        job, large = (add_finished(data, finished_maps) for _ in range(2))
    with (data / "results" / large / "maps" / MAP).open("r+b") as file:
        file.truncate(LARGE_BYTES)
    with web_service(data) as service:
        yield service, job, large


def test_gdal_reads_a_map_through_ranges(served, finished_maps):
    service, job, _ = served
    url = f"/vsicurl/{service.url}/api/jobs/{job}/results/{MAP}"
    code = (
        "import json, sys, rasterio\n"
        "with rasterio.open(sys.argv[1]) as source:\n"
        "    cells = source.read(1, window=((30, 50), (40, 70)))\n"
        "    tags = source.tags()\n"
        "print(json.dumps([cells.tolist(), tags['EEMT_PARAMETERS']]))"
    )
    environ = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    environ["GDAL_DISABLE_READDIR_ON_OPEN"] = "EMPTY_DIR"
    environ["CPL_CURL_VERBOSE"] = "YES"  # tells each request
    done = subprocess.run(
        [sys.executable, "-c", code, url],
        env=environ, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    cells, parameters = json.loads(done.stdout)
    with rasterio.open(finished_maps / MAP) as source:
        expected = source.read(1, window=((30, 50), (40, 70)))
        assert parameters == source.tags()["EEMT_PARAMETERS"]
    assert np.array_equal(np.float32(cells), expected)
    assert "206 Partial Content" in done.stderr


def test_a_zip_takes_little_memory_and_no_disk(served):
    service, _, large = served
    inside = psutil.Process(service.process.pid)
    path = f"/api/jobs/{large}/results"
    with service.client(trust_env=False) as client:
        client.get(path, params={"group": "slope"}).raise_for_status()
        before, most, got, disk = inside.memory_info().rss, 0, 0, used(service.data)
        with client.stream("GET", path, params={"group": "annual_total"}) as answer:
            length = int(answer.headers["content-length"])
            for n, piece in enumerate(answer.iter_raw(2**20)):
                got += len(piece)
                if n % 8 == 0:
                    most = max(most, inside.memory_info().rss)
    assert got == length > LARGE_BYTES
    assert most - before < LARGE_BYTES / 8
    assert used(service.data) - disk < 2**20


def used(folder):
    """What the files of a folder take on the disk [bytes]."""
    taken = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # such as the rollback journal of the jobs
            taken += path.stat().st_blocks * 512 if path.is_file() else 0
    return taken


def test_a_reader_who_goes_away_leaves_no_file_open(served):
    service, _, large = served
    inside = psutil.Process(service.process.pid)
    with httpx.Client(base_url=service.url, trust_env=False) as client:
        path = f"/api/jobs/{large}/results/{MAP}"
        for asked in (path, f"/api/jobs/{large}/results"):
            with client.stream("GET", asked) as answer:
                next(answer.iter_raw(2**16))
    wait_until(lambda: not any(MAP in file.path for file in inside.open_files()))


STRANGE = [
    "../request.json",
    "../run.log",
    "../../../jobs.sqlite",
    "..%2frun.log",
    "%2e%2e/run.log",
    "..%252frun.log",
    "eemt/../run.json",
    "eemt/..%2frun.json",
    "./run.json",
    "%2e/run.json",
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "..\\run.log",
    "..%5crun.log",
    "file:///etc/passwd",
    "run.json%00.tif",
    "%00",
    "journal.sqlite",
    ".eemt/lock",
    "eemt",
    "eemt/",
    "run.json/",
    "RUN.JSON",
    "C:run.json",
    "%ff",
    "x" * 290,
]


@pytest.mark.parametrize("name", STRANGE)
def test_nothing_but_results_can_be_fetched(served, name):
    service, job, _ = served
    for file in ("run.log", "request.json"):
        (service.data / "results" / job / file).write_text("secret")
    # a client that sends the path as it stands
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=30)
    try:
        connection.request("GET", f"/api/jobs/{job}/results/{name}")
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status in (404, 400)
        assert b"secret" not in content
    finally:
        connection.close()
