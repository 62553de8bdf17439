"""Stand-ins: what the queue is given in place of a file that the gate has written by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

ARRIVED = "arrived"
"""The folder of the files, beside that of their stand-ins."""

LONGEST = 2048
"""Bytes of a stand-in at most."""

_WRITTEN = re.compile(rb"eemt-arrived ([\x21-\x2e\x30-\x7e]{1,1024}) (\d{1,18})\n")


@dataclass(frozen=True)
class StandIn:
    """The name of a file in the folder of arrivals, and how many bytes it has."""

    name: str
    size: int

    def written(self) -> bytes:
        """Return its line."""
        return f"eemt-arrived {self.name} {self.size}\n".encode()

    @classmethod
    def read(cls, content: bytes) -> StandIn | None:
        r"""Return what `written` wrote, None where the content is anything else.

        Examples
        --------
        >>> StandIn.read(StandIn("0c9c", 7).written()), StandIn.read(b"eemt-arrived ../x 7\n")
        (StandIn(name='0c9c', size=7), None)
        """
        match = _WRITTEN.fullmatch(content)
        if match is None or match[1] in (b".", b".."):
            return None
        return cls(match[1].decode(), int(match[2]))
