"""The engine's side of the gate: starts its process, sends it commands, reads what it reports."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections import OrderedDict, deque
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from ....errors import EemtError, InputError
from ..last_words import ErrorOutput, how_it_ended
from ..options import GateOptions, PortOptions

_START_S = 60.0
_END_S = 10.0
_MOST_ENDS, _ENDS_S = 5, 60.0
_MOST_PEERS = 10_000
_MOST_ERROR_BYTES = 1 << 20
_PEER_S = 2.0


class _EndedError(Exception):
    """The process ended before it listened; the message says how."""


class GateClient:
    """The running process.

    Raises
    ------
    InputError
        If it cannot listen, or cannot use the certificate.
    """

    def __init__(self, options: GateOptions) -> None:
        self._options = options
        self._ends: deque[float] = deque(maxlen=_MOST_ENDS)
        self._errors = ErrorOutput()
        try:
            self._launch()
        except _EndedError as error:
            raise EemtError(f"the process that keeps the port did not start ({error})") from None

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone, and all connections with it."""
        return self._process.poll() is not None

    def events(self) -> list[dict[str, Any]]:
        """Return refusals since the last call; ``{"event": "ended"}`` if the process has ended.

        After that it must be restarted.
        """
        self._errors.clear(_MOST_ERROR_BYTES)  # each connection may leave a warning there
        found = []
        with suppress(queue.Empty):
            while True:
                found.append(self._events.get_nowait())
        return found

    def restart(self) -> str:
        """Start the process again, on the same port, and return why it had ended.

        All connections have ended with it. On loopback there may be another port for the catalog.

        Raises
        ------
        EemtError
            If it ends again and again, or the port has been taken meanwhile.
        """
        first = why = self._why_ended()
        self._options = replace(
            self._options, port=replace(self._options.port, ports=(self.port, self.port))
        )
        for _ in range(_MOST_ENDS):
            now = time.monotonic()
            self._ends.append(now)
            if len(self._ends) == _MOST_ENDS and now - self._ends[0] < _ENDS_S:
                break
            try:
                self._launch()
                return first
            except _EndedError as error:
                why = str(error)
        raise EemtError(
            f"the process that keeps the port ended {_MOST_ENDS} times in a row ({why})",
            remedy="add <<resume>> to go on",
        )

    def _launch(self) -> None:
        self._closing = False
        # new ones, so that nothing of a process that has ended comes among the next one's events
        self._events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._peers: OrderedDict[str, str] = OrderedDict()  # address of the gate -> the worker's
        self._opened: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._errors.clear()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", f"{__package__}.main"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors.number,
            start_new_session=True,  # Ctrl-C in the terminal reaches the manager alone
        )
        self._send(asdict(self._options))
        read_from = (self._process, self._opened, self._peers, self._events)
        threading.Thread(target=self._read, args=read_from, daemon=True).start()
        opened = self._open(self._options.port)
        self.port = int(opened["port"])
        """The port that workers come to."""
        self.catalog_port = int(opened["catalog_port"])
        """The port on loopback that the queue takes for its catalog; 0 where there is none."""

    def use_queue(self, port: int, password: str) -> None:
        """Relay workers to the queue on this port; connections to the last queue end."""
        self._send({"port": port, "password": password})

    def delay_newcomers(self, host: str, address: str, seconds: float) -> None:
        """Delay new workers from there for so long; an empty host means any."""
        self._send({"host": host, "address": address, "wait_s": seconds})

    def worker_address(self, address: str) -> str:
        """Return the address of the worker whose connection the queue sees as `address`."""
        deadline = time.monotonic() + _PEER_S
        while address not in self._peers and time.monotonic() < deadline:
            time.sleep(0.01)  # the gate reported it before the queue could; it is on its way
        return self._peers.get(address, address)

    def close(self) -> None:
        """Close the port and all connections."""
        self._closing = True
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _open(self, options: PortOptions) -> dict[str, Any]:
        try:
            report = self._opened.get(timeout=_START_S)
        except queue.Empty:
            report = None
        if report is not None and report["event"] == "open":
            return report
        if report is None:
            raise _EndedError(self._why_ended())
        self.close()
        part, why = report["part"], report["why"]
        if part == "tls":
            raise InputError(
                f"<<ssl_cert>> and <<ssl_key>> cannot be used ({why})",
                remedy="give a certificate and its key as PEM files",
                field="ssl_cert",
            )
        if part == "address":
            raise InputError(
                f"cannot listen on address {options.bind} ({why})",
                remedy="give <<bind>> an address of this machine, or leave it out",
                field="bind",
                value=options.bind,
            )
        low, high = options.ports
        ports = f"port {low}" if low == high else f"any port from {low} to {high}"
        raise InputError(
            f"cannot listen on {ports}",
            remedy="another program may do so already; give another <<ports>>, a range such as "
            "9123-9200, or 0 for any free one",
            field="ports",
            value=ports,
        )

    def _why_ended(self) -> str:
        self.close()
        return how_it_ended(self._process, self._errors)

    def _send(self, command: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):  # the reader notices that it has ended, and reports it
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()

    def _read(
        self,
        process: subprocess.Popen[bytes],
        opened: queue.SimpleQueue[dict[str, Any] | None],
        peers: OrderedDict[str, str],
        events: queue.SimpleQueue[dict[str, Any]],
    ) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                try:
                    report = json.loads(line)
                except ValueError:
                    continue  # a killed process may leave half a line
                match report["event"]:
                    case "open" | "failed":
                        opened.put(report)
                    case "peer":
                        peers[report["inner"]] = report["outer"]
                        if len(peers) > _MOST_PEERS:
                            peers.popitem(last=False)
                    case _:
                        events.put(report)
        opened.put(None)
        if not self._closing:
            events.put({"event": "ended"})
