"""Work Queue's catalog: which managers there are, and where they listen.

Anybody may report to a catalog, so each field of an entry is read as a stranger's word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from ..errors import ArgumentError, InputError
from ..files.remote import fetch_json
from ..numerals import whole
from ..sizes import CATALOG_PORT, Address, parse_addresses

_MANAGER_TYPES = ("wq_master", "wq_manager")
_LARGEST = 10**11  # of a number; as a time it is a year of four digits


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


def fetch_managers(
    catalog: str,
    project: str | None = None,
    *,
    remedy: str = "check the address and that catalog_server runs there",
) -> tuple[CatalogEntry, ...]:
    """Return the Work Queue managers in the catalog at ``HOST:PORT``, all or those of a project.

    Raises
    ------
    InputError
        If no catalog answers there; the sentence ends with `remedy`.
    """
    try:
        parts = urlsplit(f"//{catalog}")
        host, port = parts.hostname, parts.port or CATALOG_PORT
    except ValueError:
        host, port = None, 0
    if not host or parts.path or not host.isprintable() or " " in host:
        raise InputError(
            f"{catalog!r} is no address of a catalog",
            remedy="write HOST:PORT",
            field="catalog",
            value=catalog,
        )
    host = f"[{host}]" if ":" in host else host
    entries = fetch_json(f"http://{host}:{port}/query.json", remedy)
    if not isinstance(entries, list):
        raise InputError(
            f"{catalog} answers but is no catalog of Work Queue",
            remedy=remedy,
            field="catalog",
            value=catalog,
        )
    listed = (entry for entry in entries if isinstance(entry, dict))
    managers = [_manager(entry) for entry in listed if entry.get("type") in _MANAGER_TYPES]
    wanted = [m for m in managers if project is None or m.project == project]
    return tuple(sorted(wanted, key=lambda m: (m.project, m.host, m.port)))


def find_managers(project: str, catalog: Address) -> tuple[Address, ...]:
    """Return where the managers of a project listen, the one that was heard last first.

    Raises
    ------
    InputError
        If the catalog cannot be asked, or does not know the project.
    """
    remedy = "check <<catalog>>, or name the manager with <<managers>>"
    entries = fetch_managers(str(catalog), project, remedy=remedy)
    latest_first = sorted(entries, key=lambda entry: entry.heard_utc, reverse=True)
    found = [place for entry in latest_first for place in _place(entry)]
    if not found:
        raise InputError(
            f"the catalog at {catalog} knows no manager of project {project}",
            remedy="check the name, and that the manager was started with this project and catalog",
            field="project",
            value=project,
        )
    return tuple(found)


def _manager(entry: Mapping[str, Any]) -> CatalogEntry:
    def number(key: str) -> int:
        value = entry.get(key)
        told = value if isinstance(value, int | float) else whole(str(value)) or 0
        return int(told) if 0 <= told < _LARGEST else 0

    def text(key: str) -> str:
        return str(entry.get(key, ""))

    heard = datetime.fromtimestamp(number("lastheardfrom"), UTC)
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
        heard_utc=heard.isoformat(timespec="seconds"),
    )


def _place(entry: CatalogEntry) -> tuple[Address, ...]:
    """Return where a manager listens; nothing if its address is none."""
    try:
        places = parse_addresses(f"{entry.address}:{entry.port}")
    except ArgumentError:
        return ()
    return places if len(places) == 1 else ()
