"""The documentation's settings for logrotate, with Debian's logrotate on a command that goes on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eemt_workers import environment, wait_until

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "docs" / "deploy" / "eemt.logrotate"
UNPACKED = ROOT / "build" / "logrotate" / "usr" / "sbin"
WORKER = [sys.executable, "-c", "from eemt_core.cli.worker import main; main()"]


@pytest.fixture
def logs(tmp_path):
    """A folder of a log that a worker appends to, which looks for its manager for ever."""
    folder = tmp_path / "logs"
    folder.mkdir()
    never = ("--manager", "127.0.0.1:1", "--reconnect-attempts", "0", "--reconnect-delay", "0")
    with open(folder / "worker.log", "ab") as log:
        worker = subprocess.Popen(
            [*WORKER, *never], stdout=log, stderr=log, env=environment(tmp_path)
        )
    yield folder
    worker.terminate()
    worker.wait(30)


def rotate(folder, *words):
    settings = folder.parent / "eemt.logrotate"
    text = SETTINGS.read_text()
    assert "/var/log/eemt/" in text
    settings.write_text(text.replace("/var/log/eemt", str(folder)))
    settings.chmod(0o644)
    program = shutil.which("logrotate", path=f"{os.environ['PATH']}:/usr/sbin:{UNPACKED}")
    assert program, "logrotate is missing: scripts/setup_debian.sh test unpacks it"
    command = [program, "--state", folder.parent / "state", *words, settings]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_log_is_bounded_and_its_command_goes_on(logs):
    log = logs / "worker.log"
    for number in range(11):
        if number < 2:
            wait_until(lambda: log.stat().st_size > 100)
        else:
            with log.open("a") as file:
                file.write("x" * 200)
        rotate(logs, "--force")
        assert (logs / "worker.log.1").stat().st_size > 100
        kept = sorted(path.name for path in logs.iterdir())
        assert len(kept) == min(number + 2, 9)
    assert kept == ["worker.log", "worker.log.1", *(f"worker.log.{n}.gz" for n in range(2, 9))]
    wait_until(lambda: log.stat().st_size > 100)
    # a command that did not append would go on far behind the file's new end, after zeros
    assert b"\0" not in log.read_bytes()


def test_a_log_that_grows_fast_does_not_wait_for_its_week(logs):
    log = logs / "worker.log"
    wait_until(lambda: log.stat().st_size > 100)
    rotate(logs)
    assert not (logs / "worker.log.1").exists()
    with open(log, "ab") as file:
        file.truncate(51 * 2**20)
    rotate(logs)
    assert (logs / "worker.log.1").stat().st_size > 50 * 2**20
    assert log.stat().st_size < 2**20
