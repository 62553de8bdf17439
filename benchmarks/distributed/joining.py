"""How soon a worker that has connected is at work: on its first tile, and computing it.

    python -m distributed.joining [TIMES]      (in benchmarks/)

A manager of this machine waits for workers with tiles of 512 x 512 cells. By turns a worker joins
that has eemt-core itself, and one that is sent it (``--runtime wheel``), each new, in a folder of
its own. From the journal: the time between its joining and the beginning of its first tile, both of
which the queue tells with up to a second of delay. From this machine's processes: the time between
the start of Work Queue's worker, which connects at once, and the moment at which the task has
loaded the kernels, by when its code was sent, unpacked and loaded; beside that the processor time
that the task had had by then, which other programs on this machine disturb less.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from mountains import write_mountains
from watch import PROGRAM

EDGE, ACROSS = 512, 4
TIMES = 10
AIM_S = {"installed": 2.0, "wheel": 10.0}
OPTIONS = ("--workflow", "sol", "--tile-size", str(EDGE), "--no-pictures", "--manager-port", "0")
WORKER = (sys.executable, "-c", "from eemt_core.cli.worker import main; main()")
KERNELS = "/eemt_core/_core."
PATIENCE_S, EVERY_S = 120.0, 0.01
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def main(times: int) -> None:
    """Measure and print a table."""
    print("| runtime | joined to begun [s] | connected to computing [s] | processor [s] |")
    print("|---|---|---|---|")
    with TemporaryDirectory(prefix="eemt-joining-") as name:
        home = Path(name)
        dem = write_mountains(home / "dem.tif", EDGE * ACROSS, EDGE * ACROSS)
        for runtime, aim_s in AIM_S.items():
            out = home / runtime
            with _running([*PROGRAM, dem, "-o", out, *OPTIONS, "--runtime", runtime, "--quiet"]):
                port = _port(out)
                taken = [_join(out, port, home / f"{runtime}-{n}") for n in range(times)]
            began, computed, processor = zip(*taken, strict=True)
            late = sum(seconds > aim_s for seconds in computed)
            reached = f"missed {late} times" if late else "reached"
            print(
                f"| {runtime} | {_list(began)} | {_list(computed)}; median "
                f"{median(computed):.1f}, aim {aim_s:g}: {reached} | {_list(processor)} |",
                flush=True,
            )


def _join(out: Path, port: int, folder: Path) -> tuple[float, float, float]:
    """Let a worker join; return after what time its tile had begun, and was being computed.

    The third is the processor time of the task until then.
    """
    folder.mkdir()
    options = ["--manager-host", "127.0.0.1", "--manager-port", port, "--work-dir", folder]
    sizes = ["--cores", "1", "--memory", "2000", "--disk", "4000"]
    seen = _newest_worker(out)
    with _running([*WORKER, *options, *sizes]):
        connects_at = _when(lambda: _connecting(folder))
        computes_at, processor_s = _when(lambda: _computing(folder))
        joined, began = _when(lambda: _first_tile(out, seen))
    return began - joined, computes_at - connects_at, processor_s


def _connecting(folder: Path) -> float | None:
    """Return now once Work Queue's worker has been started for a folder."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            program, *words = (process / "cmdline").read_bytes().split(b"\0")
            is_worker = program.endswith(b"work_queue_worker")
            if is_worker and any(word.startswith(os.fsencode(folder)) for word in words):
                return time.time()
    return None


def _computing(folder: Path) -> tuple[float, float] | None:
    """Return now and a task's processor time once one has loaded the kernels below a folder."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if folder not in (process / "cwd").resolve().parents:
                continue
            if KERNELS in (process / "maps").read_text():
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                return time.time(), sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return None


def _newest_worker(out: Path) -> int:
    with _journal(out) as journal:
        return int(journal.execute("SELECT COALESCE(MAX(id), 0) FROM workers").fetchone()[0])


def _first_tile(out: Path, seen: int) -> tuple[float, float] | None:
    """Return when the worker after `seen` joined and when its first tile began, if it has."""
    with _journal(out) as journal:
        found = journal.execute(
            "SELECT joined, MIN(began) FROM workers JOIN attempts USING (run, worker) "
            "WHERE id > ? AND began IS NOT NULL",
            (seen,),
        ).fetchone()
    return None if found[0] is None else found


@contextmanager
def _journal(out: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{out / 'journal.sqlite'}?mode=ro", uri=True, timeout=15)
    try:
        yield connection
    finally:
        connection.close()


def _port(out: Path) -> int:
    """Return the manager's port as soon as it has tiles for workers."""

    def read() -> int | None:
        with suppress(OSError, ValueError, sqlite3.Error):
            port = int(json.loads((out / "manager.json").read_text())["port"])
            with _journal(out) as journal:
                waiting = journal.execute("SELECT COUNT(*) FROM attempts").fetchone()[0]
            return port if waiting else None
        return None

    return _when(read)


def _when(look: Callable[[], Any]) -> Any:
    """Return what is looked for as soon as it is there."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := look()) is None:
        if time.monotonic() > deadline:
            sys.exit(f"nothing happened for {PATIENCE_S:g} s")
        time.sleep(EVERY_S)
    return found


@contextmanager
def _running(command: list[object]) -> Iterator[None]:
    """Start a command, and end it with all that it has started."""
    process = subprocess.Popen([str(word) for word in command], start_new_session=True, **QUIET)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _list(seconds: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.1f}" for value in seconds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES)
