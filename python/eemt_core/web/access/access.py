"""Who may come in: one service's password, tokens, logins, and attempts at logging in."""

from __future__ import annotations

import asyncio

from starlette.requests import HTTPConnection

from ...errors import ArgumentError
from ..settings import WebSettings
from .attempts import Attempts
from .hosts import is_loopback
from .keys import Keys
from .sessions import SESSIONS_FILE, Sessions

_BEARER = "bearer "


class Access:
    """Decides about requests, from `open` to `close`.

    Raises
    ------
    ArgumentError
        If other machines could connect and no key was needed, or a file of keys cannot be used.
    """

    def __init__(self, settings: WebSettings) -> None:
        self._settings = settings
        self.keys = Keys(settings.password_file, settings.tokens_file)
        if not self.keys.are_needed:
            _require_alone(settings)
        self.attempts = Attempts()
        self.sessions: Sessions
        self._one_at_a_time = asyncio.Lock()

    def open(self) -> None:
        """Find the logins that last; the data folder is there by now."""
        self.sessions = Sessions(self._settings.data / SESSIONS_FILE)

    def close(self) -> None:
        """Let go of the file of logins."""
        self.sessions.close()

    def admits(self, connection: HTTPConnection) -> bool:
        """Say whether whoever asks is logged in, has a token, or needs neither."""
        if not self.keys.are_needed:
            return True
        header = connection.headers.get("authorization", "")
        if header[: len(_BEARER)].lower() == _BEARER:
            return self.keys.has_token(header[len(_BEARER) :].strip())
        key, password = connection.cookies.get(cookie_name(connection), ""), self.keys.password
        return bool(key) and password is not None and self.sessions.is_valid(key, str(password))

    async def log_in(self, address: str, password: str) -> str | None:
        """Return the key of a new login, or None if the password is wrong.

        Whether the address may try at all is asked of `attempts` beforehand.
        """
        wanted = self.keys.password
        if wanted is None:
            return None
        self.attempts.begin(address)
        async with self._one_at_a_time:  # each takes memory
            is_right = await asyncio.to_thread(wanted.fits, password)
        if not is_right:
            return None
        self.attempts.succeeded(address)
        return self.sessions.add(str(wanted))


def cookie_name(connection: HTTPConnection) -> str:
    """Return the cookie's name.

    Cookies are shared by all ports of a host, so services beside each other need different ones.
    Under TLS the name says that no other host may set it.
    """
    server = connection.scope.get("server") or ("", 0)
    prefix = "__Host-" if is_secure(connection) else ""
    return f"{prefix}eemt-{server[1]}"


def is_secure(connection: HTTPConnection) -> bool:
    """Say whether the browser speaks TLS, with us or with the trusted proxy."""
    return connection.url.scheme == "https"


def _require_alone(settings: WebSettings) -> None:
    reached = "" if is_loopback(settings.host) else settings.host
    reached = reached or next(iter(settings.server_names), "") or settings.trusted_proxy
    if reached:
        raise ArgumentError(
            f"others can reach the service by {reached}, and it has no password",
            remedy="write one with <<set_password=FILE>> and give <<password_file=FILE>>",
            field="host",
            value=settings.host,
        )
