"""What is answered in place of the application, in the form of all its other errors."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send


async def refuse(
    scope: Scope,
    receive: Receive,
    send: Send,
    code: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Answer a request with a status code and one sentence, whatever it would have sent.

    The connection is closed, since a body that nobody reads may still be under way on it.
    """
    answer = JSONResponse(
        {"detail": detail, "field": ""},
        status_code=code,
        headers={"Connection": "close", **(headers or {})},
    )
    await answer(scope, receive, send)
