"""Listening: one process, until a signal ends it."""

from __future__ import annotations

import errno
import socket

import uvicorn

from ..errors import ArgumentError
from .app import create_app
from .settings import WebSettings


def serve(settings: WebSettings) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises
    ------
    ArgumentError
        If the address cannot be listened on.
    """
    listener = _listener(settings.host, settings.port)
    config = uvicorn.Config(
        create_app(settings),
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
        ssl_certfile=settings.tls[0] if settings.tls else None,
        ssl_keyfile=settings.tls[1] if settings.tls else None,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        remedy = "give another <<port>>" if error.errno == errno.EADDRINUSE else "check <<host>>"
        raise ArgumentError(
            f"{host}:{port} cannot be listened on ({error.strerror})", remedy=remedy, field="port",
            value=port,
        ) from None  # fmt: skip
    return listener
