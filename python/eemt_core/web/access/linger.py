"""Answers that come before a body has been read whole: the rest is taken and thrown away.

Closing a connection on which data still come resets it. Whoever sends then sees the reset and not
the answer: a browser says that the network failed, and a proxy makes 502 of it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_S, PAUSE_S = 30.0, 5.0
"""How long the rest of a body is taken, and how long nothing may come (nginx does the same)."""


class Linger:
    """Ends an answer only when the request's body has come, or has had its time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        is_whole = False

        async def noticed() -> Message:
            nonlocal is_whole
            message = await receive()
            is_whole = not message.get("more_body", False)
            return message

        async def lingering(message: Message) -> None:
            ends = message["type"] == "http.response.body" and not message.get("more_body", False)
            if not ends or is_whole:
                await send(message)
                return
            await send({**message, "more_body": True})
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_S):
                    while not is_whole:
                        await asyncio.wait_for(noticed(), PAUSE_S)
            await send({"type": "http.response.body"})

        await self._app(scope, noticed, lingering)


def _has_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0 "))
        for name, value in scope["headers"]
    )
