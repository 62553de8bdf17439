"""What pages of others may have a browser ask of us: to open a page of ours, and nothing else.

A browser sends requests for whatever page it shows, with our cookie or, on loopback, to where no
cookie is needed. It says of each whose page asked (``Sec-Fetch-Site``; older ones ``Origin`` where
something may be changed). Programs send neither header; they are no browser that a page misleads.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from .answers import refuse

_READING = ("GET", "HEAD", "OPTIONS")
_OF_US = ("same-origin", "none")
"""``none``: the user asked, by an address typed in or a bookmark."""


class CrossSite:
    """Refuses what a page of another site asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "websocket":  # there are none, and no header here would protect them
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http" or _is_allowed(scope["method"], Headers(scope=scope)):
            await self._app(scope, receive, send)
        else:
            await refuse(
                scope, receive, send, 403,
                "a page of another site asked for this: use the pages of this service",
            )  # fmt: skip


def _is_allowed(method: str, headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is None:
        return method in _READING or _is_own_origin(headers)
    # a link to us may be followed; a picture, a frame or a script of ours may not be used
    opens_page = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
    return site in _OF_US or (method in _READING and opens_page == ("navigate", "document"))


def _is_own_origin(headers: Headers) -> bool:
    """Say whether ``Origin``, if there is one, is the host that was asked.

    The scheme is not compared: where a proxy speaks TLS for us we do not know it.
    """
    origins = headers.getlist("origin")
    if not origins:
        return True
    if len(origins) > 1:
        return False
    try:
        return urlsplit(origins[0]).netloc.lower() == headers.get("host", "").lower() != ""
    except ValueError:
        return False
