"""Files that appear whole or not at all, and their checksums.

Whoever reads a file under its final name reads all of it: everything here is written beside the
final name and renamed. It knows bytes and JSON, not what they mean.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ..errors import InputError
from ..errors.system import cannot_write
from .json_text import parse_json
from .regular import other_kind, read_file

if TYPE_CHECKING:
    import numpy as np

_LONGEST_JSON = 2**28


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_json(value: object) -> str:
    """Return the SHA-256 of a value's canonical JSON text, in hexadecimal."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def write_json(path: Path, value: object, *, to_disk: bool = True) -> None:
    """Write `value` as JSON under its final name at once: the reader sees all of it or nothing.

    `to_disk` waits until it is there for good; what a power failure may take can do without.
    """
    with _written_whole(path, to_disk=to_disk) as file:
        json.dump(value, file, indent=1, allow_nan=False)
        file.write("\n")


def write_json_lines(path: Path, fields: Mapping[str, object]) -> None:
    """Write a JSON object as `write_json` does, each field on one line: a tenth of the time.

    For files that are many. Nobody waits until it is on the disk.
    """
    lines = (f" {json.dumps(k)}: {json.dumps(v, allow_nan=False)}" for k, v in fields.items())
    with _written_whole(path, to_disk=False) as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


def write_text(path: Path, text: str) -> None:
    """Write a text under its final name at once, and leave nothing of one that cannot be written.

    Where a link stands, the file that it leads to is replaced. Devices and pipes are left alone.

    Raises
    ------
    EemtError
        If there is no such folder, no right to write there, no space, or no file.
    """
    place = Path(os.path.realpath(path))
    try:
        if place.exists() and (kind := other_kind(place.stat().st_mode)):
            raise InputError(
                f"{path} cannot be written (it is {kind}, not a file)",
                remedy="give the name of a file",
            )
        with _written_whole(place, to_disk=False) as file:
            file.write(text)
    except OSError as error:
        with suppress(OSError):
            _beside(place).unlink()
        raise cannot_write(path, error) from None


@contextmanager
def _written_whole(path: Path, *, to_disk: bool) -> Iterator[TextIO]:
    """Give a file beside the final one, which takes its name when it was written."""
    temporary = _beside(path)
    with temporary.open("w", encoding="utf-8") as file:
        yield file
        if to_disk:
            file.flush()
            os.fsync(file.fileno())
    temporary.replace(path)


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def read_json(path: Path, most_bytes: int | None = None) -> dict[str, Any]:
    """Return the JSON object in a file, or raise `InputError` naming the file.

    Parameters
    ----------
    most_bytes
        How long it may be; what comes from elsewhere is held to little.
    """
    try:
        content = read_file(path, _LONGEST_JSON if most_bytes is None else most_bytes)
        value = parse_json(content)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path} cannot be read as JSON: {reason}") from None
    if not isinstance(value, dict):
        raise InputError(f"{path} must hold a JSON object, got {type(value).__name__}")
    return value


def new_array(path: Path, shape: tuple[int, ...]) -> np.memmap[Any, np.dtype[np.float32]]:
    """Return a new float32 array in a .npy file, with its place on the disk taken.

    Raises
    ------
    ResourceError
        If the disk does not hold it.
    """
    import numpy as np

    try:
        array = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    except OSError as error:
        raise cannot_write(path, error) from None
    allocate(path, 0, path.stat().st_size)
    return array


def allocate(path: Path, offset: int, length: int) -> None:
    """Take the place of so many bytes of a file on its disk; the file is made if it is not there.

    Where a file is mapped into memory, a disk that fills up would else end the process with a
    signal in mid-write. Where the file system itself takes no place (NFS before 4.2, sshfs), the
    system's library writes into each block, which it refuses for files that are opened to append.

    Raises
    ------
    ResourceError
        If the disk does not hold it.
    """
    try:
        path.touch()
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), offset, length)
    except OSError as error:
        raise cannot_write(path, error) from None
