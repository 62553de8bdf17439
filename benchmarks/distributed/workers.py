"""A manager of this machine and Work Queue's own workers, each followed to its end."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from accounts import MANAGER, Account, Program
from watch import PROGRAM

PATIENCE_S = 120.0
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
LOUD = {"stdin": subprocess.DEVNULL}


def manager(dem: Path, out: Path, options: list[object]) -> Program:
    """Return `eemt-run` with a port for workers, not started yet."""
    command = [*PROGRAM, dem, "-o", out, *options, "--manager-port", "0", "--no-pictures", "-q"]
    return Program(command, MANAGER, options={**QUIET})


def port_of(out: Path, running: Program) -> int:
    """Return the port of a manager as soon as it listens."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and running.process.poll() is None:
        with suppress(OSError, ValueError):
            return int(json.loads((out / "manager.json").read_text())["port"])
        time.sleep(0.02)
    sys.exit("the manager did not open a port")


def worker(
    port: int,
    folder: Path,
    *,
    cores: int = 1,
    memory_mb: int = 4000,
    disk_mb: int = 20_000,
    python: Path = Path(sys.executable),
    looked_at: bool = True,
) -> Program:
    """Return a worker of Work Queue, not started yet."""
    program = shutil.which("work_queue_worker")
    if program is None:
        sys.exit("work_queue_worker is not installed: install Debian's coop-computing-tools")
    folder.mkdir()
    sizes = ["--cores", cores, "--memory", memory_mb, "--disk", disk_mb]
    command = [program, "-i", "1", "-b", "2", *sizes, "-s", folder, "127.0.0.1", port]
    options = {
        **QUIET,
        "stderr": subprocess.DEVNULL,
        "env": {**os.environ, "EEMT_PYTHON": str(python)},
    }
    return Program(command, looked_at=looked_at, options=options)


def bare_worker(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start Work Queue's own worker with one core for an engine of this process."""
    folder.mkdir()
    program = shutil.which("work_queue_worker")
    if program is None:
        sys.exit("work_queue_worker is not installed: install Debian's coop-computing-tools")
    sizes = ["--cores", "1", "--memory", "1000", "--disk", "2000"]
    return subprocess.Popen(
        [program, "--single-shot", *sizes, "-s", str(folder), "127.0.0.1", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a worker and wait for it."""
    process.terminate()
    process.wait()


def accounts(
    out: Path, running: Program, workers: Sequence[Program]
) -> tuple[Account, list[Account]]:
    """Wait for a manager and its workers to end; stop if the workers end before the tiles do."""
    while not running.has_ended:
        if all(each.has_ended for each in workers):
            left = asked(out, "SELECT COUNT(*) FROM tiles WHERE state != 'done'")[0][0]
            if left and not running.has_ended:
                said = asked(out, "SELECT sentence FROM events")
                sys.exit(f"all workers have ended and {left} tiles are left: {said}")
        time.sleep(0.05)
    return running.account(), [each.account(terminated=True) for each in workers]


def asked(out: Path, query: str) -> list[tuple[Any, ...]]:
    """Return what a run's journal answers."""
    with closing(sqlite3.connect(f"file:{out / 'journal.sqlite'}?mode=ro", uri=True)) as journal:
        return journal.execute(query).fetchall()


def check_all_by_workers(out: Path, tiles: int, *, once: bool = True) -> None:
    """Raise unless each tile was computed by a worker, and, if asked for, just once."""
    found = asked(out, "SELECT COUNT(DISTINCT tile) FROM attempts WHERE outcome = 'done'")
    assert found == [(tiles,)], f"{found} of {tiles} tiles"
    attempts = asked(out, "SELECT COUNT(*), SUM(worker IS NULL) FROM attempts WHERE began NOT NULL")
    assert attempts[0][1] == 0, "tiles were computed elsewhere"
    assert not once or attempts[0][0] == tiles, f"{attempts} attempts of {tiles} tiles"
