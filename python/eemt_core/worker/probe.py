"""Questions to a manager, asked over the network: is it there, which protocol, which password.

A manager without a password answers a browser's question, and closes the connection of a worker
of another protocol at once; one with a password asks for it before anything else. Where workers
are to encrypt, all of this is said in TLS.
"""

from __future__ import annotations

import os
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import ArgumentError, InputError
from ..sizes import Address
from . import encryption
from .command import WorkerSettings, work_queue_worker_command, work_queue_worker_environment
from .events import WorkerEventKind
from .password import descriptor_path, password_descriptor
from .probe_host import PROBE_HOST
from .process import WorkerProcess
from .versions import VERSIONS, mismatch

_CONNECT_S = 10.0
_PATIENCE_S = 10.0
_STAYS_S = 1.0
_SETTLED_S = 2.0
_QUESTION = b"GET /queue_status HTTP/1.0\r\n\r\n"
_PASSWORD_WANTED, _PAGE = b"auth password", b"HTTP/1.1 200"


@dataclass(frozen=True)
class ManagerReply:
    """What a manager told of itself.

    Attributes
    ----------
    protocol
        The protocol that it speaks; None if it only tells those who know its password, or if it
        is none that we know.
    """

    protocol: int | None
    wants_password: bool


def resolve(address: Address) -> list[str]:
    """Return the numbers of a host's name, or raise `InputError`."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise InputError(
            f"the name {address.host} cannot be resolved ({error.strerror})",
            remedy="check how it is spelled, or give the manager's IP address",
        ) from None
    return sorted({str(where[0]) for *_, where in found})


def connect(address: Address, *, encrypted: bool = False) -> socket.socket:
    """Return a connection, or raise `InputError` saying why there is none.

    Raises
    ------
    ArgumentError
        If it is to be encrypted, and the manager there does not encrypt.
    """
    try:
        plain = socket.create_connection((address.host, address.port), timeout=_CONNECT_S)
        return _in_tls(plain, address) if encrypted else plain
    except TimeoutError:
        reason = f"no answer within {_CONNECT_S:g} s"
        remedy = "see whether the manager runs, and whether a firewall is in between"
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = "see whether the manager runs, and whether this is its port"
    raise InputError(
        f"{address} cannot be reached ({reason})", remedy=remedy, field="managers", value=address
    ) from None


def ask(
    address: Address, patience_s: float = _PATIENCE_S, *, encrypted: bool = False
) -> ManagerReply:
    """Return what the manager at `address` tells of itself.

    Raises
    ------
    InputError
        If nobody is there, or nobody who answers as a manager would.
    ArgumentError
        If one of us encrypts and the other does not.
    """
    answer = _first_words(address, _QUESTION, patience_s, encrypted)
    if answer is None:
        raise InputError(
            f"{address} takes connections but says nothing for {patience_s:g} s",
            remedy="check host and port, or try again later if the manager is very busy",
            field="managers",
            value=address,
        )
    if answer.startswith(_PASSWORD_WANTED):
        return ManagerReply(None, wants_password=True)
    is_page = answer.startswith(_PAGE)
    if not is_page and not encrypted and encryption.is_offered(address):
        raise encryption.missing(address)
    protocols = _kept(address, encrypted)
    if len(protocols) > 1:  # too busy to close the others in time
        raise InputError(f"{address} is very busy", remedy="try again later")
    if not protocols and not is_page:
        raise InputError(
            f"{address} does not answer as a manager of Work Queue",
            remedy="is this the manager's port, and not that of its web page?",
        )
    return ManagerReply(protocols[0] if protocols else None, wants_password=False)


def check_password(
    program: str,
    address: Address,
    password: str,
    folder: Path,
    protocol: int,
    *,
    encrypted: bool = False,
) -> None:
    """Connect as a worker that is too small for any task, to see whether the password fits.

    Raises
    ------
    ArgumentError
        If it is wrong.
    VersionError
        If it is right, and the manager then leaves a worker of this `protocol`.
    InputError
        If the manager does not answer.
    """
    settings = WorkerSettings((address,), 1, 1, 1, folder, encrypted=encrypted)
    with password_descriptor(password) as descriptor:
        assert descriptor is not None
        command = work_queue_worker_command(
            program, settings, [address], folder=folder, password_file=descriptor_path(descriptor)
        )
        run = WorkerProcess(
            command, work_queue_worker_environment(settings, os.environ), [descriptor]
        )
    hello: float | None = None
    deadline = time.monotonic() + _PATIENCE_S
    with run:
        for event in run.events():
            now = time.monotonic()
            kind = event.kind if event else None
            if kind is WorkerEventKind.WRONG_PASSWORD:
                raise wrong_password(address)
            if kind is WorkerEventKind.NO_PASSWORD_THERE:
                break  # it hung up, and had asked for one when we did
            if kind is WorkerEventKind.HELLO_SENT:
                hello = now
            if hello is not None:
                if kind is WorkerEventKind.DISCONNECTED:
                    raise mismatch(None, protocol)
                if kind is WorkerEventKind.MANAGER_MESSAGE or now > hello + _SETTLED_S:
                    return
            elif now > deadline:
                break
    raise InputError(
        f"{address} did not answer to the password", remedy="it may be very busy, try again"
    )


def wrong_password(where: Address | str) -> ArgumentError:
    """Return the error of a password that the manager does not take."""
    return ArgumentError(
        f"the manager at {where} has another password",
        remedy="give both sides the same one with <<password_file>>",
        field="password_file",
    )


def password_missing(where: Address | str) -> ArgumentError:
    """Return the error of a manager that wants a password where we have none."""
    return ArgumentError(
        f"the manager at {where} wants a password",
        remedy="give its file with <<password_file>>",
        field="password_file",
    )


def password_needless(where: Address | str) -> ArgumentError:
    """Return the error of a password where the manager has none."""
    return ArgumentError(
        f"the manager at {where} has no password",
        remedy="start it with the same <<password_file>>, or leave that out here",
        field="password_file",
    )


def _in_tls(plain: socket.socket, address: Address) -> socket.socket:
    """Return a connection with TLS on it, or raise the error that says why that cannot be."""
    try:
        return encryption.encrypted(plain, address.host)
    except OSError as error:
        answer = _first_words(address, _QUESTION, _STAYS_S)
        if answer is not None and answer.startswith((_PASSWORD_WANTED, _PAGE)):
            raise encryption.needless(address) from None
        reason = error.strerror or str(error)
        raise InputError(
            f"{address} takes connections but does not answer in TLS ({reason})",
            remedy="check host and port, or try again later if the manager is very busy",
            field="managers",
            value=address,
        ) from None


def _kept(address: Address, encrypted: bool) -> list[int]:
    """Return the protocols whose workers the manager keeps: one, unless it has no time to look."""
    for patience_s in (_STAYS_S, 3 * _STAYS_S):
        kept = []
        for protocol in VERSIONS:
            hello = f"workqueue {protocol} {PROBE_HOST} Linux x86_64 0\n"
            if _first_words(address, hello.encode(), patience_s, encrypted) is None:
                kept.append(protocol)
        if len(kept) < 2:
            break
    return kept


def _first_words(
    address: Address, question: bytes, patience_s: float, encrypted: bool = False
) -> bytes | None:
    """Return what is said before the connection closes; None if it stays open in silence."""
    with connect(address, encrypted=encrypted) as connection:
        connection.settimeout(patience_s)
        try:
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(question)
            return connection.recv(4096)
        except TimeoutError:
            return None
        except (ConnectionError, ssl.SSLError):
            return b""
