"""TIFF files made byte by byte, such as no library would write."""

import struct
import zlib

import numpy as np

_DEFLATE, _FLOAT = 8, 3
_GEO_KEYS = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32613)


def raw_tiff(rows, cols, *, tile=512, tile_bytes=None, before=b""):
    """A DEM of 1 m cells in UTM zone 13, all of whose tiles are one and the same piece.

    `tile_bytes` is what stands there in place of a tile's compressed cells, `before` what stands
    behind the header.
    """
    piece = tile_bytes
    if piece is None:
        piece = zlib.compress(np.full((tile, tile), 1000, np.float32).tobytes(), 9)
    tiles = min(-(-rows // tile) * -(-cols // tile), 2**20)
    at_piece = 8 + len(before)
    blocks, at = [], at_piece + len(piece)

    def apart(form, values):
        """Put values behind the cells; return where they are."""
        nonlocal at
        block = struct.pack(f"<{len(values)}{form}", *values)
        blocks.append(block)
        at += len(block)
        return at - len(block)

    def entry(tag, form, values):
        kind = {"H": 3, "I": 4, "d": 12}[form]
        size = struct.calcsize(form) * len(values)
        inline = struct.pack(f"<{len(values)}{form}", *values).ljust(4, b"\0")
        place = inline if size <= 4 else struct.pack("<I", apart(form, values))
        return struct.pack("<HHI", tag, kind, len(values)) + place

    entries = [
        entry(256, "I", (cols,)), entry(257, "I", (rows,)), entry(258, "H", (32,)),
        entry(259, "H", (_DEFLATE,)), entry(262, "H", (1,)), entry(277, "H", (1,)),
        entry(322, "I", (tile,)), entry(323, "I", (tile,)),
        entry(324, "I", (at_piece,) * tiles), entry(325, "I", (len(piece),) * tiles),
        entry(339, "H", (_FLOAT,)),
        entry(33550, "d", (1.0, 1.0, 0.0)),
        entry(33922, "d", (0.0, 0.0, 0.0, 400_000.0, 4_000_000.0, 0.0)),
        entry(34735, "H", _GEO_KEYS),
    ]  # fmt: skip
    directory = struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", at) + before + piece + b"".join(blocks) + directory
