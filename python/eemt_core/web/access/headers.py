"""Headers of every answer: what a browser may do with our pages, and what may be kept.

Nothing but our own files is loaded or run (no inline script or style), no other page can frame us,
open us and keep a handle, or embed what we answer, and no page of ours is told to others.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = "; ".join(
    [
        "default-src 'self'",
        # Leaflet's empty tile and the symbols in style sheets are data of the page itself, and a
        # script may show a picture that it has fetched
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

_ALWAYS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for what does not know frame-ancestors
    "Referrer-Policy": "same-origin",  # with none, a form of ours would hide its origin too
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_ENCRYPTED_ONLY = "max-age=31536000"
_STATIC = "/static/"


class Headers:
    """Adds them to all answers of an application; one that sets ``Cache-Control`` keeps its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", _keeping(scope["path"]))
                if _has_host_to_itself(scope):
                    headers["Strict-Transport-Security"] = _ENCRYPTED_ONLY
            await send(message)

        await self._app(scope, receive, with_headers)


def _has_host_to_itself(scope: Scope) -> bool:
    """Say whether we speak TLS at the port that a host's own pages have.

    Browsers apply what is said there to all ports, so from another port it would take pages without
    TLS from whoever else serves some on this machine.
    """
    host = Request(scope).headers.get("host", "").rpartition("]")[2]
    return scope["scheme"] == "https" and host.rpartition(":")[2] in (host, "443")


def _keeping(path: str) -> str:
    """Return how long an answer may be kept: our own files until they change, all else not."""
    return "no-cache" if path.startswith(_STATIC) else "no-store"
