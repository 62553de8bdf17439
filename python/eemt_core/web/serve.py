"""Listening: one process, until a signal ends it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from ..errors import ArgumentError
from .access.certificate import Certificate
from .access.hosts import is_loopback
from .app import create_app
from .connections import Listener, Prompt, most_connections
from .logs import log_to_files
from .service import Service
from .settings import WebSettings

_BACKLOG = 2048
_REMEDIES = {
    errno.EADDRINUSE: "end what listens there, or give another <<port>>",
    errno.EACCES: "give a <<port>> from 1024 on",
    errno.EADDRNOTAVAIL: "give an address of this machine with <<host>>",
}


class _Server(uvicorn.Server):
    """Ends streams at once when it is told to end; it would wait for them to end by themselves."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note that the end is near, then end as usual."""
        self._service.is_ending = True
        super().handle_exit(sig, frame)


def serve(
    settings: WebSettings,
    ready: Callable[[str], None] = lambda _: None,
    service: Service | None = None,
    *,
    only_reads: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM; runs go on.

    Parameters
    ----------
    ready
        Is told the address to open, once whoever opens it is answered.
    service
        Another service than that of the settings' data folder.
    only_reads
        Whether nothing can be changed through it.

    Raises
    ------
    EemtError
        If the address cannot be listened on, the certificate cannot be used, or the data folder
        cannot be used.
    """
    service = service or Service(settings)
    config = _config(settings, create_app(settings, service, only_reads=only_reads))
    with _listener(settings.host, settings.port, settings.trusted_proxy) as listener:
        service.open()
        try:
            with log_to_files(settings.logs):
                listener.listen(_BACKLOG)
                ready(address_of(listener, is_encrypted=settings.tls is not None))
                _Server(config, service).run(sockets=[listener])
        finally:
            service.close()


def address_of(listener: socket.socket, *, is_encrypted: bool) -> str:
    """Return the address to open: where all of this machine's are listened on, by its name."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = socket.gethostname()
    if ":" in host:
        host = f"[{host}]"
    return f"{'https' if is_encrypted else 'http'}://{host}:{port}/"


def _config(settings: WebSettings, app: FastAPI) -> uvicorn.Config:
    certificate = Certificate(*settings.tls) if settings.tls else None
    config = uvicorn.Config(
        app,
        log_config=None,  # ours
        access_log=False,  # it would have the query, and what may be in it
        server_header=False,
        ws="none",
        http=Prompt,
        timeout_graceful_shutdown=5,
        # uvicorn would believe all on this machine about who asks
        proxy_headers=bool(settings.trusted_proxy),
        forwarded_allow_ips=settings.trusted_proxy,
    )
    if settings.tls and certificate:
        config.ssl_certfile, config.ssl_keyfile = settings.tls
        config.ssl_context_factory = lambda _config, _default: certificate.context
    return config


def _listener(host: str, port: int, proxy: str) -> Listener:
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        if is_loopback(host) and not is_loopback(str(address[0])):
            raise OSError(errno.EADDRNOTAVAIL, f"it leads to {address[0]}")
    except (OSError, UnicodeError) as error:
        raise ArgumentError(
            f"{host!r} is no address of this machine ({getattr(error, 'strerror', error)})",
            remedy="give another <<host>>",
            field="host",
            value=host,
        ) from None
    listener = Listener(family, kind, most=most_connections(), proxy=proxy)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        remedy = _REMEDIES.get(error.errno or 0, "check <<host>> and <<port>>")
        raise ArgumentError(
            f"{host}:{port} cannot be listened on ({error.strerror})",
            remedy=remedy,
            field="host" if "host" in remedy else "port",
            value=f"{host}:{port}",
        ) from None
    return listener
