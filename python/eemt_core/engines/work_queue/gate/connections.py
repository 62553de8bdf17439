"""Lets workers in, one after the other and all at once: who comes, how many, for how long."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from .buffers import CHUNK
from .challenge import enter
from .handshake import Introduction, NotAdmittedError, StatusQuery, shake_hands
from .listening import peer_of
from .newcomers import JoinDelays, numbered_host
from .protocol import ProtocolError
from .relay import Relay
from .status_pages import StatusPages

ENTRY_S = 10.0
"""How long a worker may take to show who it is, password and all."""

_MOST_ENTERING, _MOST_ENTERING_OF_ONE = 256, 64
_QUEUE_S = 60.0
_FILES_OF_ONE = 6
_MOST_OPEN_FILES = 16384
_RESTING_S = 0.1
_LAST_WORDS_S = 2.0


@dataclass
class AdmissionRules:
    """What the gate asks of those who come.

    Attributes
    ----------
    protocol
        Number of the protocol that is spoken here.
    password
        What they must know; empty for none.
    tls
        Encrypts the connection, or None.
    patience_s
        How long a worker may stand still in the middle of a transfer.
    folder
        Where results wait.
    """

    protocol: int
    password: str
    tls: ssl.SSLContext | None
    patience_s: float
    folder: Path


@dataclass(eq=False)
class _PendingConnection:
    """Somebody who has not shown yet who it is."""

    host: str
    task: asyncio.Task[None] = field(init=False)


class ConnectionServer:
    """Everybody who is connected."""

    def __init__(self, rules: AdmissionRules, tell: Callable[..., None]) -> None:
        self._rules, self._tell = rules, tell
        self._queue: tuple[int, str] | None = None  # its port and password
        self._entering: list[_PendingConnection] = []
        self._inside: dict[asyncio.Task[None], str] = {}  # and the name of its worker
        self._numbers = 0
        self.delays = JoinDelays()
        self._most_inside = _raise_limit() // _FILES_OF_ONE
        self._pages = StatusPages(self._connect)

    def use_queue(self, port: int, password: str) -> None:
        """Bring who comes from now on to the queue on this port; those of another one are gone."""
        self._queue = (port, password)
        for task in self._inside:
            task.cancel()

    async def flush(self) -> None:
        """Let the queue's last words reach the workers, for a moment."""
        if self._inside:
            await asyncio.wait(list(self._inside), timeout=_LAST_WORDS_S)

    async def serve(self, listener: socket.socket) -> None:
        """Take connections until the end."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                there, _ = await loop.sock_accept(listener)
                host, address = peer_of(there)
            except OSError:  # it is gone already, or there are too many
                await asyncio.sleep(_RESTING_S)
                continue
            self._make_room(host)
            guest = _PendingConnection(host)
            guest.task = asyncio.create_task(self._receive(guest, there, host, address))
            self._entering.append(guest)

    def _make_room(self, host: str) -> None:
        """Send the longest waiting away where too many wait, first those of the same address.

        A worker is in after a few exchanges; it is seldom the one that has waited longest.
        """
        own = [guest for guest in self._entering if guest.host == host]
        for crowd, most in ((own, _MOST_ENTERING_OF_ONE), (self._entering, _MOST_ENTERING)):
            if len(crowd) >= most:
                crowd[0].task.cancel()
                self._entering.remove(crowd[0])
                return

    async def _receive(
        self, entering: _PendingConnection, there: socket.socket, host: str, address: str
    ) -> None:
        loop = asyncio.get_running_loop()
        reader = StreamReader(CHUNK)
        protocol = asyncio.StreamReaderProtocol(reader)
        writer: StreamWriter | None = None
        try:
            async with asyncio.timeout(ENTRY_S):
                transport, _ = await loop.connect_accepted_socket(
                    lambda: protocol, there, ssl=self._rules.tls
                )
                writer = StreamWriter(transport, protocol, reader, loop)
                rules = self._rules
                guest = await shake_hands(
                    reader, writer, password=rules.password, protocol=rules.protocol
                )
            self._is_in(entering)
            if isinstance(guest, StatusQuery):
                await self._answer(guest, writer)
            else:
                await self._bring(guest, reader, writer, host, address)
        except NotAdmittedError as error:
            if error.why:
                self._tell("refused", address=address, why=error.why, protocol=error.protocol)
        except ssl.SSLError:
            self._tell("refused", address=address, why="no tls")
        except (ProtocolError, OSError, EOFError, TimeoutError):
            pass  # nobody that we know
        finally:
            self._is_in(entering)
            if writer is None:
                there.close()
            else:
                await _hang_up(writer)

    def _is_in(self, entering: _PendingConnection) -> None:
        with suppress(ValueError):
            self._entering.remove(entering)

    async def _answer(self, question: StatusQuery, writer: StreamWriter) -> None:
        async with asyncio.timeout(_QUEUE_S):
            writer.write(await self._pages.read(question.line))
            await writer.drain()

    async def _bring(
        self,
        guest: Introduction,
        reader: StreamReader,
        writer: StreamWriter,
        host: str,
        address: str,
    ) -> None:
        """Show a worker to the queue and stay between them."""
        task = asyncio.current_task()
        assert task is not None
        if len(self._inside) >= self._most_inside:
            return
        worker = self._name(guest.worker)
        self._inside[task] = worker
        hello = guest.hello
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
                + b"".join(line + b"\n" for line in guest.lines)
            )
            rules = self._rules
            relay = Relay(guest, (reader, writer), queue, rules.folder, rules.patience_s)
            try:
                await relay.run()
            except ProtocolError as refusal:
                self._tell("misbehaved", address=address, host=own_host, why=str(refusal))
            finally:
                queue[1].close()
        finally:
            del self._inside[task]

    def _name(self, own: str) -> str:
        """Return a worker's name, changed if another goes by it."""
        if own not in self._inside.values():
            return own
        self._numbers += 1
        return f"{own[:100]}-{self._numbers}"

    async def _connect(self, address: str = "") -> tuple[StreamReader, StreamWriter]:
        """Open a connection to the queue for somebody at an address."""
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
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
