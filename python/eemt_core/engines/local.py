"""Tasks as processes of this machine: spawned, never forked, and ended with their parent."""

from __future__ import annotations

import platform
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import FrameType

from ..errors import ArgumentError
from ..errors.system import explain_words
from ..machine import free_disk_mb, memory_limit_mb, usable_cores
from ..machine.parent import let_go
from ..tiles.contract import ERROR_FILE, read_error
from ..tiles.task import Resources
from .ahead import Ahead, task_command, task_environment
from .base import (
    LOG_CHARACTERS,
    LOG_FILE,
    Capabilities,
    Completion,
    EngineEvent,
    Pool,
    Submission,
    TaskStarted,
    Worker,
)

_GRACE_S = 5.0
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class LocalEngine:
    """At most `processes` task processes at once.

    Each runs in a session of its own, so that Ctrl-C in the terminal reaches the manager alone,
    and holds a pipe from this process: it ends when the pipe does, even if this process is killed.

    Parameters
    ----------
    processes
        How many.
    ahead
        Processes for the first tasks, started before there was one.
    """

    name = "local"
    capabilities = Capabilities(
        has_joining_workers=False,
        transfers_files=False,
        shares_cores=True,
        limits_memory=False,
        admits_strangers=False,
    )

    def __init__(self, processes: int, ahead: Ahead | None = None) -> None:
        if processes < 1:
            raise ArgumentError(
                f"processes must be at least 1, got {processes}", field="processes", value=processes
            )
        self._processes, self._ahead = processes, ahead
        self._host = platform.node()
        self._waiting: deque[Submission] = deque()
        self._started: list[EngineEvent] = []
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._ended: queue.SimpleQueue[tuple[Submission, int, float]] = queue.SimpleQueue()

    @cached_property
    def pool(self) -> Pool:
        """One worker, which is this machine."""
        sizes = usable_cores(), memory_limit_mb().amount, free_disk_mb(Path())
        worker = Worker(self._host, self._host, "", *sizes)
        return Pool((worker,))

    def capacity(self, need: Resources) -> int:
        """How many tasks run at once, whatever their size."""
        return self._processes

    def submit(self, task: Submission) -> None:
        """Take a task; it starts as soon as fewer than `capacity` others run."""
        if task.is_first:
            self._waiting.appendleft(task)
        else:
            self._waiting.append(task)
        self._start_waiting()

    def wait(self, timeout_s: float) -> list[EngineEvent]:
        """Return what has happened, waiting up to `timeout_s` for the first event."""
        events: list[EngineEvent] = []
        while True:
            events += self._started
            self._started.clear()
            try:
                ended = self._ended.get(timeout=0 if events else timeout_s)
            except queue.Empty:
                return events
            task, exit_code, seconds = ended
            process = self._running.pop(task.name, None)
            if process is not None:
                let_go(process)
                events.append(self._completion(task, exit_code, seconds))
            self._start_waiting()

    def cancel(self, name: str) -> None:
        """End a task, whether it runs or waits; no completion is reported for it."""
        self._waiting = deque(task for task in self._waiting if task.name != name)
        process = self._running.pop(name, None)
        if process is not None:
            _end([process])

    def block_worker(self, worker: str, seconds: float) -> None:
        """Do nothing: there is no other worker."""

    def delay_newcomers(self, host: str, address: str, seconds: float) -> None:
        """Do nothing: no worker joins."""

    def close(self) -> None:
        """End all processes and wait for them."""
        self._waiting.clear()
        processes, self._running = list(self._running.values()), {}
        _end(processes)

    def _start_waiting(self) -> None:
        while self._waiting and len(self._running) < self._processes:
            task = self._waiting.popleft()
            # a signal between the start and the entry would leave a process that nobody ends
            with _interrupted_later():
                process = _start(task, self._ahead)
                self._running[task.name] = process
                self._started.append(TaskStarted(task.name, self._host, self._host))
            threading.Thread(target=self._watch, args=(task, process), daemon=True).start()

    def _completion(self, task: Submission, exit_code: int, seconds: float) -> Completion:
        if exit_code == 0:
            return Completion(task.name, 0, "", seconds, self._host, self._host)
        message, lack = _why(task.folder, exit_code)
        log = (task.folder / LOG_FILE).read_text(encoding="utf-8", errors="replace")
        if not message:
            plain = f"its process ended with exit code {exit_code}", exit_code
            message, exit_code = explain_words(log) or plain
        ended = (task.name, exit_code, message, seconds, self._host, self._host)
        return Completion(*ended, lack=lack, log=log[-LOG_CHARACTERS:])

    def _watch(self, task: Submission, process: subprocess.Popen[bytes]) -> None:
        start = time.monotonic()
        exit_code = process.wait()
        self._ended.put((task, exit_code, time.monotonic() - start))


@contextmanager
def _interrupted_later() -> Iterator[None]:
    """Delay the handling of signals that end a run until the end of the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[tuple[int, FrameType | None]] = []
    handlers = {number: signal.getsignal(number) for number in _ENDS}
    before = {n: handler for n, handler in handlers.items() if callable(handler)}
    for n in before:
        signal.signal(n, lambda number, frame: held.append((number, frame)))
    try:
        yield
    finally:
        for n, handler in before.items():
            signal.signal(n, handler)
        for number, frame in held:
            before[signal.Signals(number)](number, frame)


def _start(task: Submission, ahead: Ahead | None) -> subprocess.Popen[bytes]:
    (task.folder / ERROR_FILE).unlink(missing_ok=True)
    place = task.folder / LOG_FILE
    process = None if ahead is None else ahead.hand_over(task.folder, place)
    if process is not None:
        return process
    with place.open("wb") as log:
        return subprocess.Popen(
            task_command(task.folder),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=task_environment(task.resources.cores),
            start_new_session=True,
        )


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        let_go(process)
        process.terminate()
    deadline = time.monotonic() + _GRACE_S
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _why(folder: Path, exit_code: int) -> tuple[str, str]:
    """Return one sentence on a failure, "" if it left none, and the resource that was lacking."""
    if exit_code == -signal.SIGKILL:
        return (
            "its process was killed, most likely because the machine ran out of memory: use a "
            "smaller <<tile_cells>> or fewer <<threads>>"
        ), "memory"
    if exit_code < 0:
        return f"its process was ended by {signal.Signals(-exit_code).name}", ""
    return read_error(folder)
