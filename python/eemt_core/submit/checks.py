"""Checks of an order's parts, each with one sentence and its remedy."""

from __future__ import annotations

from pathlib import Path

from ..errors import ArgumentError
from ..sizes import Address
from ..worker.password import others_can_read, read_password

_MOST = 10**9
_ITS_OWN = frozenset(
    {"localhost", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback", "127", "0"}
)
"""What the names and addresses begin with that every machine has for itself."""


def check_number(name: str, number: int) -> None:
    """Raise `ArgumentError` unless there can be so many."""
    if not 1 <= number <= _MOST:
        raise ArgumentError(
            f"{number} is no number of {name.replace('_', ' ')}",
            remedy=f"give 1 to {_MOST} with <<{name}>>",
            field=name,
            value=number,
        )


def check_text(name: str, text: str) -> None:
    """Raise `ArgumentError` if a text would be more than one line, or hides something."""
    if not text.isprintable():
        raise ArgumentError(
            f"{text!r:.80} cannot stand in one line of a script",
            remedy=f"write <<{name}>> without line breaks and control characters",
            field=name,
            value=text,
        )


def check_path(name: str, path: Path) -> None:
    """Raise `ArgumentError` unless a path means the same wherever a job runs."""
    check_text(name, str(path))
    if not path.is_absolute():
        raise ArgumentError(
            f"{path} depends on where a job runs",
            remedy=f"write <<{name}>> as a path from / on",
            field=name,
            value=path,
        )


def check_is_there(name: str, path: Path) -> None:
    """Raise `ArgumentError` if there is no such file."""
    if not path.is_file():
        raise ArgumentError(
            f"there is no file {path}",
            remedy=f"give another <<{name}>>",
            field=name,
            value=path,
        )


def check_password_file(path: Path) -> None:
    """Raise `ArgumentError` unless a file holds a password that its owner alone can read."""
    check_path("password_file", path)
    read_password(path)
    if others_can_read(path):
        raise ArgumentError(
            f"the password file {path} can be read by others",
            remedy=f"chmod 600 {path}",
            field="password_file",
            value=path,
        )


def check_is_seen_from_elsewhere(name: str, address: Address) -> None:
    """Raise `ArgumentError` if every machine takes an address for its own."""
    host = address.host.lower()
    if host.partition(".")[0] in _ITS_OWN:
        raise ArgumentError(
            f"{address.host} is, for a job, the machine that the job runs on",
            remedy=f"give <<{name}>> under the name that other machines know it by",
            field=name,
            value=str(address),
        )
