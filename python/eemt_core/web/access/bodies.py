"""How long a request's body may be, and how slowly it may come.

The body of a form is read into memory, so it is held to little; uploads stream to the disk and have
a limit of their own. Whoever stops in the middle does not hold a connection for ever.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .answers import refuse

FORM_BYTES = 2**20
"""The longest body that is no upload."""

PATIENCE_S = 60.0
"""How long a body may lag behind the slowest pace that is borne; so the longest pause, too."""

_SLOWEST_BYTES_S = 1024.0
"""Slower than any line; who sends a byte now and then would hold a connection for years."""

_TOO_LONG = "what was sent is longer than {} MiB: send less"
_TOO_SLOW = "it came too slowly: send it again, over a better line"


class Bodies:
    """Answers 413 to bodies that are too long and 408 to those that stop coming.

    Parameters
    ----------
    most_bytes
        Says for a path how long a body may be.
    """

    def __init__(self, app: ASGIApp, most_bytes: Callable[[str], int]) -> None:
        self._app, self._most_bytes = app, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._most_bytes(scope["path"])
        too_long = _TOO_LONG.format(most // 2**20)
        if _declared(scope) > most:
            await refuse(scope, receive, send, 413, too_long)
            return
        got, is_whole, has_answered, patience_s = 0, False, False, PATIENCE_S

        async def limited() -> Message:
            nonlocal got, is_whole, patience_s
            if is_whole:  # what comes now is that the client has gone
                return await receive()
            began = time.monotonic()
            try:
                message = await asyncio.wait_for(receive(), patience_s)
            except TimeoutError:
                raise HTTPException(408, _TOO_SLOW, {"Connection": "close"}) from None
            if message["type"] == "http.request":
                came = len(message.get("body", b""))
                got += came
                patience_s -= time.monotonic() - began - came / _SLOWEST_BYTES_S
                patience_s = min(patience_s, PATIENCE_S)
                is_whole = not message.get("more_body", False)
            else:
                is_whole = True
            if got > most:
                raise HTTPException(413, too_long, {"Connection": "close"})
            return message

        async def noticed(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        try:
            await self._app(scope, limited, noticed)
        except HTTPException as error:  # the application did not make an answer of it
            if has_answered:
                raise
            await refuse(scope, receive, send, error.status_code, error.detail)


def _declared(scope: Scope) -> int:
    given = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(given) if given.isdigit() else 0
