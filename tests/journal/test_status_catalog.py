"""``eemt-status --catalog`` asks a real catalog server about a real Work Queue."""

import json
import os
import subprocess
import sys
import time

import pytest

PROGRAM = [sys.executable, "-c", "from eemt_core.cli.status import main; main()"]

# Debian's python3-workqueue belongs to the system's Python
QUEUE = """
import sys, time
import work_queue
queue = work_queue.WorkQueue(port=0)
queue.specify_name("EEMT-test")
queue.specify_catalog_server("127.0.0.1", int(sys.argv[1]))
for _ in range(3):
    queue.submit(work_queue.Task("true"))
print(queue.port, flush=True)
while True:
    queue.wait(1)
"""


def catalog_of(port, *arguments):
    return subprocess.run(
        [*PROGRAM, "--catalog", f"127.0.0.1:{port}", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "no_proxy": "127.0.0.1"},
    )


def end(process):
    process.kill()
    process.communicate()


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    """The port of a catalog server that does not report itself to others."""
    home = tmp_path_factory.mktemp("catalog")
    process = subprocess.Popen(
        ["catalog_server", "-I", "127.0.0.1", "-Z", "port", "-u", "localhost", "-n", "localhost"],
        cwd=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not ((home / "port").exists() and (home / "port").read_text().strip()):
            assert process.poll() is None, "catalog_server has ended"
            assert time.monotonic() < deadline, "catalog_server does not say its port"
            time.sleep(0.05)
        yield int((home / "port").read_text())
    finally:
        end(process)


def test_a_catalog_without_managers_says_so(catalog):
    done = catalog_of(catalog)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"No manager in the catalog at 127.0.0.1:{catalog}.\n"


@pytest.mark.slow
def test_managers_in_a_catalog_have_a_row_each(catalog):
    queue = subprocess.Popen(
        ["/usr/bin/python3", "-c", QUEUE, str(catalog)], stdout=subprocess.PIPE, text=True
    )
    try:
        port = int(queue.stdout.readline())
        # a queue reports itself when it starts and each minute, in a datagram that may get lost
        deadline = time.monotonic() + 150
        while "EEMT-test" not in (shown := catalog_of(catalog)).stdout:
            assert (shown.returncode, shown.stderr) == (0, "")
            assert time.monotonic() < deadline, "the queue has not reported itself"
            time.sleep(0.2)
    finally:
        end(queue)
    head, row = shown.stdout.splitlines()
    assert head.split() == [
        "PROJECT", "HOST:PORT", "WAITING", "RUNNING", "DONE", "WORKERS", "VERSION",
    ]  # fmt: skip
    assert row.split()[0] == "EEMT-test"
    assert row.split()[1].endswith(f":{port}")
    # it may have reported itself before its tasks were there
    assert row.split()[2] in ("0", "3")
    assert row.split()[3:6] == ["0", "0", "0"]
    document = json.loads(catalog_of(catalog, "--json", "--project", "EEMT-test").stdout)
    assert (document["kind"], document["schema"]) == ("eemt-catalog", 1)
    (manager,) = document["managers"]
    assert (manager["project"], manager["port"]) == ("EEMT-test", port)
    assert manager["version"]
    assert manager["heard_utc"] > "2020"
    other = catalog_of(catalog, "--project", "another").stdout
    assert other.startswith("No manager of project another in the catalog")


def test_a_catalog_that_is_down_is_one_sentence(catalog):
    for address, words in (("127.0.0.1:1", "does not answer"), ("no one", "write HOST:PORT")):
        done = subprocess.run(
            [*PROGRAM, "--catalog", address],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "no_proxy": "127.0.0.1"},
        )
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.count("\n") == 1
        assert words in done.stderr


def test_what_is_no_catalog_is_one_sentence(tmp_path):
    """A web server that has no such page."""
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        port = server.stdout.readline().split(" port ")[1].split()[0]
        done = catalog_of(port)
    finally:
        end(server)
    assert (done.returncode, done.stdout) == (3, "")
    assert "is no catalog of Work Queue" in done.stderr
