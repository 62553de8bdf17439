"""Listening: one process, until a signal ends it."""

from __future__ import annotations

import errno
import socket
import ssl
from pathlib import Path
from types import FrameType

import uvicorn

from ..errors import ArgumentError
from .access.hosts import is_loopback
from .app import create_app
from .service import Service
from .settings import WebSettings


class _Server(uvicorn.Server):
    """Ends streams at once when it is told to end; it would wait for them to end by themselves."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note that the end is near, then end as usual."""
        self._service.is_ending = True
        super().handle_exit(sig, frame)


def serve(settings: WebSettings) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises
    ------
    ArgumentError
        If the address cannot be listened on, or the certificate cannot be used.
    """
    app = create_app(settings)
    listener = _listener(settings.host, settings.port)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=5,
        # uvicorn would believe all on this machine about who asks
        proxy_headers=bool(settings.trusted_proxy),
        forwarded_allow_ips=settings.trusted_proxy,
    )
    if settings.tls:
        context = _tls_context(*settings.tls)
        config.ssl_certfile, config.ssl_keyfile = settings.tls
        config.ssl_context_factory = lambda _config, _default: context
    _Server(config, app.state.service).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        if is_loopback(host) and not is_loopback(str(address[0])):
            raise OSError(errno.EADDRNOTAVAIL, f"it leads to {address[0]}")
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


def _tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # an empty password: OpenSSL would ask for one at the terminal, where nobody may sit
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:  # OpenSSL's errors are of the system's kind
        reason = error.strerror if isinstance(error, FileNotFoundError) else str(error)
        raise ArgumentError(
            f"{certificate} and {key} are no certificate with its key ({reason})",
            remedy="give both in PEM, the key without a passphrase",
            field="ssl_cert",
            value=certificate,
        ) from None
    return context
