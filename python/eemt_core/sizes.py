"""Parses sizes, durations and addresses as people write them.

Work Queue's worker would read ``8G`` as 8 MB, so sizes are converted to numbers here before they
are passed on. Units are powers of 1024 however they are written: 8G, 8GB and 8GiB are 8192 MB.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from .errors import ArgumentError
from .numerals import DIGITS, real, whole

AUTO = "auto"
DEFAULT_PORT, CATALOG_PORT = 9123, 9097
"""Default port of Work Queue's managers and catalog servers."""

_MB = {unit: Fraction(1024) ** power for power, unit in enumerate("kmgtp", start=-1)}
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_UNIT = r"days?|d|hours?|h|minutes?|min|m|seconds?|sec|s|"
_DURATION = re.compile(
    rf"(?<![0-9.])({DIGITS}(?:\.[0-9]{{1,18}})?)\s*({_UNIT})(?![a-z])", re.IGNORECASE
)
_SIZE = re.compile(
    rf"\s*({DIGITS}(?:\.[0-9]{{1,18}})?)\s*(?:([kmgtp])(?:i?b)?)?\s*", re.IGNORECASE | re.ASCII
)
_MOST_CORES, _MOST_SECONDS = 2**20, 3660 * 86400


@dataclass(frozen=True)
class Address:
    """Host and port of a manager or a catalog server."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def parse_mb(text: str) -> int:
    """Return a size of memory or disk in MB; a plain number means MB.

    Raises
    ------
    ArgumentError
        If the text is not a size, or the size is less than 1 MB.

    Examples
    --------
    >>> parse_mb("8G"), parse_mb("16 GB"), parse_mb("2TiB"), parse_mb("8192")
    (8192, 16384, 2097152, 8192)
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ArgumentError(
            f"{text!r} is no size", remedy="write 8G, 500M or a number of MB, or auto", value=text
        )
    size = int(Fraction(match[1]) * _MB[(match[2] or "m").lower()])
    if size < 1:
        raise ArgumentError(
            f"{text!r} is less than 1 MB", remedy="write 8G, 500M or a number of MB", value=text
        )
    return size


def parse_mb_with_unit(text: str) -> int:
    """Return a size in MB that is written with its unit, or raise `ArgumentError`.

    Batch systems take a plain number for bytes, kB or MB, so we do not guess which one is meant.

    Examples
    --------
    >>> parse_mb_with_unit("8G")
    8192
    """
    if real(text) is not None:
        raise ArgumentError(
            f"{text!r} has no unit", remedy=f"write {text.strip()}M or {text.strip()}G", value=text
        )
    return parse_mb(text)


def parse_cores(text: str) -> int:
    """Return a number of cores, at least 1, or raise `ArgumentError`."""
    number = whole(text)
    if number is None or not 1 <= number <= _MOST_CORES:
        raise ArgumentError(
            f"{text!r} is no number of cores", remedy="write 1 or more, or auto", value=text
        )
    return number


def parse_seconds(text: str) -> int:
    """Return a duration in seconds; a plain number means seconds.

    Raises
    ------
    ArgumentError
        If the text is not a duration, or the duration is less than 1 s.

    Examples
    --------
    >>> parse_seconds("3600"), parse_seconds("1h30min"), parse_seconds("1-12:00:00")
    (3600, 5400, 129600)
    """
    seconds = _clock_seconds(text.strip())
    if seconds is None:
        parts = _DURATION.findall(text)
        if not parts or _DURATION.sub("", text).strip():
            raise ArgumentError(
                f"{text!r} is no duration",
                remedy="write 30min, 4h or a number of seconds",
                value=text,
            )
        seconds = int(sum(Fraction(number) * _SECONDS[unit[:1].lower()] for number, unit in parts))
    if seconds < 1:
        raise ArgumentError(
            f"{text!r} is less than a second", remedy="write 30min, 4h or seconds", value=text
        )
    if seconds > _MOST_SECONDS:
        raise ArgumentError(
            f"{text!r} is longer than ten years", remedy="write 30min, 4h or seconds", value=text
        )
    return seconds


def parse_port(text: str) -> int:
    """Return a port number, 1 to 65535, or raise `ArgumentError`.

    Also accepted is ``tcp://ADDRESS:PORT``, since Kubernetes sets a variable such as
    ``EEMT_MANAGER_PORT`` to that form for every service.
    """
    number = whole(port_in(text))
    if number is None or not 1 <= number <= 65535:
        raise ArgumentError(
            f"{text!r} is no port", remedy="write a number from 1 to 65535", value=text
        )
    return number


def port_in(text: str) -> str:
    """Return the port in ``tcp://ADDRESS:PORT``; any other text is returned unchanged.

    Examples
    --------
    >>> port_in("tcp://10.0.0.1:9123"), port_in("9123-9200")
    ('9123', '9123-9200')
    """
    return re.sub(r"^tcp://.*:", "", text)


def parse_addresses(text: str, default_port: int = DEFAULT_PORT) -> tuple[Address, ...]:
    """Return the addresses in ``HOST:PORT,HOST:PORT``; ``HOST`` alone gets the default port.

    Examples
    --------
    >>> [str(address) for address in parse_addresses("one:9124,two")]
    ['one:9124', 'two:9123']
    """
    addresses = []
    for part in re.split(r"[,;\s]+", text.strip()):
        host, colon, port = part.rpartition(":")
        if not colon:
            host, port = part, str(default_port)
        labels = host.split(".")
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,253}", host) or max(map(len, labels)) > 63:
            raise ArgumentError(
                f"{part!r} is no address", remedy="write HOST or HOST:PORT", value=part
            )
        addresses.append(Address(host, parse_port(port)))
    return tuple(addresses)


def _clock_seconds(text: str) -> int | None:
    """Return the seconds of ``[DAYS-]HOURS:MINUTES:SECONDS``, the form of batch systems."""
    match = re.fullmatch(rf"(?:({DIGITS})-)?({DIGITS}):([0-9][0-9]):([0-9][0-9])", text)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
