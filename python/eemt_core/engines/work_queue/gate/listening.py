"""The sockets on the port that the user gave."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress

FIRST_FREE_PORT, LAST_FREE_PORT = 9123, 32767
_BACKLOG = 512


class CannotListenError(Exception):
    """No port could be had; `port` says whether the port (else the address) is at fault."""

    def __init__(self, why: str, *, port: bool) -> None:
        super().__init__(why)
        self.port = port


def listen(address: str, ports: tuple[int, int]) -> socket.socket:
    """Return a socket that listens on the first free port of a range.

    Parameters
    ----------
    address
        The one to listen on alone, IPv4 or IPv6; empty: all of this machine.
    ports
        Lowest and highest; (0, 0): any.

    Raises
    ------
    CannotListenError
        If there is no such address here, or no free port.
    """
    low, high = ports if ports != (0, 0) else (FIRST_FREE_PORT, LAST_FREE_PORT)
    error: OSError | None = None
    for port in range(low, high + 1):
        try:
            return _listen(address, port)
        except OSError as failure:
            if failure.errno == errno.EADDRNOTAVAIL or isinstance(failure, socket.gaierror):
                raise CannotListenError(failure.strerror or str(failure), port=False) from None
            error = failure
    assert error is not None
    raise CannotListenError(error.strerror or str(error), port=True)


def _listen(address: str, port: int) -> socket.socket:
    if not address:
        with suppress(OSError):
            return _open(socket.AF_INET6, ("::", port), both=True)
        return _open(socket.AF_INET, ("0.0.0.0", port))
    family, *_, where = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return _open(family, where)


def _open(family: int, where: tuple[object, ...], *, both: bool = False) -> socket.socket:
    there = socket.socket(family, socket.SOCK_STREAM)
    try:
        there.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            there.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not both)
        there.bind(where)
        there.listen(_BACKLOG)
        there.setblocking(False)
    except OSError:
        there.close()
        raise
    return there


def peer_of(there: socket.socket) -> tuple[str, str]:
    """Return the address of a connection's other end, alone and with its port."""
    host, port, *_ = there.getpeername()
    host = host.removeprefix("::ffff:").partition("%")[0]
    return host, f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
