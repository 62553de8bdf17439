"""The process that holds a Work Queue: commands in, events out, one JSON object per line.

It is a process of its own because the module is not thread-safe, holds the interpreter's lock while
it waits and ends its process on some errors.

    python -I FOLDER                read the configuration from the first line, then work
    python -I FOLDER --describe     say which module there is, as one JSON object (`__main__`)

It ends when its standard input does. Paths of files are relative to its working directory.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
from typing import IO, Any

from . import confinement
from .module import describe, find_module
from .observer import Observer
from .tail import Tail

_IDLE_S = 0.05
_MORE_S = 0.02
_LEAST_TRANSFER_S = 10
_BACKLOG = 512
_PORTS = (20000, 32767)  # for a moment, see listen_on_loopback


class QueueProcess:
    """One queue with its tasks, by the names that the manager gave them."""

    def __init__(self, module: Any, options: dict[str, Any], scratch: str) -> None:
        self._module = module
        self._ids: dict[str, int] = {}
        self._observer = Observer()
        self._blocked: dict[str, float] = {}
        self._debug = Tail(2)  # a file of the manager's, who reads it when this process is gone
        for flag in ("wq", "notice", "auth"):
            module.cctools_debug_flags_set(flag)
        module.cctools_debug_config_file(":stderr")
        self._transactions = Tail(os.path.join(scratch, "transactions.log"))
        self._queue = _make_queue(module, options, os.path.join(scratch, "transactions.log"))
        self.port = listen_on_loopback(int(self._queue.port))
        """Where it listens: of this machine alone, for the gate."""

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
        """Let the queue work for up to a second; return the events."""
        self._unblock()
        task = self._queue.wait(1)
        for line in self._debug.lines():
            self._observer.read_debug(line)
        for line in self._transactions.lines():
            self._observer.read_transaction(line)
        if task is not None:
            self._ended(task)
        return self._observer.take_events()

    def is_empty(self) -> bool:
        """Say whether it has no tasks; waiting then returns at once."""
        return bool(self._queue.empty())

    def is_short(self) -> bool:
        """Say whether all its tasks run, so that an idle worker would get none."""
        return len(self._observer.names) <= len(self._observer.running)

    def close(self) -> None:
        """Release the workers, which may then work for other managers."""
        del self._queue

    def _submit(self, command: dict[str, Any]) -> None:
        task = self._module.Task(command["command"])
        task.specify_tag(command["name"])
        task.specify_cores(command["cores"])
        task.specify_memory(command["memory_mb"])
        task.specify_disk(command["disk_mb"])
        if command["expected_s"]:
            task.specify_running_time_min(command["expected_s"])
        # of equal ones the module takes those first that need most memory
        task.specify_priority(1 if command["is_first"] else 0)
        for local, remote, cached in command["inputs"]:
            task.specify_input_file(local, remote, cache=cached)
        for local, remote, when in command["outputs"]:
            failure_only = {"always": None, "failure": True, "success": False}[when]
            task.specify_output_file(local, remote, cache=False, failure_only=failure_only)
        # a task that lost two workers comes back to the manager, which compares it with others
        task.specify_max_retries(1)
        number = self._queue.submit(task)
        self._ids[command["name"]] = number
        self._observer.names[number] = command["name"]

    def _cancel(self, name: str) -> None:
        number = self._ids.pop(name, None)
        if number is not None:
            self._queue.cancel_by_taskid(number)
            self._observer.task_gone(number)

    def _ended(self, task: Any) -> None:
        name, peer, had_s = self._observer.task_gone(int(task.id))
        if name is None:
            return
        del self._ids[name]
        self._observer.tell(
            "ended",
            name=name,
            result=int(task.result),
            exit_code=int(task.return_status),
            **peer.names,
            # the worker tells it, so never more than the time that it had the task
            seconds=max(0.0, min(int(task.cmd_execution_time) / 1e6, had_s)),
            output=_output_of(task),
        )

    def _unblock(self) -> None:
        now = time.monotonic()
        for host in [host for host, until in self._blocked.items() if until <= now]:
            del self._blocked[host]
            self._queue.unblock_host(host)


def _output_of(task: Any) -> str:
    """Return the end of what a command printed, which may be a gigabyte of any bytes."""
    try:
        output = task.output or ""
        tail = output[-2000:]
    except MemoryError:
        return ""
    raw = tail.encode(errors="surrogatepass") if isinstance(tail, str) else tail
    return bytes(raw).decode(errors="replace")


def listen_on_loopback(port: int) -> int:
    """Let the queue listen on loopback alone, and return the port.

    The module can listen on all addresses only. So another socket takes the place of its own, under
    the same descriptor, before it has accepted a connection.
    """
    for name in os.listdir("/proc/self/fd"):
        try:
            number = int(name)
            copy = socket.socket(fileno=os.dup(number))
        except OSError:
            continue  # no socket, or that of the list itself
        with copy:
            if copy.family not in (socket.AF_INET, socket.AF_INET6):
                continue
            listens = copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            if not listens or copy.getsockname()[1] != port:
                continue
        with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as own:
            own.setblocking(False)  # as the module's own
            os.dup2(own.fileno(), number, inheritable=False)
            return int(own.getsockname()[1])
    raise OSError("the queue listens nowhere")


def _make_queue(module: Any, options: dict[str, Any], transactions: str) -> Any:
    for name in ("WORK_QUEUE_PORT", "TCP_LOW_PORT", "TCP_HIGH_PORT", "WORK_QUEUE_NAME"):
        os.environ.pop(name, None)
    queue = module.WorkQueue(port=_PORTS, transactions_log=transactions)
    if options.get("password"):
        queue.specify_password(options["password"])
    if options.get("project"):
        os.environ["CATALOG_UPDATE_PROTOCOL"] = "udp"  # as the gate hears it
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

    After the first it waits a little for others: the queue hands out no task during its wait that
    it did not have before.
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


def main() -> int:
    """Run as the module's description says."""
    module = find_module()
    # what the module prints by itself must not come among our lines
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # it ends with its standard input: a signal to all processes of a job is the manager's affair
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    options = json.loads(sys.stdin.buffer.raw.readline())  # type: ignore[union-attr]
    try:
        confinement.limit_resources()
        # its logs are open from here on, and nothing is made there any more
        with tempfile.TemporaryDirectory(prefix="eemt-queue-") as scratch:
            process = QueueProcess(module, options, scratch)
        held = _confine(options)
    except Exception as error:
        _say(sink, [{"event": "failed", "error": str(error)}])
        return 1
    confined = {"confined": held.way, "user": held.user}
    _say(sink, [{"event": "ready", "port": process.port, **confined, **describe(module)}])
    try:
        _work(process, sink)
    except Exception as error:
        _say(sink, [{"event": "failed", "error": f"{type(error).__name__}: {error}"}])
        return 1
    process.close()
    return 0


def _confine(options: dict[str, Any]) -> confinement.Confinement:
    """Give up what is not needed, before a byte that a stranger has sent is read."""
    connects = [options["catalog"][1]] if options.get("catalog") else []
    return confinement.confine(os.getcwd(), options["readable"], connects, options["confine"])


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
