"""The file in which a manager says where it listens: found by workers that share its folder.

The manager writes it whole and removes it at its end. One that was killed leaves it behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import EemtError, InputError
from ..files import read_json
from ..sizes import Address

_LONGEST_BYTES = 2**16


@dataclass(frozen=True)
class Announced:
    """Where a manager listens, and since when (UTC in ISO 8601)."""

    address: Address
    started: str


def announced(path: Path) -> Announced | None:
    """Return what a manager's file says; None before the manager's start and after its end.

    Raises
    ------
    InputError
        If it is no such file.
    """
    remedy = "name the manager.json in the folder of a run with <<manager_file>>"
    try:
        found = read_json(path, _LONGEST_BYTES)
    except EemtError as error:
        # asked afterwards, since the manager may end at any moment
        if not path.exists():
            return None
        raise InputError(error.what, remedy=remedy, field="manager_file", value=path) from None
    host, port, started = (found.get(name) for name in ("host", "port", "started"))
    if not (isinstance(host, str) and host and type(port) is int and 0 < port < 65536):
        raise InputError(
            f"{path} does not say where a manager listens",
            remedy=remedy,
            field="manager_file",
            value=path,
        )
    return Announced(Address(host, port), str(started))
