"""Events of tasks and workers, read from the two logs of the module line by line.

Parts of each line were written by strangers; a line that does not fit is skipped.
"""

from __future__ import annotations

import time
from typing import Any

from . import debug_log, transactions
from .peers import Peer, Peers

_PROBE_MB = 1  # memory of the worker that eemt-worker starts to try a password


class Observer:
    """Keeps track of connections and of where tasks run, and makes events of the changes.

    Attributes
    ----------
    names
        Our names of the tasks that the queue has, by its numbers.
    running
        Addresses of the workers that run tasks, by the tasks' numbers.
    """

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.running: dict[int, str] = {}
        self._since: dict[int, float] = {}  # task -> when it began there
        self._peers = Peers()
        self._gone: list[str] = []
        self._gave_none = False
        self._events: list[dict[str, Any]] = []

    def take_events(self) -> list[dict[str, Any]]:
        """Return the events since the last call."""
        for address in self._gone:
            self._peers.forget(address)
        self._gone.clear()
        events, self._events = self._events, []
        return events

    def tell(self, event: str, **details: Any) -> None:
        """Add an event that no log has."""
        self._events.append({"event": event, **details})

    def task_gone(self, number: int) -> tuple[str | None, Peer, float]:
        """Forget a task; return its name, the worker that had it, and how long that had it [s]."""
        name = self.names.pop(number, None)
        peer = self._peers.known(self.running.pop(number, ""))
        began = self._since.pop(number, None)
        # the log is read after each wait, so it reports a start up to a second late
        had_s = 1.0 if began is None else time.monotonic() - began + 1.0
        return name, peer, had_s

    def read_debug(self, line: bytes) -> None:
        """Read a line of the debug log."""
        entry = debug_log.read_line(line)
        if entry is None:
            return
        match entry.kind:
            case "ready":
                self._peers.name_host(entry.address, entry.host)
            case "farewell":
                self._peers.at(entry.address).said_farewell = True
            case "probe":
                self._peers.at(entry.address).is_probe = True
            case "protocol" if not self._peers.known(entry.address).is_probe:
                self._refused(entry.address, "protocol", protocol=entry.protocol)
            case "none given":
                self._gave_none = True  # the next line says which peer
            case "wrong password":
                self._refused(entry.address, "none given" if self._gave_none else "password")
                self._gave_none = False
            case "no password here" | "no tls":
                self._refused(entry.address, entry.kind)

    def _refused(self, address: str, why: str, **details: Any) -> None:
        self.tell("refused", address=address, why=why, **details)

    def read_transaction(self, line: bytes) -> None:
        """Read a line of the log of transactions."""
        match transactions.read_line(line):
            case transactions.TaskMoved(number, address):
                self._task_moved(number, address)
            case transactions.WorkerConnected(worker, address):
                self._left(address, "UNKNOWN")  # a second id is a second worker
                self._peers.name_worker(address, worker)
            case transactions.WorkerResources(worker, sizes):
                self._has(worker, sizes)
            case transactions.WorkerDisconnected(address, why):
                self._left(address, why)
                self._gone.append(address)  # the lines of its tasks follow this one

    def _task_moved(self, number: int, address: str) -> None:
        name = self.names.get(number)
        if name is None:
            return
        if address:
            self.running[number] = address
            self._since[number] = time.monotonic()
            self.tell("started", name=name, **self._peers.known(address).names)
        elif number in self.running:
            peer = self._peers.known(self.running.pop(number))
            self.tell("lost", name=name, farewell=peer.said_farewell, **peer.names)

    def _has(self, worker: bytes, sizes: tuple[int, int, int] | None) -> None:
        if sizes is None or sizes[1] <= _PROBE_MB:
            return
        for peer in self._peers.with_id(worker):
            peer.joined = True
            cores, memory_mb, disk_mb = sizes
            self.tell(
                "joined",
                **peer.names,
                address=peer.address,
                cores=cores,
                memory_mb=memory_mb,
                disk_mb=disk_mb,
            )

    def _left(self, address: str, why: str) -> None:
        peer = self._peers.known(address)
        if peer.joined:
            peer.joined = False
            self.tell("left", **peer.names, why="FAREWELL" if peer.said_farewell else why)
