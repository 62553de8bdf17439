"""Reads the debug log of Work Queue, of releases with protocol 9 and 11.

A line has words of the module and words that a stranger chose: the name of its host, and all that
it sends. The module's words are matched at the beginning of the line; a stranger's words follow
them or, as a host's name, have no blank. So no peer can write a line that reads as another's. All
other lines are skipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BEGIN = rb"\S+ \S+ \S+\[\d+\] ?"
_PEER = rb"\(?([^\s()]{1,100}:\d{1,5})\)?"
_HOST = rb"(\S+)"
# where the releases differ, one line of this table follows the other: protocol 9, then 11
_FORMS: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (kind, re.compile(_BEGIN + form))
    for kind, form in (
        ("ready", rb"wq: %b %b running CCTools version " % (_HOST, _PEER)),
        ("farewell", rb"wq: rx from \S+ %b: info vacating(?: |$)" % _PEER),
        # the host that eemt-worker names when it merely asks which protocol is spoken here
        ("probe", rb"wq: rx from unknown %b: workqueue \d+ eemt-probe " % _PEER),
        ("protocol", rb"notice: worker %b is using work queue protocol (\d{1,9}), but" % _PEER),
        ("protocol", rb"notice: rejecting worker %b as it uses protocol (\d{1,9})\." % _PEER),
        ("none given", rb"auth: peer is not using password authentication()"),
        ("wrong password", rb"notice: worker %b presented the wrong password" % _PEER),
        ("no password here", rb"notice: worker %b is attempting to use a password" % _PEER),
        ("no tls", rb"wq: worker %b failed ssl connection" % _PEER),
    )
)


@dataclass(frozen=True)
class DebugLogEntry:
    """What one line reports.

    Attributes
    ----------
    kind
        ``ready``, ``farewell``, ``probe``, ``protocol``, ``none given``, ``wrong password``,
        ``no password here`` or ``no tls``.
    address
        Of whom; empty where the line does not say.
    host
        As the peer calls its host.
    protocol
        That it speaks.
    """

    kind: str
    address: str = ""
    host: bytes = b""
    protocol: int = 0


def read_line(line: bytes) -> DebugLogEntry | None:
    """Return what a line says, or None if it is of no interest."""
    for kind, form in _FORMS:
        match = form.match(line)
        if match is None:
            continue
        if kind == "ready":
            return DebugLogEntry(kind, _text(match[2]), host=match[1])
        if kind == "protocol":
            return DebugLogEntry(kind, _text(match[1]), protocol=int(match[2]))
        return DebugLogEntry(kind, _text(match[1]))
    return None


def _text(address: bytes) -> str:
    return address.decode("ascii", "replace")
