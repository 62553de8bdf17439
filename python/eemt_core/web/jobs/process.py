"""The process of a job: ``eemt-run`` on a request file, which outlives the service.

It has a session of its own, so that neither a signal to the service nor its end reaches it, and it
writes to a file, so that nothing it says is lost while no service listens. A service that starts
finds it by the request in its command line, which no other has. Its number alone says nothing, it
is given again, and the time of its start is another when the clock has been set.
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
from pathlib import Path

import psutil

from ...files import read_end
from .job import JobFolder

_PROGRAM = (sys.executable, "-P", "-c", "from eemt_core.cli.start import run; run()")
_FLAG = "--request"
_END_BYTES = 4096
_SHOWN_S, _TICK_S = 2.0, 0.005

STARTED = b"Started"
_RESUMED = b"Resumed"


@dataclass(frozen=True)
class Process:
    """The process of a job, told from a later one of the same number.

    Attributes
    ----------
    pid
        Its number.
    folder
        The job's folder, whose request is in its command line.
    """

    pid: int
    folder: JobFolder

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
            if _runs(found, self.folder):
                return found
        return None


def start(folder: JobFolder, environ: Mapping[str, str]) -> Process:
    """Start a job's process."""
    _say(folder, STARTED)
    with folder.log.open("ab") as log:
        child = subprocess.Popen(
            [*_PROGRAM, _FLAG, str(folder.request)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder.path,
            env=dict(environ),
            start_new_session=True,
        )
    process = Process(child.pid, folder)
    # the system shows a program's command line a moment after it has begun
    deadline = time.monotonic() + _SHOWN_S
    while not process.is_alive and child.poll() is None and time.monotonic() < deadline:
        time.sleep(_TICK_S)
    # takes the exit code, which the system keeps until then, whether the service goes on or not
    threading.Thread(target=child.wait, name=f"job-{child.pid}", daemon=True).start()
    return process


def never_started(folder: JobFolder) -> bool:
    """Say whether a job waits as it did before: nothing has been started since it was asked for."""
    try:
        lines = read_end(folder.log, _END_BYTES).splitlines()
    except OSError:
        return True
    return bool(lines) and lines[-1].startswith(_RESUMED)


def note_resume(folder: JobFolder) -> None:
    """Note in a job's log that it waits again, so that what it said before is not its last word."""
    _say(folder, _RESUMED)


def find(folder: JobFolder, pid: int | None = None) -> Process | None:
    """Return the process that runs a job's request, or None if there is none.

    `pid` is the number that was noted for it, if one was.
    """
    if pid is not None and (noted := Process(pid, folder)).is_alive:
        return noted
    for candidate in psutil.process_iter():
        with suppress(psutil.Error):
            if candidate.uids().real == os.getuid() and _runs(candidate, folder):
                return Process(candidate.pid, folder)
    return None


def _runs(process: psutil.Process, folder: JobFolder) -> bool:
    wanted = folder.request
    for flag, request in pairwise(process.cmdline()):
        if flag != _FLAG:
            continue
        if request == str(wanted):
            return True
        # the data folder may have been moved since: the run's own folder has moved with it
        if Path(request).parts[-2:] == wanted.parts[-2:]:
            with suppress(OSError):
                return os.path.samefile(process.cwd(), folder.path)
    return False


def _say(folder: JobFolder, what: bytes) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds").encode()
    with folder.log.open("ab") as log:
        log.write(b"%s at %s.\n" % (what, now))
