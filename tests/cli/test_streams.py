"""Standard streams that are closed, full or no longer read: no run fails for lost messages."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runs import maps_of, mountains, write_dem

pytestmark = pytest.mark.slow

BIN = Path(sys.executable).parent
QUICK = "--days 172 --step 60 --no-pictures"


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((40, 50)))


@pytest.fixture(scope="module")
def out(dem, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "out"
    assert shell(f"eemt-run {dem} -o {folder} {QUICK}", folder.parent).returncode == 0
    return folder


def shell(line, folder):
    """Run a line of bash whose exit code is that of the first command of a pipe."""
    return subprocess.run(
        ["bash", "-c", f'PATH="{BIN}:$PATH"; {line}; exit "${{PIPESTATUS[0]}}"'],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    "streams",
    [
        "2>&-", ">&-", "<&-", "<&- >&- 2>&-", "2>/dev/full", ">/dev/full", ">/dev/full 2>&1",
        "| true", "2>&1 | true",
    ],
)  # fmt: skip
def test_a_run_whose_words_nobody_takes_is_complete(dem, tmp_path, streams):
    done = shell(f"eemt-run {dem} -o out {QUICK} -v {streams}", tmp_path)
    assert (done.returncode, "Error" in done.stderr) == (0, False), done.stderr
    assert maps_of(tmp_path / "out")
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["maps"]
    # no file was opened as the closed stream's descriptor and received its messages
    for path in (tmp_path / "out").rglob("*.*"):
        assert b"checksum of" not in path.read_bytes() or path.suffix == ".sqlite"


def test_a_failure_keeps_its_exit_code_where_it_cannot_be_told(tmp_path):
    for streams in ("2>&-", "2>/dev/full", "2>&1 | true"):
        assert shell(f"eemt-run nowhere.tif -o out {streams}", tmp_path).returncode == 3


def test_a_status_that_nobody_reads_to_its_end_is_no_failure(out):
    for line in ("eemt-status . | true", "eemt-status --json . | true", "eemt-run --help | true"):
        done = shell(line, out)
        assert (done.returncode in (0, 141), done.stderr) == (True, ""), line
    assert shell("eemt-status . | true", out).returncode == 141
    assert shell("eemt-status . >&-", out).returncode == 0


def test_a_status_that_cannot_be_shown_says_so(out):
    done = shell("eemt-status . >/dev/full", out)
    assert done.returncode == 4
    assert done.stderr == (
        "Error: standard output cannot be written (No space left on device): free some space\n"
    )


def test_a_worker_goes_on_where_its_words_cannot_be_written(tmp_path):
    given = "--manager 127.0.0.1:9 --cores 1 --memory 100M --disk 100M --reconnect-attempts 1"
    for streams in ("2>&-", "2>/dev/full", "--log-file /dev/full", "2>&1 | true", "<&-"):
        done = shell(f"TMPDIR={tmp_path} eemt-worker {given} {streams}", tmp_path)
        assert done.returncode == 3, (streams, done.stderr)
        assert "Traceback" not in done.stderr
