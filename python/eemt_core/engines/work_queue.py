"""Tasks on other machines: the engine that speaks with the process that holds a Work Queue."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, EemtError, ResourceError, VersionError
from ..files import read_json
from ..task import ERROR_FILE, RESULT_FILE, Resources
from ..worker.versions import mismatch
from .base import (
    LOG_CHARACTERS,
    LOG_FILE,
    Completion,
    Event,
    Joined,
    Left,
    Lost,
    Notice,
    Pool,
    Refused,
    Started,
    Submission,
    Worker,
)
from .find_work_queue import WorkQueueModule
from .queue_client import QueueClient
from .runtimes import Runtime

REMOTE_FOLDER = "tile"
_HELD_S = 30.0
_SIGKILL = 9
# results of the queue that say more than the command's exit code
_SUCCESS, _INPUT_MISSING, _SIGNAL, _EXHAUSTION = 0, 1, 8, 16
_MISSING_BITS = 7
_LEAVING = {
    "FAREWELL": "it said goodbye",
    "IDLE_OUT": "it had nothing to do for too long",
    "FAILURE": "the connection broke",
}


@dataclass(frozen=True)
class QueueOptions:
    """How a queue presents itself.

    Attributes
    ----------
    ports
        Lowest and highest port to listen on; (0, 0) for any.
    project, catalog
        Name to be found by, and the catalog server that tells it; both or neither.
    password
        What workers must know too; empty for none.
    keepalive_s
        After how long a silent worker is asked whether it lives, and how long it may take to
        answer [s].
    tls
        Key and certificate, or None.
    """

    ports: tuple[int, int] = (9123, 9123)
    project: str = ""
    catalog: tuple[str, int] | None = None
    password: str = ""
    keepalive_s: tuple[int, int] = (120, 30)
    tls: tuple[str, str] | None = None


class WorkQueueEngine:
    """Gives tasks to the workers that connect to a port of this machine.

    Parameters
    ----------
    home
        Folder under which all task folders lie; names in the queue are relative to it, since it
        would take a ``$`` in a path for a variable.

    Raises
    ------
    InputError
        If the port cannot be listened on.
    VersionError
        If the options ask for what this Work Queue cannot do.
    """

    name = "work-queue"
    limits_memory = True

    def __init__(
        self, module: WorkQueueModule, options: QueueOptions, runtime: Runtime, home: Path
    ) -> None:
        if options.tls and not module.tls:
            raise VersionError(
                f"this Work Queue (protocol {module.protocol}) cannot encrypt: leave out "
                "--ssl-cert and --ssl-key and use a private network, an SSH tunnel or a VPN, or "
                "install conda-forge's ndcctools on manager and workers"
            )
        self.module = module
        self._runtime, self._home = runtime, home.resolve()
        self._tasks: dict[str, Submission] = {}
        self._workers: dict[str, Worker] = {}
        self._barred: dict[str, float] = {}  # host -> until when
        self._held: dict[str, tuple[float, frozenset[str]]] = {}  # task -> until when, which hosts
        self._sent: dict[str, dict[str, Any]] = {}  # task -> the command that submits it
        self._running: dict[str, tuple[str, str]] = {}  # task -> worker, host
        self._due: deque[Event] = deque()
        self.client = QueueClient(module, asdict(options), self._home)

    @property
    def port(self) -> int:
        """The port that workers come to."""
        return self.client.port

    @property
    def pool(self) -> Pool:
        """The workers that are connected."""
        return Pool(tuple(self._workers.values()))

    def capacity(self, need: Resources) -> int:
        """How many tasks of this size the connected workers run at once."""
        return self.pool.room_for(need)

    def submit(self, task: Submission) -> None:
        """Take a task; hosts that it should avoid are passed over while there are others."""
        folder = os.path.relpath(task.folder.resolve(), self._home)
        inputs = [
            [f"{folder}/{name}", f"{REMOTE_FOLDER}/{name}", False]
            for name in ("task.json", *task.inputs)
        ]
        inputs += [
            [os.path.relpath(shipped.path.resolve(), self._home), shipped.name, True]
            for shipped in self._runtime.shipped
        ]
        outputs = [
            [f"{folder}/{name}", f"{REMOTE_FOLDER}/{name}", when]
            for names, when in (
                ((*task.outputs, RESULT_FILE), "success"),
                ((ERROR_FILE,), "failure"),
                ((LOG_FILE,), "always"),
            )
            for name in names
        ]
        self._tasks[task.name] = task
        others = self.pool.hosts - task.avoid
        if others:
            avoided = task.avoid & self.pool.hosts
            self._held[task.name] = (time.monotonic() + _HELD_S, avoided)
            self._bar(avoided)
        self._sent[task.name] = {
            "do": "submit",
            "name": task.name,
            "command": self._runtime.command(REMOTE_FOLDER),
            "cores": task.resources.cores,
            "memory_mb": task.resources.memory_mb,
            "disk_mb": task.resources.disk_mb,
            "inputs": inputs,
            "outputs": outputs,
        }
        self.client.send(**self._sent[task.name])

    def wait(self, timeout_s: float) -> list[Event]:
        """Return what has happened, waiting up to `timeout_s` for the first event."""
        events: list[Event] = []
        deadline = time.monotonic() + timeout_s
        while True:
            while self._due:
                events.append(self._due.popleft())
            told = self.client.next(0.0 if events else deadline - time.monotonic())
            if told is None:
                return events
            event = self._event(told)
            if event is not None:
                events.append(event)

    def cancel(self, name: str) -> None:
        """Forget a task; the worker that runs it is told to end it."""
        if self._forget(name) is not None:
            self.client.send(do="cancel", name=name)
            self._let_go(name)

    def block(self, host: str, seconds: float) -> None:
        """Give no new task to the workers of a host for so long."""
        self._barred[host] = time.monotonic() + seconds
        self._bar({host})

    def tasks_left(self, tasks: int) -> None:
        """Tell those who start workers how many tasks are yet to be submitted."""
        self.client.send(do="left", tasks=tasks)

    def close(self) -> None:
        """Let go of all workers: what they still run for this queue they end by themselves."""
        self.client.close()

    def _let_go(self, name: str) -> None:
        """Pass over hosts for a task's sake no longer."""
        _, hosts = self._held.pop(name, (0.0, frozenset()))
        self._bar(hosts)

    def _bar(self, hosts: Iterable[str]) -> None:
        """Tell the queue how long hosts get nothing, for what they did or as a task avoids them."""
        now = time.monotonic()
        for host in hosts:
            until = [self._barred.get(host, now)]
            until += [held for held, avoided in self._held.values() if host in avoided]
            self.client.send(do="block", host=host, seconds=max(until) - now)

    def _event(self, told: dict[str, Any]) -> Event | None:
        match told["event"]:
            case "started":
                return self._started(told)
            case "restarted":
                self._begin_anew(told["why"])
            case "lost" if told["name"] in self._tasks:
                self._running.pop(told["name"], None)
                return Lost(told["name"], told["worker"], told["host"], told["farewell"])
            case "ended":
                return self._ended(told)
            case "joined":
                return self._joined(told)
            case "left" if told["worker"] in self._workers:
                why = _LEAVING.get(told["why"], told["why"].lower().replace("_", " "))
                return Left(self._workers.pop(told["worker"]), why)
            case "refused":
                is_worker = told["why"] != "none given"
                return Refused(told["address"], self._why_refused(told), is_worker)
        return None

    def _begin_anew(self, why: str) -> None:
        """Give the process that was started again what the last one had; tell what that means."""
        self._due.append(Notice("queue", _restarted(why, self.port)))
        for name, (worker, host) in self._running.items():
            self._due.append(Lost(name, worker, host, why="the queue was started again"))
        self._running.clear()
        for gone in self._workers.values():
            self._due.append(Left(gone, "the queue was started again"))
        self._workers.clear()
        self._bar({*self._barred, *(h for _, hosts in self._held.values() for h in hosts)})
        for command in self._sent.values():
            self.client.send(**command)

    def _forget(self, name: str) -> Submission | None:
        self._sent.pop(name, None)
        self._running.pop(name, None)
        return self._tasks.pop(name, None)

    def _started(self, told: dict[str, Any]) -> Event | None:
        if told["name"] not in self._tasks:
            return None
        self._let_go(told["name"])
        self._running[told["name"]] = (told["worker"], told["host"])
        return Started(told["name"], told["worker"], told["host"])

    def _joined(self, told: dict[str, Any]) -> Event | None:
        sizes = (told["cores"], told["memory_mb"], told["disk_mb"])
        worker = Worker(told["worker"], told["host"], told["address"], *sizes)
        known = self._workers.get(worker.worker)
        self._workers[worker.worker] = worker
        return None if known else Joined(worker)

    def _ended(self, told: dict[str, Any]) -> Event | None:
        task = self._forget(told["name"])
        if task is None:
            return None
        exit_code, message, lack, misfit = self._judge(task, told)
        log = "" if exit_code == 0 else _log(task.folder) or told["output"]
        return Completion(
            task.name,
            exit_code,
            message,
            told["seconds"],
            told["worker"],
            told["host"],
            lack,
            misfit,
            log[-LOG_CHARACTERS:],
        )

    def _judge(self, task: Submission, told: dict[str, Any]) -> tuple[int, str, str, bool]:
        """Return exit code, sentence, what was lacking, and whether the worker is unfit."""
        result, exit_code = told["result"], told["exit_code"]
        if result == _SUCCESS and exit_code == 0:
            return 0, "", "", False
        if result == _INPUT_MISSING:
            return 1, "its input files could not be sent", "", False
        if result & ~_MISSING_BITS == _EXHAUSTION:
            return 4, "it took more of a resource than it had declared", "memory", False
        if exit_code in (_SIGKILL, 128 + _SIGKILL) or result & ~_MISSING_BITS == _SIGNAL:
            return (
                -_SIGKILL,
                "its process was killed, most likely for lack of memory",
                "memory",
                False,
            )
        if exit_code == 0:
            return 1, "its results did not arrive whole", "", False
        log = _log(task.folder) or told["output"]
        unfit = self._runtime.diagnose(exit_code, log)
        try:
            error = read_json(task.folder / ERROR_FILE)
            sentence, lack = str(error["error"]), str(error.get("lack", ""))
        except (EemtError, KeyError):
            sentence, lack = f"its process ended with exit code {exit_code}", ""
            if exit_code == ResourceError.exit_code:  # it could not write even that
                sentence, lack = "the worker's disk is full", "disk"
        if unfit or exit_code == VersionError.exit_code:
            return VersionError.exit_code, unfit or sentence, "", True
        return exit_code, sentence, lack, False

    def _why_refused(self, told: dict[str, Any]) -> str:
        if told["why"] == "protocol":
            return mismatch(self.module.protocol, told["protocol"])
        if told["why"] in ("password", "none given"):
            gave = "another" if told["why"] == "password" else "no"
            return (
                f"it gave {gave} password: both sides need the same --password-file (and a "
                "bare work_queue_worker takes a newline at its end for part of the password)"
            )
        return "it asked for a password and this manager has none: leave out its --password-file"


def _restarted(why: str, port: int) -> str:
    return (
        f"The process that holds the Work Queue ended ({why}) and was started again on port "
        f"{port}; what workers were doing for it is done anew."
    )


def _log(folder: Path) -> str:
    try:
        return (folder / LOG_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def check_options(options: QueueOptions) -> None:
    """Raise `ArgumentError` where options do not fit together."""
    if bool(options.project) != (options.catalog is not None):
        raise ArgumentError(
            "--project and --catalog go together: the catalog is where workers look for the "
            "project, and no public one is asked unless you name it"
        )
