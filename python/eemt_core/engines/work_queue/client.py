"""The client of the process that holds the Work Queue: starts and restarts it, sends and reads.

Commands and events are JSON objects, one a line (`queue_process.process`). The process may end at
any time: Work Queue's module ends it on some errors, and so may the system. It is then restarted on
another port, which the gate has to be event; the event ``restarted`` asks for all tasks to be
submitted again.
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...errors import EemtError
from .find import QUEUE_PROCESS, WorkQueueModule
from .last_words import ErrorOutput, how_it_ended

_START_S = 60.0
_END_S = 10.0
_MOST_ENDS, _ENDS_S = 5, 60.0

Report = dict[str, Any]


class QueueClient:
    """Owns the process that holds a queue.

    Parameters
    ----------
    options
        What the process reads first of all.
    folder
        The working directory of the process: names of files in commands are relative to it.

    Attributes
    ----------
    ready
        What the process reported at its start.

    Raises
    ------
    EemtError
        If the process does not start.
    """

    def __init__(self, module: WorkQueueModule, options: dict[str, Any], folder: Path) -> None:
        self._module, self._options, self._folder = module, options, folder
        self._events: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
        self._ends: deque[float] = deque(maxlen=_MOST_ENDS)
        self._errors = ErrorOutput()
        self._process = self._launch()
        self.ready = self._first_event()
        if self.ready["event"] != "ready":
            why = self._why_ended(self.ready)
            raise EemtError(f"the process that holds the Work Queue did not start ({why})")

    @property
    def port(self) -> int:
        """Where the queue listens now, on loopback."""
        return int(self.ready["port"])

    @property
    def pid(self) -> int:
        """Number of the process that holds the queue now."""
        return self._process.pid

    def send(self, **command: Any) -> None:
        """Send a command; what a process does not live to read is sent again after a restart."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError, ValueError):
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()

    def next(self, timeout_s: float) -> Report | None:
        """Return the next event of the process; None if there is none for so long.

        ``{"event": "restarted", "why": ...}`` says that the process was restarted with an empty
        queue: workers connect again, and tasks have to be submitted again.

        Raises
        ------
        EemtError
            If the process ends again and again, with no task done in between.
        """
        try:
            event = self._events.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            return None
        if event is not None and event["event"] != "failed":
            if event["event"] == "ended":
                self._ends.clear()  # work is done between its ends
            return event
        return {"event": "restarted", "why": self._restart(event)}

    def restart(self, **options: Any) -> None:
        """End the process and start it again, with an empty queue and options changed.

        Raises
        ------
        EemtError
            If it does not start.
        """
        self._options |= options
        self.close()
        self._launch()
        self.ready = self._first_event()
        if self.ready["event"] != "ready":
            self._restart(self.ready)

    def close(self) -> None:
        """End the process, which releases all workers."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _launch(self) -> subprocess.Popen[bytes]:
        self._errors.clear()
        process = subprocess.Popen(
            [self._module.python, "-I", str(QUEUE_PROCESS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors.number,
            cwd=self._folder,
            start_new_session=True,  # Ctrl-C in the terminal reaches the manager alone
        )
        # new, so that no event of a process that has ended comes among those of the next
        self._events = queue.SimpleQueue()
        threading.Thread(target=_read, args=(process, self._events), daemon=True).start()
        self._process = process
        self.send(**self._options)
        return process

    def _first_event(self) -> Report:
        try:
            return self._events.get(timeout=_START_S) or {"event": "ended"}
        except queue.Empty:
            return {"event": "silent"}

    def _restart(self, event: Report | None) -> str:
        """Start the process again; return why it had ended."""
        first = why = self._why_ended(event)
        for _ in range(_MOST_ENDS):
            now = time.monotonic()
            self._ends.append(now)
            if len(self._ends) == _MOST_ENDS and now - self._ends[0] < _ENDS_S:
                break
            self._launch()
            self.ready = self._first_event()
            if self.ready["event"] == "ready":
                return first
            why = self._why_ended(self.ready)
        raise EemtError(
            f"the process that holds the Work Queue ended {_MOST_ENDS} times in a row ({why})",
            remedy="add <<resume>> to go on",
        )

    def _why_ended(self, event: Report | None) -> str:
        self.close()
        if event is not None and "error" in event:
            return str(event["error"])
        if event is not None and event["event"] == "silent":
            return f"it did not answer for {_START_S:g} s"
        return how_it_ended(self._process, self._errors)


def _read(process: subprocess.Popen[bytes], event: queue.SimpleQueue[Report | None]) -> None:
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            # a killed process may leave half a line
            with suppress(ValueError, RecursionError):
                content = json.loads(line)
                if isinstance(content, dict) and isinstance(content.get("event"), str):
                    event.put(content)
    event.put(None)
