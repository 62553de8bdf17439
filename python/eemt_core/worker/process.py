"""One process of Work Queue's worker, in a session of its own: started, read, ended."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from ..machine.parent import ended_with_us
from .events import WorkerEvent, event_of

_GRACE_S = 10.0
_TICK_S = 0.5
_log = logging.getLogger(__name__)


class WorkerProcess:
    """A running ``work_queue_worker``; leaving the ``with`` block ends it and all its tasks.

    Its session holds every process that its tasks start, so nothing is left even where the worker
    itself was killed. If *we* are killed the system tells the worker to end, and it ends the tasks.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], descriptors: Sequence[int]
    ) -> None:
        _log.debug("starting %s", " ".join(command))
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.last_words = ""
        self._process = subprocess.Popen(
            ended_with_us(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            pass_fds=tuple(descriptors),
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def events(self) -> Iterator[WorkerEvent | None]:
        """Yield its events until it has ended, and None whenever it is silent for a while."""
        while True:
            try:
                line = self._lines.get(timeout=_TICK_S)
            except queue.Empty:
                if self._process.poll() is not None:
                    return
                yield None
                continue
            if line is None:
                return
            _log.debug("engine: %s", line)
            self.last_words = line.strip() or self.last_words
            event = event_of(line)
            if event is not None:
                yield event

    def end(self) -> int:
        """End it, by SIGTERM first, and what is left of its tasks; return its exit code."""
        process = self._process
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
        exit_code = process.wait()
        end_session(process.pid)
        self._reader.join(_GRACE_S)
        return exit_code

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        with stream:
            for line in stream:
                self._lines.put(line.decode(errors="replace").rstrip())
        # all lines are read, but the process may still be ending
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE_S)
        self._lines.put(None)


def end_session(session: int) -> None:
    """Kill the processes of a session whose leader is gone, until there is none."""
    deadline = time.monotonic() + _GRACE_S
    while time.monotonic() < deadline:
        members = session_members(session)
        if not members:
            return
        for process in members:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.02)


def session_members(session: int) -> list[int]:
    """Return the processes of a session that are alive."""
    members = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # the name, in brackets, may hold anything
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[3] == str(session) and fields[0] not in ("Z", "X"):
            members.append(int(path.parent.name))
    return members
