"""Processes of tasks that are started before there is a task.

Python and what tasks need take as long to load as the manager itself. On a machine with more than
one core they are loaded beside it, while a run is being planned.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from ..machine.parent import let_go

_WORDS = ("-P", "-m", "eemt_core.tiles", "--end-with-parent")


class Ahead:
    """Some processes that have loaded what tasks need, and wait to be told which to run.

    Like those that an engine starts they hold a pipe from this process, end when that does, and
    run in sessions of their own. `close` ends those that have got no task.

    Parameters
    ----------
    count
        How many.
    out
        The run's folder, by which their command line tells whose they are.
    """

    def __init__(self, count: int, out: Path) -> None:
        self._waiting: list[subprocess.Popen[bytes]] = []
        # where no more processes may be started, the engine says so when it needs one
        with suppress(OSError):
            for _ in range(count):
                self._waiting.append(_start(out))

    def hand_over(self, folder: Path, log: Path) -> subprocess.Popen[bytes] | None:
        """Have one of them run a task's folder and print into `log`; None if there is none left."""
        while self._waiting:
            process = self._waiting.pop(0)
            assert process.stdin is not None
            told = json.dumps({"folder": str(folder), "log": str(log)}).encode() + b"\n"
            if process.poll() is None:
                log.touch()  # for whoever asks why it failed before it began
                with suppress(BrokenPipeError):
                    os.write(process.stdin.fileno(), told)
                    return process
            let_go(process)
            process.wait()
        return None

    def close(self) -> None:
        """End those that have got no task."""
        waiting, self._waiting = self._waiting, []
        for process in waiting:
            let_go(process)
            process.kill()  # nothing has been begun that could be left half done
        for process in waiting:
            process.wait()


def task_environment(cores: int) -> dict[str, str]:
    """Return the environment of a task's process."""
    return {
        **os.environ,
        "OMP_NUM_THREADS": str(cores),
        "PYTHONUNBUFFERED": "1",
        # numpy's BLAS must not start threads of its own: no stage uses it
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


def task_command(folder: Path) -> list[str]:
    """Return the command that runs a task's folder."""
    return [sys.executable, *_WORDS, str(folder)]


def _start(out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *_WORDS, "--ahead", str(out)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=task_environment(1),  # every kernel is told its threads
        start_new_session=True,
    )
