"""Answers that are made while they are sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class ClosingResponse(StreamingResponse):
    """Sends what a generator makes, and closes the generator, also when the reader goes away.

    The error by which the server is told of that refers to the generator. What it holds, an open
    file or one of a limited number, would be held until Python happens to look for such circles.
    """

    def __init__(
        self, content: Generator[bytes, None, None] | AsyncGenerator[str, None], **options: Any
    ) -> None:
        super().__init__(content, **options)
        self._content = content

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all of it, or what the reader wants of it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if isinstance(self._content, AsyncGenerator):
                await self._content.aclose()
            else:
                self._content.close()
