"""The server of all connections to the port: admits workers, limits their number, relays them."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from .buffers import CHUNK, Memory
from .challenge import enter
from .handshake import Introduction, NotAdmittedError, StatusQuery, shake_hands
from .inflow import Inflow, Reader
from .listening import peer_of
from .newcomers import JoinDelays, numbered_host
from .protocol import ProtocolError
from .relay import Relay, RelayRules
from .status_pages import StatusPages

ENTRY_S = 10.0
"""How long the handshake with a worker may take, with the password."""

_MOST_PENDING, _MOST_PENDING_OF_ONE = 256, 64
_QUEUE_S = 60.0
_FILES_PER_WORKER = 6
_MOST_OPEN_FILES = 16384
_PAUSE_S = 0.1
_BUFFER_BYTES = 1 << 20
_WAITING_BYTES = 32 << 20
_FLUSH_S = 2.0


@dataclass
class AdmissionRules:
    """What the gate asks of new connections.

    Attributes
    ----------
    protocol
        Number of the protocol that workers must speak.
    password
        What workers must know; empty for none.
    tls
        Settings that encrypt connections, or None.
    patience_s
        How long a worker may stand still in the middle of a transfer.
    folder, arrived
        Where waits what is sent to workers, and where results arrive.
    """

    protocol: int
    password: str
    tls: ssl.SSLContext | None
    patience_s: float
    folder: Path
    arrived: Path


@dataclass(eq=False)
class _PendingConnection:
    """A connection whose handshake is not finished."""

    host: str
    task: asyncio.Task[None] = field(init=False)


class ConnectionServer:
    """All connections to the port."""

    def __init__(self, rules: AdmissionRules, tell: Callable[..., None]) -> None:
        self._rules, self._tell = rules, tell
        self._queue: tuple[int, str] | None = None  # its port and password
        self._pending: list[_PendingConnection] = []
        self._admitted: dict[asyncio.Task[None], str] = {}  # and the name of its worker
        self._numbers = 0
        self.delays = JoinDelays()
        self._most_admitted = _raise_limit() // _FILES_PER_WORKER
        self._pages = StatusPages(self._connect)
        self._buffer = bytearray(_BUFFER_BYTES)  # of all connections, see `Inflow`
        self._relay_rules = RelayRules(
            rules.folder, Memory(_WAITING_BYTES), rules.arrived, rules.patience_s, self._report_full
        )

    def use_queue(self, port: int, password: str) -> None:
        """Relay new workers to the queue on this port; end the connections to the last one."""
        self._queue = (port, password)
        for task in self._admitted:
            task.cancel()

    async def flush(self) -> None:
        """Wait a moment until what the queue sent last has reached the workers."""
        if self._admitted:
            await asyncio.wait(list(self._admitted), timeout=_FLUSH_S)

    async def serve(self, listener: socket.socket) -> None:
        """Accept connections until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listener)
                host, address = peer_of(connection)
            except OSError:  # it was closed already, or too many are open
                await asyncio.sleep(_PAUSE_S)
                continue
            self._make_room(host)
            pending = _PendingConnection(host)
            pending.task = asyncio.create_task(self._receive(pending, connection, host, address))
            self._pending.append(pending)

    def _make_room(self, host: str) -> None:
        """Close the oldest pending connection if there are too many, first of the same address.

        A worker's handshake takes a few exchanges, so the oldest one is seldom a worker.
        """
        own = [pending for pending in self._pending if pending.host == host]
        for crowd, most in ((own, _MOST_PENDING_OF_ONE), (self._pending, _MOST_PENDING)):
            if len(crowd) >= most:
                crowd[0].task.cancel()
                self._pending.remove(crowd[0])
                return

    async def _receive(
        self, pending: _PendingConnection, connection: socket.socket, host: str, address: str
    ) -> None:
        loop = asyncio.get_running_loop()
        reader = Reader()
        protocol = Inflow(reader, self._buffer)
        writer: StreamWriter | None = None
        try:
            async with asyncio.timeout(ENTRY_S):
                transport, _ = await loop.connect_accepted_socket(
                    lambda: protocol, connection, ssl=self._rules.tls
                )
                writer = StreamWriter(transport, protocol, reader, loop)
                rules = self._rules
                introduction = await shake_hands(
                    reader, writer, password=rules.password, protocol=rules.protocol
                )
            self._not_pending(pending)
            if isinstance(introduction, StatusQuery):
                await self._answer(introduction, writer)
            else:
                await self._relay(introduction, (reader, protocol, writer), host, address)
        except NotAdmittedError as error:
            if error.why:
                told = {"protocol": error.protocol, "detail": error.detail}
                self._tell("refused", address=address, why=error.why, **told)
        except ssl.SSLError:
            self._tell("refused", address=address, why="no tls")
        except (ProtocolError, OSError, EOFError, TimeoutError):
            pass  # no worker, so nobody needs to hear of it
        finally:
            self._not_pending(pending)
            if writer is None:
                connection.close()
            else:
                await _hang_up(writer)

    def _not_pending(self, pending: _PendingConnection) -> None:
        with suppress(ValueError):
            self._pending.remove(pending)

    async def _answer(self, question: StatusQuery, writer: StreamWriter) -> None:
        async with asyncio.timeout(_QUEUE_S):
            writer.write(await self._pages.read(question.line))
            await writer.drain()

    async def _relay(
        self,
        introduction: Introduction,
        connection: tuple[Reader, Inflow, StreamWriter],
        host: str,
        address: str,
    ) -> None:
        """Introduce a worker to the queue and relay their messages."""
        task = asyncio.current_task()
        assert task is not None
        if len(self._admitted) >= self._most_admitted:
            return
        worker = self._name(introduction.worker)
        self._admitted[task] = worker
        hello = introduction.hello
        own_host = hello.host or host
        try:
            await self.delays.wait(own_host, host)
            async with asyncio.timeout(_QUEUE_S):
                queue = await self._connect(address)
            self._numbers += 1
            called = numbered_host(own_host, self._numbers)
            queue[1].write(
                f"workqueue {hello.protocol} {called} {hello.system}\n"
                f"info worker-id {worker}\n".encode()
                + b"".join(line + b"\n" for line in introduction.lines)
            )
            relay = Relay(introduction, connection, queue, self._relay_rules)
            try:
                await relay.run()
            except ProtocolError as refusal:
                self._tell("misbehaved", address=address, host=own_host, why=str(refusal))
            finally:
                queue[1].close()
        finally:
            del self._admitted[task]

    def _report_full(self, number: int) -> None:
        self._tell("unwritable", why=os.strerror(number))

    def _name(self, own: str) -> str:
        """Return a worker's name, changed if another connected one has it."""
        if own not in self._admitted.values():
            return own
        self._numbers += 1
        return f"{own[:100]}-{self._numbers}"

    async def _connect(self, address: str = "") -> tuple[StreamReader, StreamWriter]:
        """Open a connection to the queue for a worker at an address, or for a status page."""
        if self._queue is None:
            raise ConnectionError("there is no queue yet")
        port, password = self._queue
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=CHUNK)
        try:
            own, own_port, *_ = writer.get_extra_info("sockname")
            if address:
                self._tell("peer", inner=f"{own}:{own_port}", outer=address)
            await enter(reader, writer, password)
        except BaseException:
            writer.close()
            raise
        return reader, writer


async def _hang_up(writer: StreamWriter) -> None:
    writer.close()
    with suppress(OSError, TimeoutError, asyncio.CancelledError):
        async with asyncio.timeout(1):
            await writer.wait_closed()
    with suppress(Exception):
        writer.transport.abort()


def _raise_limit() -> int:
    """Allow this process as many open files as it may have; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if 0 <= hard < _MOST_OPEN_FILES else _MOST_OPEN_FILES
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
        soft = max(soft, most)
    return soft


def tls_context(certificate: str, key: str) -> ssl.SSLContext:
    """Return the settings that encrypt connections, or raise `OSError` (`ssl.SSLError` is one)."""
    for file in (certificate, key):
        with open(file, "rb"):  # the error that there may be names the file, the next one does not
            pass
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
