"""The process of a job: ``eemt-run`` on a request file, which outlives the service.

It has a session of its own, so that neither a signal to the service nor its end reaches it, and it
writes to a file, so that nothing it says is lost while no service listens. A service that starts
finds it by the request in its command line.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import psutil

from .job import JobFolder

_PROGRAM = (sys.executable, "-P", "-c", "from eemt_core.cli.start import run; run()")
_FLAG = "--request"
_CLOCK_S = 2.0
"""By how much the time of a start may seem to change when the system's clock is set."""


@dataclass(frozen=True)
class Process:
    """A process, told from a later one of the same number.

    Attributes
    ----------
    pid, started
        Its number, and when the system started it [s since 1970].
    request
        The request in its command line; no other job has that name.
    """

    pid: int
    started: float
    request: str

    @property
    def is_alive(self) -> bool:
        """Whether it goes on; one that waits to be reaped has no command line any more."""
        return self._found() is not None

    def ask_to_end(self) -> None:
        """Ask it to end in order: finished tiles stay."""
        if (found := self._found()) is not None:
            with suppress(psutil.Error):
                found.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and all that it has started, at once."""
        if (found := self._found()) is None:
            return
        with suppress(psutil.Error):
            family = found.children(recursive=True)
            found.kill()
            for member in family:
                with suppress(psutil.Error):
                    member.kill()

    def _found(self) -> psutil.Process | None:
        with suppress(psutil.Error):
            found = psutil.Process(self.pid)
            is_same = abs(found.create_time() - self.started) < _CLOCK_S
            if is_same and _runs(found, self.request):
                return found
        return None


def start(folder: JobFolder, environ: Mapping[str, str]) -> Process:
    """Start a job's process."""
    with folder.log.open("ab") as log:
        # what an earlier run of this job said is not taken for this one's last words
        log.write(f"Started at {datetime.now(UTC).isoformat(timespec='seconds')}.\n".encode())
        log.flush()
        child = subprocess.Popen(
            [*_PROGRAM, _FLAG, str(folder.request)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder.path,
            env=dict(environ),
            start_new_session=True,
        )
    try:
        started = psutil.Process(child.pid).create_time()
    except psutil.Error:  # it has ended already
        started = time.time()
    # takes the exit code, which the system keeps until then, whether the service goes on or not
    threading.Thread(target=child.wait, name=f"job-{child.pid}", daemon=True).start()
    return Process(child.pid, started, str(folder.request))


def known(folder: JobFolder, pid: int, started: float) -> Process | None:
    """Return the process that was noted for a job, or None if it has ended."""
    process = Process(pid, started, str(folder.request))
    return process if process.is_alive else None


def find(folder: JobFolder) -> Process | None:
    """Return the process that runs a job's request, or None if there is none."""
    wanted = str(folder.request)
    for candidate in psutil.process_iter():
        with suppress(psutil.Error):
            if candidate.uids().real == os.getuid() and _runs(candidate, wanted):
                return Process(candidate.pid, candidate.create_time(), wanted)
    return None


def _runs(process: psutil.Process, request: str) -> bool:
    words = process.cmdline()
    return any(pair == (_FLAG, request) for pair in pairwise(words))
