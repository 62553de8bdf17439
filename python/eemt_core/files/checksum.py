"""Checksums of what travels between machines: XXH3 of 128 bits.

They tell of damage, at seven times the speed of SHA-256. Who would forge a file could write the
checksum beside it as well, whichever it is.
"""

from __future__ import annotations

from pathlib import Path

from xxhash import xxh3_128

_CHUNK_BYTES = 1 << 20

XXH3_DIGITS = 32
"""Of a checksum in hexadecimal."""


class Xxh3:
    """The checksum of bytes as they come."""

    def __init__(self) -> None:
        self._state = xxh3_128()

    def update(self, content: bytes) -> None:
        """Take more bytes."""
        self._state.update(content)

    def hexdigest(self) -> str:
        """Return the checksum of all bytes so far, in hexadecimal."""
        return str(self._state.hexdigest())


def xxh3_file(path: Path) -> str:
    """Return the checksum of a file's content, in hexadecimal."""
    digest = Xxh3()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
