"""TIFF directories as bytes: reading those of a small file, and writing those of a large one.

Only what a file of one band of float32 needs, little-endian, in its classic form and as BigTIFF.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Directories, and values too long for them, begin on multiples of this: TIFF asks for 2.
ALIGNED_BYTES = 8

LARGEST_CLASSIC_BYTES = 2**32 - 1

SHORT, LONG, LONG8 = 3, 4, 16
_LETTERS = {SHORT: "H", LONG: "I", LONG8: "Q"}
_BYTES_OF_KIND = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}


class Field(NamedTuple):
    """One entry of a directory: tag, kind of its numbers, how many, and their bytes."""

    tag: int
    kind: int
    number: int
    content: bytes


def numbers(tag: int, kind: int, values: NDArray[np.integer] | list[int]) -> Field:
    """Return a field of whole numbers."""
    if isinstance(values, list):  # a few, for which an array takes several times as long
        content = struct.pack(f"<{len(values)}{_LETTERS[kind]}", *values)
        return Field(tag, kind, len(values), content)
    array = values.reshape(-1).astype(f"<{_LETTERS[kind]}")
    return Field(tag, kind, array.size, array.tobytes())


def header(*, big: bool) -> bytes:
    """Return a file's first bytes, which say that the first directory follows them."""
    if big:
        return struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16)
    return struct.pack("<2sHI", b"II", 42, 8)


def directory_bytes(fields: list[Field], *, big: bool) -> int:
    """Return how many bytes a directory takes with all its values."""
    count, entry, inline = (8, 20, 8) if big else (2, 12, 4)
    head = count + len(fields) * entry + inline
    lengths = [len(field.content) for field in fields if len(field.content) > inline]
    return sum((length + _padding(length) for length in lengths), head + _padding(head))


def directory(fields: list[Field], at: int, following: int, *, big: bool) -> bytes:
    """Return a directory, and after it the values that it points to.

    Parameters
    ----------
    fields
        Entries in any order, each tag once.
    at
        Offset of the directory in the file.
    following
        Offset of the next directory; 0 for the last one.
    """
    count, entry, place = ("<Q", "<HHQ", "<Q") if big else ("<H", "<HHI", "<I")
    inline = struct.calcsize(place)
    entries = bytearray(struct.pack(count, len(fields)))
    head = len(entries) + len(fields) * (struct.calcsize(entry) + inline) + inline
    values = bytearray(_padding(head))
    packed = struct.Struct(entry).pack
    for tag, kind, number, content in sorted(fields):
        entries += packed(tag, kind, number)
        if len(content) <= inline:
            entries += content.ljust(inline, b"\0")
        else:
            entries += struct.pack(place, at + head + len(values))
            values += content
            values += bytes(_padding(len(content)))
    return bytes(entries) + struct.pack(place, following) + values


def read_first_directory(content: bytes) -> list[Field]:
    """Return the fields of the first directory of a classic little-endian file."""
    mark, at = struct.unpack_from("<4sI", content)
    if mark != b"II*\0":
        raise ValueError(f"no classic little-endian TIFF file, it begins with {mark!r}")
    (count,) = struct.unpack_from("<H", content, at)
    fields = []
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, many = struct.unpack_from("<HHI", content, entry)
        length = many * _BYTES_OF_KIND[kind]
        place = entry + 8
        if length > 4:
            (place,) = struct.unpack_from("<I", content, place)
        fields.append(Field(tag, kind, many, content[place : place + length]))
    return fields


def _padding(length: int) -> int:
    return -length % ALIGNED_BYTES
