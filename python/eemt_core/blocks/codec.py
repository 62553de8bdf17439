"""Blocks of cells as a GeoTIFF file holds them, and back.

Each row's bytes are first put in another order, as predictor 3 of TIFF has it: the most significant
byte of every cell, then the next one of every cell, each byte replaced by its difference from the
one before. So bytes that hardly differ stand side by side. Then DEFLATE or Zstandard packs them.

ISA-L packs and unpacks DEFLATE: five times as fast as zlib at its quickest, and no larger. It looks
for what repeats no further back than the row above: what it finds beyond takes longer to say than
the bytes themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import numpy as np
from isal import igzip_lib, isal_zlib
from numpy.typing import NDArray

from .. import _core
from ..errors import ArgumentError, InputError, ResourceError
from .cells import FULL_BITS, LEAST_BITS, Cells

Bytes = NDArray[np.uint8]
Compression = Literal["deflate", "zstd"]
COMPRESSIONS: tuple[Compression, ...] = ("deflate", "zstd")
TIFF_COMPRESSION: Mapping[str, int] = {"deflate": 8, "zstd": 50000}
"""Numbers of the TIFF tag Compression."""
TIFF_PREDICTOR = 3

# levels: more of them take longer and gain a hundredth (benchmarks/RESULTS.md)
_DEFLATE_LEVEL, _ZSTD_LEVEL = 1, 1
# how far back repetitions are looked for, as a power of two [bytes]: a row of the largest block
_WINDOW_BITS = 11
_FIRST_BYTES = 16  # see `_deflated`
_OVERVIEW_BITS_LESS = 3
_CELL_BYTES = 4
# its stub calls it a variable
_ISAL_ERROR = cast("type[Exception]", igzip_lib.IsalError)


@dataclass(frozen=True)
class Codec:
    """How blocks are encoded.

    Attributes
    ----------
    compress
        ``deflate`` or ``zstd``.
    bits
        Bits of mantissa that cells of full resolution keep; 23 are all.
    """

    compress: Compression = "deflate"
    bits: int = 10

    def __post_init__(self) -> None:
        if self.compress not in COMPRESSIONS:
            raise ArgumentError(
                f"compress must be one of {', '.join(COMPRESSIONS)}, got {self.compress!r}",
                field="compress",
                value=self.compress,
            )
        if type(self.bits) is not int or not LEAST_BITS <= self.bits <= FULL_BITS:
            raise ArgumentError(
                f"bits must be a whole number from {LEAST_BITS} to {FULL_BITS}, got {self.bits!r}",
                field="bits",
                value=self.bits,
            )

    def at(self, level: int) -> Codec:
        """Return the codec of a level: overviews, which are looked at, keep three bits less."""
        if level == 0 or self.bits == FULL_BITS:
            return self
        return replace(self, bits=max(LEAST_BITS, self.bits - _OVERVIEW_BITS_LESS))

    def encode(self, cells: Cells) -> bytes:
        """Return the bytes of one block, which were decoded again and compared.

        Parameters
        ----------
        cells
            (rows, cols) float32 array, rounded already (`cells.round_mantissa`).

        Raises
        ------
        ResourceError
            If decoding gives other bytes: this machine does not compute as it should.
        """
        return self.pack(predict(cells))

    def decode(self, content: bytes, edge: int) -> Cells:
        """Return the (edge, edge) float32 cells of a block.

        Raises
        ------
        InputError
            If it is no such block.
        """
        size = edge * edge * _CELL_BYTES
        plain = self.unpack(content, size)
        return unpredict(np.frombuffer(plain, np.uint8).reshape(edge, edge * _CELL_BYTES))

    def pack(self, planes: Bytes) -> bytes:
        """Return the packed bytes of an array, which were unpacked again and compared."""
        if self.compress == "deflate":
            packed = _deflated(planes.data.cast("B"))
        else:
            import zstandard

            packed = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(planes.data)
        if not _core.blocks.same_bytes(planes, self.unpack(packed, planes.size)):
            raise ResourceError(
                "a block that was packed unpacks to other bytes", remedy="check this machine"
            )
        return packed

    def unpack(self, packed: bytes, size: int) -> bytes:
        """Return the `size` bytes that were packed; raise `InputError` if it is not they."""
        try:
            if self.compress == "deflate":
                reader = isal_zlib.decompressobj()
                plain: bytes = reader.decompress(packed, max_length=size + 1)
                whole = reader.eof and not reader.unused_data
            else:
                plain, whole = _unpacked_zstd(packed, size)
        except (_ISAL_ERROR, ValueError) as error:
            raise InputError(f"a block is damaged ({error})") from None
        if not whole or len(plain) != size:
            raise InputError("a block is damaged, since it has another size")
        return plain

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` takes."""
        return {"compress": self.compress, "bits": self.bits}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Codec:
        """Return the codec of a document."""
        return cls(**raw)


def _deflated(plain: memoryview) -> bytes:
    """Return the bytes as a zlib stream, the same ones in every process.

    ISA-L (2.32 still) keeps in a table where each four bytes were last seen. Where more than 16
    bytes are the first that it is given, those from the third byte on get into an entry that
    depends on the address of its state in memory. So now and then a process finds other
    repetitions, and a map has other bytes. What it is given first and told to flush is at
    most 16 bytes here, of which it keeps all in their entries. This takes ten bytes more.
    """
    packer = isal_zlib.compressobj(_DEFLATE_LEVEL, wbits=_WINDOW_BITS)
    begun = packer.compress(plain[:_FIRST_BYTES]) + packer.flush(isal_zlib.Z_SYNC_FLUSH)
    return begun + packer.compress(plain[_FIRST_BYTES:]) + packer.flush()


def _unpacked_zstd(packed: bytes, size: int) -> tuple[bytes, bool]:
    """Return the bytes of one frame, at most `size`, and whether it was a whole one alone."""
    import zstandard

    try:
        # a frame says its size; a stranger's may say any, which must not be believed
        if zstandard.frame_content_size(packed) != size:
            return b"", False
        reader = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
        plain = reader.decompress(packed)
        return plain, reader.eof and not reader.unused_data
    except zstandard.ZstdError as error:
        raise ValueError(error) from None


def predict(cells: Cells) -> Bytes:
    """Return (rows, 4 x cols) bytes of a (rows, cols) float32 array, as predictor 3 has them."""
    return _core.blocks.predict(np.ascontiguousarray(cells))


def unpredict(planes: Bytes) -> Cells:
    """Return the (rows, cols) float32 array of the (rows, 4 x cols) bytes of `predict`."""
    return _core.blocks.unpredict(planes)
