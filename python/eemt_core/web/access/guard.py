"""Lets nobody past who is not logged in, but for the few paths that are open to all."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .access import Access
from .answers import refuse

LOGIN_PAGE = "/login"
OPEN_PATHS = ("/health", LOGIN_PAGE, "/api/login")
OPEN_FOLDERS = ("/static/",)

_FOR_PROGRAMS = ("/api/", "/openapi.json", "/metrics")


class Guard:
    """Answers 401, or for a page leads to the login's, unless `access` admits who asks."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection, path = HTTPConnection(scope), scope["path"]
        reads, is_admitted = scope["method"] in ("GET", "HEAD"), self._access.admits(connection)
        if path == LOGIN_PAGE and is_admitted and reads:
            after = way_after_login(connection.query_params.get("next", ""))
            await RedirectResponse(after, 303)(scope, receive, send)
        elif is_admitted or path in OPEN_PATHS or path.startswith(OPEN_FOLDERS):
            await self._app(scope, receive, send)
        elif reads and not path.startswith(_FOR_PROGRAMS):
            query = scope["query_string"].decode("latin-1")
            wanted = quote(f"{path}?{query}" if query else path, safe="/")
            await RedirectResponse(f"{LOGIN_PAGE}?next={wanted}", 303)(scope, receive, send)
        else:
            await refuse(
                scope, receive, send, 401,
                "this needs a login: log in, or send a token",
                {"WWW-Authenticate": "Bearer"},
            )  # fmt: skip


def way_after_login(wanted: str) -> str:
    r"""Return the path to go to after a login: what was wanted if it is ours, else the first page.

    Examples
    --------
    >>> way_after_login("/monitor?state=running"), way_after_login("//evil.example")
    ('/monitor?state=running', '/')
    """
    # browsers take a backslash for a slash, and leave out tabs and line ends
    is_ours = (
        wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    )
    return wanted if is_ours and wanted.split("?")[0] != LOGIN_PAGE else "/"
