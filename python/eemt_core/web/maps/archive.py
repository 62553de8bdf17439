"""Results as one zip file that is never whole anywhere: its pieces are made while they are sent."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import PurePosixPath

from zipstream import ZipStream

from ...errors import EemtError
from ...rasters import VRT_ENDING, average_of
from .record import RunRecord


def with_sums(record: RunRecord, names: Iterable[str]) -> tuple[str, ...]:
    """Return names of maps and of those that averages among them refer to, each once."""
    found: dict[str, None] = {}
    for name in names:
        found[name] = None
        path = record.path(name) if name.endswith(VRT_ENDING) else None
        if path is not None:
            try:
                total = average_of(path).source.name
            except EemtError:  # of another program: it is sent as it is
                continue
            found[str(PurePosixPath(name).with_name(total))] = None
    return tuple(found)


def zip_of(record: RunRecord, names: Iterable[str]) -> ZipStream:
    """Return a zip of files that the record lists, as an iterable of small pieces.

    Its `len` is the length of all [bytes]. Files are stored as they are, since maps and pictures
    are compressed already; where files or the whole have more than 4 GiB it is a ZIP64.

    Raises
    ------
    FileNotFoundError
        If one of them is not there.
    """
    pieces = ZipStream(sized=True)
    for name in names:
        path = record.path(name)
        if path is None:
            raise FileNotFoundError(name)
        pieces.add_path(path, name, recurse=False)
    return pieces


def large_pieces(pieces: Iterable[bytes], at_least: int = 2**20) -> Generator[bytes, None, None]:
    """Join pieces: each goes to the network through a thread, which costs as much as 50 kB.

    Examples
    --------
    >>> list(large_pieces([b"a", b"b", b"c"], 2))
    [b'ab', b'c']
    """
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) >= at_least:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
