"""Maps appear whole under their final names or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import ResourceError
from ..errors.system import cannot_write
from ._crs import GDAL_ERRORS

_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give the name of a temporary file beside a map, which takes the map's name at the end.

    It is flushed to disk before. On any failure it is removed, and a map that was there stays. What
    a killed process has left stays too (`remove_leftovers`).

    Raises
    ------
    ResourceError
        If the disk is full or cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tif")
    _remove(temporary)  # of a killed process that had the same number
    try:
        with disk_errors(path):
            yield temporary
            to_disk(temporary)
            os.replace(temporary, path)
    except BaseException:
        _remove(temporary)
        raise


def remove_leftovers(*paths: Path) -> None:
    """Remove the temporary files of maps, whichever process wrote them.

    Each folder is listed once: to do so for each of a thousand maps takes as long as placing them.
    """
    starts: dict[Path, list[str]] = {}
    for path in paths:
        starts.setdefault(path.parent, []).append(f".{path.name}.")
    for folder, own in starts.items():
        with suppress(FileNotFoundError, NotADirectoryError):  # whoever writes there says so
            for name in os.listdir(folder):
                if name.startswith(".") and any(
                    name.startswith(start) and ".tif" in name[len(start) - 1 :] for start in own
                ):
                    _remove(folder / name)


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):  # whoever writes there says so
        os.unlink(path)


def to_disk(path: Path) -> None:
    """Wait until a file's content is on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn errors of GDAL and the system about an unwritable disk into a ResourceError."""
    try:
        yield
    except GDAL_ERRORS as error:
        raise ResourceError(
            f"{path} cannot be written",
            remedy="check that its folder exists, may be written to, and has space left "
            f"({_reason(error)})",
        ) from error
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        raise cannot_write(path, error) from error


def _reason(error: BaseException) -> str:
    """Return the message of an error's original cause, without line breaks."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(error).split())
