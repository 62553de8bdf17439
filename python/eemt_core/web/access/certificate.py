"""The certificate for HTTPS, read again when it has been renewed."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from ...errors import ArgumentError
from .changes import state_of

_log = logging.getLogger("eemt_core.web")


class Certificate:
    """A certificate with its key.

    Raises
    ------
    ArgumentError
        If they cannot be used.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._certificate, self._key = certificate, key
        self._state = self._look()
        self.context = _context(certificate, key)
        """For a server: each new connection gets the certificate that lies in the file then."""
        self._newest = self.context
        # OpenSSL asks at the beginning of every connection, also where no name was given
        self.context.sni_callback = self._choose

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _of: ssl.SSLContext) -> None:
        state = self._look()
        if state != self._state:
            self._state = state
            try:
                self._newest = _context(self._certificate, self._key)
                _log.info("%s has been read again", self._certificate)
            except ArgumentError as error:  # as between the writing of the one and of the other
                _log.warning("the former certificate is used on: %s", error)
        connection.context = self._newest

    def _look(self) -> tuple[tuple[int, ...], ...]:
        return state_of(self._certificate), state_of(self._key)


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # an empty password: OpenSSL would ask for one at the terminal, where nobody may sit
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:  # OpenSSL's errors are of the system's kind
        reason = str(error) if isinstance(error, ssl.SSLError | ValueError) else error.strerror
        raise ArgumentError(
            f"{certificate} and {key} are no certificate with its key ({reason})",
            remedy="give both in PEM, the key without a passphrase",
            field="ssl_cert",
            value=certificate,
        ) from None
    return context
