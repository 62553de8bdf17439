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
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil

from .job import JobFolder

_PROGRAM = (sys.executable, "-P", "-c", "from eemt_core.cli.start import run; run()")


@dataclass(frozen=True)
class Process:
    """A process, told from a later one of the same number by when it was started."""

    pid: int
    started: float

    @property
    def is_alive(self) -> bool:
        """Whether it goes on; one that waits to be reaped has ended."""
        found = self._found()
        return found is not None and found.status() != psutil.STATUS_ZOMBIE

    def ask_to_end(self) -> None:
        """Ask it to end in order: finished tiles stay."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and all that it has started, at once."""
        found = self._found()
        if found is None:
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
            if abs(found.create_time() - self.started) < 0.1:
                return found
        return None

    def _signal(self, number: int) -> None:
        found = self._found()
        if found is not None:
            with suppress(psutil.Error):
                found.send_signal(number)


def start(folder: JobFolder, environ: Mapping[str, str]) -> tuple[Process, subprocess.Popen[bytes]]:
    """Start a job's process; the second value is for whoever started it, to reap."""
    with folder.log.open("ab") as log:
        child = subprocess.Popen(
            [*_PROGRAM, "--request", str(folder.request)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder.path,
            env=dict(environ),
            start_new_session=True,
        )
    try:
        started = psutil.Process(child.pid).create_time()
    except psutil.NoSuchProcess:  # it has ended already; nobody has reaped it but us
        started = 0.0
    return Process(child.pid, started), child


def find(folder: JobFolder) -> Process | None:
    """Return the process that runs a job's request, or None if there is none."""
    wanted = str(folder.request)
    for candidate in psutil.process_iter():
        with suppress(psutil.Error):
            if candidate.uids().real != os.getuid():
                continue
            words = candidate.cmdline()
            if "--request" in words and wanted in words:
                return Process(candidate.pid, candidate.create_time())
    return None
