"""Faults of the program: the log tells where they are, the answer only that there was one."""

from __future__ import annotations

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...errors.system import shown
from .answers import refuse

_log = logging.getLogger("eemt_core.web")


class Faults:
    """Answers 500 where an application fails in a way that nobody has foreseen."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        has_answered = False

        async def noticed(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        except Exception:
            if scope["type"] != "http" or has_answered:
                raise  # the server breaks the answer off, which is all that is left
            # without the query, which may hold what somebody typed
            _log.exception("a fault of the program: %s %s", scope["method"], shown(scope["path"]))
            detail = "a fault of the program: its log says more"
            await refuse(scope, receive, send, 500, detail)
