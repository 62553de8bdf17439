"""The service's logs: what it did, and who asked for what, in files that rotate.

No secret is written: of a request its path without the query, never its headers or its body.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from ..errors.system import cannot_write, shown
from ..files import private_file, private_folder

SERVICE_LOG, ACCESS_LOG = "service.log", "access.log"
_BYTES, _FILES = 10 * 2**20, 5
_FORM = "%(asctime)s %(levelname)s %(message)s"
_LOGGERS = {SERVICE_LOG: ("eemt_core", "uvicorn"), ACCESS_LOG: ("eemt_core_web_access",)}

_access = logging.getLogger("eemt_core_web_access")
_access.propagate = False

_QUIET = ("/health", "/static/")
"""Asked for without end, and nothing to learn from."""


class _OwnersFile(RotatingFileHandler):
    """A log that nobody else may read."""

    def _open(self) -> Any:
        private_file(Path(self.baseFilename))
        return super()._open()


class _OneLine(logging.Formatter):
    """A form whose sentence is one line; what a fault has to say of itself follows."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%SZ"
    default_msec_format = None

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = shown(record.message)
        return super().formatMessage(record)


@contextmanager
def log_to_files(folder: Path) -> Iterator[None]:
    """Write the logs into files of a folder, six of 10 MiB each at most.

    Raises
    ------
    EemtError
        If they cannot be written.
    """
    added: list[tuple[logging.Logger, _OwnersFile]] = []
    try:
        private_folder(folder)
        for name, loggers in _LOGGERS.items():
            handler = _OwnersFile(
                folder / name, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8",
                errors="backslashreplace",
            )  # fmt: skip
            handler.setFormatter(_OneLine(_FORM))
            for logger in map(logging.getLogger, loggers):
                logger.setLevel(logging.INFO)
                logger.addHandler(handler)
                added.append((logger, handler))
    except OSError as error:
        raise cannot_write(folder, error) from None
    try:
        yield
    finally:
        for logger, handler in added:
            logger.removeHandler(handler)
            handler.close()


class AccessLog:
    """Middleware that notes each request when it has been answered."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, and note it."""
        if scope["type"] != "http" or scope["path"].startswith(_QUIET):
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def sent(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            client = (scope.get("client") or ("-",))[0]
            _access.info(
                "%s %s %s %d %.0f ms",
                client,
                scope["method"],
                scope["path"],
                status,
                (time.perf_counter() - began) * 1000,
            )
