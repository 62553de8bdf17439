"""Statuses and catalogs over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ..errors import InputError
from ..journal import Status, from_document
from ..worker.probe import read_answer

_TIMEOUT_S = 20.0
_LARGEST_BYTES = 64_000_000
_LARGEST = 10**11  # of a number that a catalog tells; as a time it is a year of four digits
_CATALOG_PORT = 9097
_MANAGER_TYPES = ("wq_master", "wq_manager")
_STATUS_PATH = "api/status"


@dataclass(frozen=True)
class CatalogEntry:
    """A queue that a catalog lists; `heard_utc` is when it last reported itself."""

    project: str
    host: str
    address: str
    port: int
    tasks_waiting: int
    tasks_running: int
    tasks_done: int
    workers: int
    version: str
    owner: str
    heard_utc: str


def fetch_status(url: str) -> Status:
    """Return the status that `url`, or ``api/status`` below it, answers with.

    Raises
    ------
    InputError
        If nothing answers there, or something else.
    VersionError
        If a version with another layout of the status answers.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InputError(f"{url!r} is no address: write http://HOST:PORT") from None
    below = urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{_STATUS_PATH}"))
    remedy = "check the address and that eemt-web runs there"
    for address in (url, below):
        text = _fetch(address, remedy)
        document = None if text is None else _json(text)
        if document is not None:
            return from_document(document, address)
    raise InputError(f"{url} answers but is no status of eemt-run: {remedy}")


def fetch_managers(catalog: str, project: str | None = None) -> tuple[CatalogEntry, ...]:
    """Return the Work Queue managers in the catalog at ``HOST:PORT``, all or those of a project.

    Raises
    ------
    InputError
        If no catalog answers there.
    """
    try:
        parts = urlsplit(f"//{catalog}")
        host, port = parts.hostname, parts.port or _CATALOG_PORT
    except ValueError:
        host, port = None, 0
    if not host or parts.path or not host.isprintable() or " " in host:
        raise InputError(f"{catalog!r} is no address of a catalog: write HOST:PORT")
    host = f"[{host}]" if ":" in host else host
    remedy = "check the address and that catalog_server runs there"
    text = _fetch(f"http://{host}:{port}/query.json", remedy)
    entries = None if text is None else _json(text)
    if not isinstance(entries, list):
        raise InputError(f"{catalog} answers but is no catalog of Work Queue: {remedy}")
    managers = [_manager(e) for e in entries if isinstance(e, dict) and _is_manager(e)]
    wanted = [m for m in managers if project is None or m.project == project]
    return tuple(sorted(wanted, key=lambda m: (m.project, m.host, m.port)))


def _is_manager(entry: Mapping[str, Any]) -> bool:
    return entry.get("type") in _MANAGER_TYPES


def _manager(entry: Mapping[str, Any]) -> CatalogEntry:
    def number(key: str) -> int:
        value = entry.get(key)
        return int(value) if isinstance(value, int | float) and 0 <= value < _LARGEST else 0

    def text(key: str) -> str:
        return str(entry.get(key, ""))

    heard = number("lastheardfrom")
    return CatalogEntry(
        project=text("project"),
        host=text("name"),
        address=text("address"),
        port=number("port"),
        tasks_waiting=number("tasks_waiting"),
        tasks_running=number("tasks_running"),
        tasks_done=number("tasks_done"),
        workers=number("workers"),
        version=text("version"),
        owner=text("owner"),
        heard_utc=datetime.fromtimestamp(heard, UTC).isoformat(timespec="seconds"),
    )


def _fetch(url: str, remedy: str) -> bytes | None:
    """Return what `url` answers with, None if it has no such page."""
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:
            text = read_answer(answer, _LARGEST_BYTES + 1, _TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 404:
            return None
        raise InputError(f"{url} answers with error {error.code}: {remedy}") from None
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise InputError(f"{url} does not answer ({reason}): {remedy}") from None
    if len(text) > _LARGEST_BYTES:
        raise InputError(f"{url} answers with more than {_LARGEST_BYTES // 10**6} MB: {remedy}")
    return text


def _json(text: bytes) -> object:
    """Return the JSON value in `text`, None if it is something else."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value
