"""The engine for tasks on other machines, by way of the process that holds a Work Queue."""

from __future__ import annotations

import os
import secrets
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import ResourceError, VersionError
from ...tiles.contract import ERROR_FILE, RESULT_FILE, TASK_FILE
from ...tiles.task import Resources
from ..base import (
    LOG_FILE,
    Capabilities,
    EngineEvent,
    Notice,
    Pool,
    Submission,
    TaskLost,
    TaskStarted,
    Worker,
    WorkerJoined,
    WorkerLeft,
    WorkerRefused,
)
from ..runtimes.runtime import Runtime
from .blocklist import Blocklist
from .client import QueueClient
from .find import WorkQueueModule
from .gate.client import GateClient
from .gate.newcomers import original_host
from .incoming import Incoming
from .options import GateOptions, QueueOptions
from .outcome import completion, is_given_up
from .sentences import UNCONFINED, restarted, why_left, why_refused

REMOTE_FOLDER = "tile"
CONFINEMENT = ("landlock", "namespace", "user")
"""How the process that holds the queue is kept to its folder: the first way that works here."""

_LEAST_TRANSFER_S = 10
_MISBEHAVED_S = 60.0


class WorkQueueEngine:
    """Gives tasks to the workers that connect to a port of this machine.

    Parameters
    ----------
    home
        Folder under which all task folders lie and results arrive; names in the queue are relative
        to its ``incoming``, since it would take a ``$`` in a path for a variable.

    Raises
    ------
    InputError
        If the port cannot be listened on.
    VersionError
        If the options ask for what this Work Queue cannot do.
    """

    name = "work-queue"

    def __init__(
        self, module: WorkQueueModule, options: QueueOptions, runtime: Runtime, home: Path
    ) -> None:
        if options.port.tls and not module.tls:
            raise VersionError(
                f"this Work Queue (protocol {module.protocol}) cannot encrypt",
                remedy="leave out <<ssl_cert>> and <<ssl_key>> and use a private network, an SSH "
                "tunnel or a VPN, or install conda-forge's ndcctools on manager and workers",
                field="ssl_cert",
            )
        self.module = module
        self.capabilities = Capabilities(
            has_joining_workers=True,
            transfers_files=True,
            shares_cores=False,
            limits_memory=True,
            admits_strangers=not options.port.password,
        )
        self._runtime, self._home = runtime, home.resolve()
        self._tasks: dict[str, Submission] = {}
        self._workers: dict[str, Worker] = {}
        self._blocklist = Blocklist(self._send_block)
        self._sent: dict[str, dict[str, Any]] = {}  # task -> the command that submits it
        self._running: dict[str, tuple[str, str]] = {}  # task -> worker, host
        self._due: deque[EngineEvent] = deque()
        self._tasks_left = -1  # as the queue was told
        self._incoming = Incoming(self._home)
        self._options = options
        self._gate = GateClient(self._gate_options(options))
        self._password = secrets.token_hex(32)  # of the queue, which the gate alone knows
        try:
            self.client = QueueClient(module, self._process_options(options), self._incoming.folder)
        except BaseException:
            self._gate.close()
            raise
        self._incoming.user = self.client.ready["user"]
        self._gate.use_queue(self.client.port, self._password)

    @property
    def unconfined(self) -> str:
        """A sentence if the queue's process can write outside its folder, else empty."""
        return "" if self.client.ready["confined"] else UNCONFINED

    @property
    def port(self) -> int:
        """The port that workers come to."""
        return self._gate.port

    @property
    def pool(self) -> Pool:
        """The workers that are connected."""
        return Pool(tuple(self._workers.values()))

    def capacity(self, need: Resources) -> int:
        """How many tasks of this size the connected workers run at once."""
        return self.pool.room_for(need)

    def submit(self, task: Submission) -> None:
        """Accept a task; workers that it avoids are blocked while there are others."""
        folder = self._seen(task.folder)
        inputs = [
            [f"{folder}/{name}", f"{REMOTE_FOLDER}/{name}", False]
            for name in (TASK_FILE, *task.inputs)
        ]
        inputs += [
            [self._seen(shipped.path), shipped.name, True] for shipped in self._runtime.shipped
        ]
        when = dict.fromkeys((*task.outputs, RESULT_FILE), "success")
        when |= {ERROR_FILE: "failure", LOG_FILE: "always"}
        places = self._incoming.expect(task.name, when)
        outputs = [
            [places[name], f"{REMOTE_FOLDER}/{name}", condition] for name, condition in when.items()
        ]
        self._tasks[task.name] = task
        self._blocklist.avoid(task.name, task.avoid)
        self._sent[task.name] = {
            "do": "submit",
            "name": task.name,
            "command": self._runtime.command(REMOTE_FOLDER, task.shared),
            "cores": task.resources.cores,
            "memory_mb": task.resources.memory_mb,
            "disk_mb": task.resources.disk_mb,
            "expected_s": task.expected_s,
            "is_first": task.is_first,
            "inputs": inputs,
            "outputs": outputs,
        }
        self.client.send(**self._sent[task.name])

    def wait(self, timeout_s: float) -> list[EngineEvent]:
        """Return the events since the last call, waiting up to `timeout_s` for the first."""
        events: list[EngineEvent] = []
        deadline = time.monotonic() + timeout_s
        while True:
            for news in self._gate.events():
                if news["event"] == "ended":
                    self._restart_gate()
                elif news["event"] == "unwritable":
                    raise ResourceError(
                        f"results of workers cannot be written to {self._home} ({news['why']})",
                        remedy="free some space, then add <<resume>> to go on",
                    )
                else:
                    events.append(self._turned_away(news))
            while self._due:
                events.append(self._due.popleft())
            report = self.client.next(0.0 if events else deadline - time.monotonic())
            if report is None:
                return events
            if report["event"] in ("lost", "left") and self._gate.has_ended:
                continue  # the restart above reports the loss
            event = self._event(report)
            if event is not None:
                events.append(event)

    def cancel(self, name: str) -> None:
        """End a task; the worker that runs it is told so."""
        if self._forget(name) is not None:
            self.client.send(do="cancel", name=name)
            self._incoming.drop(name)
            self._blocklist.end_avoidance(name)

    def block_worker(self, worker: str, seconds: float) -> None:
        """Give a worker no new task for so long; 0 unblocks it."""
        self._blocklist.block(worker, seconds)

    def delay_newcomers(self, host: str, address: str, seconds: float) -> None:
        """Give workers that join from there no task for so long."""
        self._gate.delay_newcomers(host, address, seconds)

    def tasks_left(self, tasks: int) -> None:
        """Report how many tasks are left, for programs that start workers as needed."""
        if tasks != self._tasks_left:
            self._tasks_left = tasks
            self.client.send(do="left", tasks=tasks)

    def close(self) -> None:
        """Release all workers; they end by themselves what they still run for this queue."""
        self.client.close()
        self._gate.close()  # after the queue, whose last messages go through it
        self._incoming.close()

    def _gate_options(self, options: QueueOptions) -> GateOptions:
        tls = options.port.tls
        # the gate is a process of its own, whose working directory need not be ours
        files = None if tls is None else (str(Path(tls[0]).resolve()), str(Path(tls[1]).resolve()))
        return GateOptions(
            port=replace(options.port, tls=files),
            protocol=self.module.protocol,
            patience_s=max(_LEAST_TRANSFER_S, options.keepalive_s[1]),
            folder=str(self._home),
        )

    def _send_block(self, host: str, seconds: float) -> None:
        self.client.send(do="block", host=host, seconds=seconds)

    def _event(self, report: dict[str, Any]) -> EngineEvent | None:
        if "host" in report:
            report = {**report, "called": report["host"], "host": original_host(report["host"])}
        match report["event"]:
            case "started":
                return self._started(report)
            case "restarted":
                self._begin_anew(restarted("holds the Work Queue", report["why"], self.port))
            case "lost" if report["name"] in self._tasks:
                self._running.pop(report["name"], None)
                return TaskLost(
                    report["name"], report["worker"], report["host"], report["farewell"]
                )
            case "ended":
                return self._ended(report)
            case "joined":
                return self._joined(report)
            case "left" if report["worker"] in self._workers:
                why = why_left(report["why"])
                self._blocklist.left(report["worker"])
                return WorkerLeft(self._workers.pop(report["worker"]), why)
        return None

    def _turned_away(self, report: dict[str, Any]) -> WorkerRefused:
        if report["event"] == "misbehaved":
            self.delay_newcomers(
                report["host"], report["address"].rpartition(":")[0], _MISBEHAVED_S
            )
            return WorkerRefused(report["address"], report["why"])
        is_worker = report["why"] not in ("none given", "no tls")
        return WorkerRefused(
            report["address"], why_refused(report, self.module.protocol), is_worker
        )

    def _process_options(self, options: QueueOptions) -> dict[str, Any]:
        """Return what the process reads first: its options, and the files that it may read."""
        shipped = [str(shipped.path.resolve()) for shipped in self._runtime.shipped]
        return {
            "project": options.project,
            "catalog": self._catalog_of(options),
            "password": self._password,
            "keepalive_s": options.keepalive_s,
            "readable": [str(self._home), *shipped],
            "confine": CONFINEMENT,
        }

    def _seen(self, path: Path) -> str:
        """Return the name of a file as the process sees it from its working directory."""
        return os.path.relpath(path.resolve(), self._incoming.folder)

    def _catalog_of(self, options: QueueOptions) -> tuple[str, int] | None:
        return ("127.0.0.1", self._gate.catalog_port) if options.port.catalog else None

    def _restart_gate(self) -> None:
        """Restart the gate, and the queue, which would blame workers for their lost connections."""
        why = self._gate.restart()
        self.client.restart(catalog=self._catalog_of(self._options))
        self._begin_anew(restarted("keeps the port", why, self.port))

    def _begin_anew(self, sentence: str) -> None:
        """Submit all tasks again after a restart, and report lost tasks and workers."""
        self._gate.use_queue(self.client.port, self._password)
        self._tasks_left = -1
        self._due.append(Notice("queue", sentence))
        for name, (worker, host) in self._running.items():
            self._due.append(TaskLost(name, worker, host, why="the queue was started again"))
        self._running.clear()
        for gone in self._workers.values():
            self._due.append(WorkerLeft(gone, "the queue was started again"))
        self._workers.clear()
        self._blocklist.reset()
        for name, command in self._sent.items():
            self._incoming.empty(name)
            self.client.send(**command)

    def _forget(self, name: str) -> Submission | None:
        self._sent.pop(name, None)
        self._running.pop(name, None)
        return self._tasks.pop(name, None)

    def _started(self, report: dict[str, Any]) -> EngineEvent | None:
        if report["name"] not in self._tasks:
            return None
        self._blocklist.end_avoidance(report["name"])
        self._running[report["name"]] = (report["worker"], report["host"])
        return TaskStarted(report["name"], report["worker"], report["host"])

    def _joined(self, report: dict[str, Any]) -> EngineEvent | None:
        sizes = (report["cores"], report["memory_mb"], report["disk_mb"])
        address = self._gate.worker_address(report["address"])
        worker = Worker(report["worker"], report["host"], address, *sizes)
        known = self._workers.get(worker.worker)
        self._workers[worker.worker] = worker
        self._blocklist.joined(worker.worker, report["called"])
        return None if known else WorkerJoined(worker)

    def _ended(self, report: dict[str, Any]) -> EngineEvent | None:
        name = report["name"]
        if name in self._tasks and is_given_up(report):
            self.client.send(**self._sent[name])
            last = self._running.pop(name, None)  # otherwise its loss has been reported
            return TaskLost(name, *last) if last else None
        task = self._forget(name)
        if task is None:
            return None
        self._incoming.take(task.name, task.folder)
        return completion(task, report, self._runtime)
