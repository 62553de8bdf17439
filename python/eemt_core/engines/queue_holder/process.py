"""The process that holds a Work Queue: commands in, events out, one JSON object per line.

A process of its own it is because the module is not thread-safe, holds the interpreter's lock
while it waits and ends its process on some errors.

    python -I FOLDER --describe     say which module there is, as one JSON object
    python -I FOLDER                read the configuration from the first line, then work

It ends when its standard input does. Paths of files are relative to its working directory.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import select
import sys
import tempfile
import time
from typing import IO, Any

MODULES = ("ndcctools.work_queue", "work_queue")
_TRUNCATE_BYTES = 1 << 20
_IDLE_S = 0.05
_MORE_S = 0.02
_LEAST_TRANSFER_S = 10
_FIRST_FREE_PORT, _LAST_PORT = 9123, 32767
_READY = re.compile(r"wq: (.+) \(([^()\s]+:\d+)\) running CCTools version ")
_VACATING = re.compile(r"rx from \S+ \((\S+)\): info vacating")
_OTHER_PROTOCOL = re.compile(
    r"notice: worker \(?([^)\s]+)\)? is using work queue protocol (\d+), but I am using protocol"
)
# the host that eemt-worker names when it merely asks which protocol is spoken here
_PROBE = re.compile(r"rx from unknown \((\S+)\): workqueue \d+ eemt-probe ")
_PROBE_MB = 1  # and the memory of the worker with which it tries the password
_GAVE_NONE = "auth: peer is not using password authentication"
_WRONG_PASSWORD = re.compile(r"notice: worker (\S+) presented the wrong password")
_NO_PASSWORD = re.compile(r"notice: worker \((\S+)\) is attempting to use a password")


def find_module() -> Any:
    """Import Work Queue under whichever name it has here, or return None."""
    for name in MODULES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def describe(module: Any) -> dict[str, Any]:
    """Return which protocol the module speaks and whether it has TLS.

    The number itself is not to be had from the module: this result came with protocol 11, and
    naming the manager so came with 9.
    """
    if hasattr(module, "WORK_QUEUE_RESULT_OUTPUT_TRANSFER_ERROR"):
        protocol = 11
    else:
        protocol = 9 if hasattr(module, "work_queue_manager_preferred_connection") else 8
    return {
        "module": module.__name__,
        "protocol": protocol,
        "tls": hasattr(module, "work_queue_ssl_create"),
    }


class _Tail:
    """Reads what another part of this process appends to a file, and keeps the file small."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "a+b", buffering=0)  # noqa: SIM115
        self._place = 0
        self._rest = b""

    @property
    def number(self) -> int:
        return self._file.fileno()

    def lines(self) -> list[str]:
        self._file.seek(self._place)
        content = self._file.read()
        self._place += len(content)
        if self._place > _TRUNCATE_BYTES:
            self._file.truncate(0)  # whoever appends goes on at the new end
            self._place = 0
        *whole, self._rest = (self._rest + content).split(b"\n")
        return [line.decode(errors="replace") for line in whole]


class QueueProcess:
    """One queue, its tasks by our names, and what has happened to them since the last turn."""

    def __init__(self, module: Any, options: dict[str, Any], scratch: str) -> None:
        self._module = module
        self._events: list[dict[str, Any]] = []
        self._ids: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._running: dict[int, str] = {}  # task -> address
        self._hosts: dict[str, str] = {}  # address -> what we call the host
        self._workers: dict[str, str] = {}  # address -> worker
        self._farewells: set[str] = set()
        self._gone: list[str] = []
        self._probes: set[str] = set()
        self._gave_none = False
        self._blocked: dict[str, float] = {}
        self._debug = _Tail(os.path.join(scratch, "debug.log"))
        os.dup2(self._debug.number, 2)
        for flag in ("wq", "notice", "auth"):
            module.cctools_debug_flags_set(flag)
        module.cctools_debug_config_file(":stderr")
        self._transactions = _Tail(os.path.join(scratch, "transactions.log"))
        self._queue = _make_queue(module, options, os.path.join(scratch, "transactions.log"))

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._queue.port)

    def obey(self, command: dict[str, Any]) -> None:
        """Carry out one command."""
        match command["do"]:
            case "submit":
                self._submit(command)
            case "cancel":
                self._cancel(command["name"])
            case "block":
                self._blocked[command["host"]] = time.monotonic() + command["seconds"]
                self._queue.block_host(command["host"])
            case "left":
                self._queue.specify_num_tasks_left(command["tasks"])

    def turn(self) -> list[dict[str, Any]]:
        """Let the queue work for up to a second; return what has happened."""
        self._unblock()
        task = self._queue.wait(1)
        self._read_debug()
        self._read_transactions()
        if task is not None:
            self._ended(task)
        for address in self._gone:
            self._forget(address)
        self._gone.clear()
        events, self._events = self._events, []
        return events

    def is_empty(self) -> bool:
        """Whether it has no tasks; waiting then returns at once."""
        return bool(self._queue.empty())

    def is_short(self) -> bool:
        """Whether it has no task to give to a worker that comes or is done."""
        return len(self._names) <= len(self._running)

    def close(self) -> None:
        """Let go of the workers, who may turn to other managers."""
        del self._queue

    def _submit(self, command: dict[str, Any]) -> None:
        task = self._module.Task(command["command"])
        task.specify_tag(command["name"])
        task.specify_cores(command["cores"])
        task.specify_memory(command["memory_mb"])
        task.specify_disk(command["disk_mb"])
        for local, remote, cached in command["inputs"]:
            task.specify_input_file(local, remote, cache=cached)
        for local, remote, when in command["outputs"]:
            failure_only = {"always": None, "failure": True, "success": False}[when]
            task.specify_output_file(local, remote, cache=False, failure_only=failure_only)
        number = self._queue.submit(task)
        self._ids[command["name"]] = number
        self._names[number] = command["name"]

    def _cancel(self, name: str) -> None:
        number = self._ids.pop(name, None)
        if number is not None:
            self._queue.cancel_by_taskid(number)
            self._names.pop(number, None)
            self._running.pop(number, None)

    def _ended(self, task: Any) -> None:
        number = int(task.id)
        name = self._names.pop(number, None)
        address = self._running.pop(number, "")
        if name is None:
            return
        del self._ids[name]
        self._tell(
            "ended",
            name=name,
            result=int(task.result),
            exit_code=int(task.return_status),
            host=self._who(address)["host"],
            worker=self._workers.get(address, address),
            seconds=int(task.cmd_execution_time) / 1e6,
            output=(task.output or "")[-2000:],
        )

    def _read_debug(self) -> None:
        for line in self._debug.lines():
            if match := _READY.search(line):
                self._name(match[2], match[1])
            elif match := _VACATING.search(line):
                self._farewells.add(match[1])
            elif match := _PROBE.search(line):
                self._probes.add(match[1])
            elif (match := _OTHER_PROTOCOL.search(line)) and match[1] not in self._probes:
                self._tell("refused", address=match[1], why="protocol", protocol=int(match[2]))
            elif _GAVE_NONE in line:
                self._gave_none = True  # the line that says who comes next
            elif match := _WRONG_PASSWORD.search(line):
                why = "none given" if self._gave_none else "password"
                self._gave_none = False
                self._tell("refused", address=match[1], why=why)
            elif match := _NO_PASSWORD.search(line):
                self._tell("refused", address=match[1], why="no password here")

    def _name(self, address: str, own_name: str) -> None:
        """Call a host as it calls itself, or by its address if that is no name.

        A worker that cannot resolve its machine's own name sends whatever its memory holds; such a
        host cannot be blocked, since the module takes no such text.
        """
        is_name = own_name.isascii() and own_name.isprintable() and " " not in own_name
        self._hosts[address] = own_name if is_name else address.rpartition(":")[0]

    def _read_transactions(self) -> None:
        for line in self._transactions.lines():
            fields = line.split(maxsplit=5)
            if len(fields) < 5 or line.startswith("#"):
                continue
            if fields[2] == "TASK":
                self._task_moved(int(fields[3]), fields[4], fields[5] if len(fields) > 5 else "")
            elif fields[2] == "WORKER" and len(fields) > 5:
                self._worker_moved(fields[3], fields[4], fields[5])

    def _task_moved(self, number: int, state: str, rest: str) -> None:
        name = self._names.get(number)
        if name is None:
            return
        if state == "RUNNING":
            address = rest.split()[0]
            self._running[number] = address
            self._tell("started", name=name, **self._who(address))
        elif state == "WAITING" and number in self._running:
            address = self._running.pop(number)
            self._tell("lost", name=name, farewell=address in self._farewells, **self._who(address))

    def _worker_moved(self, worker: str, second: str, rest: str) -> None:
        if second == "RESOURCES":
            found = json.loads(rest)
            if int(found["memory"][0]) <= _PROBE_MB:
                return
            for address, known in self._workers.items():
                if known == worker:
                    self._tell(
                        "joined",
                        **self._who(address),
                        address=address,
                        cores=int(found["cores"][0]),
                        memory_mb=int(found["memory"][0]),
                        disk_mb=int(found["disk"][0]),
                    )
        elif rest.startswith("CONNECTION"):
            self._workers[second] = worker
        elif rest.startswith("DISCONNECTION") and second in self._workers:
            why = rest.split()[1] if len(rest.split()) > 1 else "UNKNOWN"
            farewell = second in self._farewells
            self._tell("left", **self._who(second), why="FAREWELL" if farewell else why)
            self._gone.append(second)  # its tasks' lines come after this one

    def _who(self, address: str) -> dict[str, str]:
        worker = self._workers.get(address, address)
        return {"worker": worker, "host": self._hosts.get(address, address.rpartition(":")[0])}

    def _forget(self, address: str) -> None:
        self._workers.pop(address, None)
        self._hosts.pop(address, None)
        self._farewells.discard(address)

    def _unblock(self) -> None:
        now = time.monotonic()
        for host in [host for host, until in self._blocked.items() if until <= now]:
            del self._blocked[host]
            self._queue.unblock_host(host)

    def _tell(self, event: str, **details: Any) -> None:
        self._events.append({"event": event, **details})


def _make_queue(module: Any, options: dict[str, Any], transactions: str) -> Any:
    for name in ("WORK_QUEUE_PORT", "TCP_LOW_PORT", "TCP_HIGH_PORT", "WORK_QUEUE_NAME"):
        os.environ.pop(name, None)
    low, high = options["ports"]
    if low == high == 0:
        low, high = _FIRST_FREE_PORT, _LAST_PORT
    arguments: dict[str, Any] = {"transactions_log": transactions}
    if options.get("tls"):
        arguments["ssl"] = tuple(options["tls"])
    queue = module.WorkQueue(port=low if low == high else (low, high), **arguments)
    if options.get("password"):
        queue.specify_password(options["password"])
    if options.get("project"):
        # the catalog first: a name alone would be published to the engine's own public one
        queue.specify_catalog_server(*options["catalog"])
        queue.specify_name(options["project"])
    interval_s, timeout_s = options["keepalive_s"]
    queue.specify_keepalive_interval(interval_s)
    queue.specify_keepalive_timeout(timeout_s)
    # there is one transfer at a time: a host that is cut off in the middle of its own holds up all
    # others until this has passed, a minute unless told otherwise
    queue.tune("min-transfer-timeout", max(_LEAST_TRANSFER_S, timeout_s))
    return queue


def _commands(
    source: IO[bytes], rest: bytearray, patience_s: float, more_s: float
) -> list[dict[str, Any]] | None:
    """Return the commands that have arrived; None when nobody will send any more.

    After the first, others are awaited for a little: what is not known when the queue begins to
    wait is not handed out until it has waited.
    """
    found: list[dict[str, Any]] = []
    while select.select([source], [], [], more_s if found else patience_s)[0]:
        content = os.read(source.fileno(), 1 << 16)
        if not content:
            return None
        rest += content
        *whole, left = bytes(rest).split(b"\n")
        rest[:] = left
        found += [json.loads(line) for line in whole]
    return found


def _say(sink: IO[bytes], events: list[dict[str, Any]]) -> None:
    if events:
        sink.write(b"".join(json.dumps(event).encode() + b"\n" for event in events))
        sink.flush()


def main(arguments: list[str]) -> int:
    """Run as the module's description says."""
    module = find_module()
    # what the engine prints by itself must not come among our lines
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if "--describe" in arguments:
        _say(sink, [describe(module) if module else {}])
        return 0 if module else 1
    options = json.loads(sys.stdin.buffer.raw.readline())  # type: ignore[union-attr]
    with tempfile.TemporaryDirectory(prefix="eemt-queue-") as scratch:
        try:
            process = QueueProcess(module, options, scratch)
        except Exception as error:
            _say(sink, [{"event": "failed", "error": str(error)}])
            return 1
        _say(sink, [{"event": "ready", "port": process.port, **describe(module)}])
        try:
            _work(process, sink)
        except Exception as error:
            _say(sink, [{"event": "failed", "error": f"{type(error).__name__}: {error}"}])
            return 1
        process.close()
    return 0


def _work(process: QueueProcess, sink: IO[bytes]) -> None:
    rest = bytearray()
    while True:
        patience_s = _IDLE_S if process.is_empty() else 0.0
        more_s = _MORE_S if process.is_short() else 0.0
        commands = _commands(sys.stdin.buffer, rest, patience_s, more_s)
        if commands is None:
            return
        for command in commands:
            process.obey(command)
        _say(sink, process.turn())
