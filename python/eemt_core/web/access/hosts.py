"""Under which names the service may be called.

A page of a stranger can have its own name lead to this machine (DNS rebinding). A browser then
takes it and us for one site, and only the ``Host`` header still tells the stranger's name. An
address in numbers cannot be made to lead elsewhere, so these are all taken, unless only this
machine may call.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from .answers import refuse

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?", re.IGNORECASE)
_MISDIRECTED = 421
_OF_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach what listens on a host.

    Examples
    --------
    >>> is_loopback("127.0.0.2"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    address = _address(host)
    return address.is_loopback if address else host.lower() == "localhost"


def is_here(connection: HTTPConnection) -> bool:
    """Say whether whoever asks is on this machine, as far as can be seen.

    A proxy on this machine says for whom it asks; who comes through a tunnel is taken for here.
    """
    client = connection.client.host if connection.client else ""
    host = urlsplit(f"//{connection.headers.get('host', '')}").hostname or ""
    is_handed_on = any(name in connection.headers for name in _OF_PROXIES)
    return is_loopback(client) and is_loopback(host) and not is_handed_on


class Hosts:
    """Refuses requests whose ``Host`` is no name of ours.

    Parameters
    ----------
    host
        Where the service listens.
    names
        Further names by which it is called, such as the one that a proxy in front of it has.
    """

    def __init__(self, app: ASGIApp, host: str, names: Iterable[str] = ()) -> None:
        self._app = app
        self._is_local = is_loopback(host)
        self._names = {"localhost", host.lower(), *(name.lower() for name in names)}
        if not self._is_local:
            self._names |= {socket.gethostname().lower(), socket.getfqdn().lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or self._is_ours(scope):
            await self._app(scope, receive, send)
            return
        await refuse(
            scope, receive, send, _MISDIRECTED,
            "the service is not known by this name: use the address that it was started with, or "
            "have the one who runs it add the name",
        )  # fmt: skip

    def _is_ours(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"host"]
        match = _HOST.fullmatch(given[0].decode("latin-1")) if len(given) == 1 else None
        if match is None:
            return False
        name = match[1].lower()
        if name.rstrip(".") in self._names:
            return True
        address = _address(name.strip("[]"))
        return address is not None and (address.is_loopback or not self._is_local)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
