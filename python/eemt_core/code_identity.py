"""Which of our code decides the cells of a tile, and checksums of it.

What a tile computes from its folder, and what cuts the inputs into that folder, decides its cells.
A finished tile stays valid until that code changes, whatever else does: commands, pages, the
journal, what is said to the user. So it is named here, once: the run's fingerprint is taken of it,
and the code that is sent to workers is chosen by it. `tests/house/test_code_identity.py` holds the
names to what is really imported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import __version__
from .files import sha256_file

TASK = (
    "_arrays", "_core", "_numbers", "_settings", "blocks", "calendar365", "climate", "energy",
    "grids", "instruction_set", "plausible", "solar", "terrain", "tiles", "water",
)  # fmt: skip
"""What a task computes with."""

PREPARATION = ("manager.inputs", "manager.plan", "rasters")
"""What reads the rasters, decides for all tiles and cuts their inputs; `climate` does its part."""

CARRIERS = (
    "__init__", "_lazy", "_version", "environment", "errors", "files", "machine", "numerals",
    "refusals",
)  # fmt: skip
"""What a task needs beside: it names, reads, writes and limits, and computes nothing."""

NOT_IN_TASKS = ("climate.readers", "grids.pyramid", "solar.turbidity")
"""Parts of `TASK` that only the preparation needs, with libraries that a worker may lack."""

_ROOT = Path(__file__).parent
_CODE = {".py", ".so"}


def sha256_package() -> str:
    """Return one SHA-256 over all code of this package, compiled parts included."""
    return _sha256(path for path in _ROOT.rglob("*") if path.suffix in _CODE)


def tile_code() -> str:
    """Return the version and a checksum of the code that decides the cells of a tile.

    It tells two builds apart that carry the same version number, so a resumed run never mixes
    results of different code.
    """
    return f"{__version__}-{sha256_tile_code()}"


def sha256_tile_code() -> str:
    """Return one SHA-256 over the code that decides the cells of a tile."""
    return _sha256(path for path in files_of((*TASK, *PREPARATION)) if path.suffix in _CODE)


def files_of(parts: Iterable[str], *, without: Iterable[str] = ()) -> Iterator[Path]:
    """Yield the files of packages and modules, by their names within this package."""
    left_out = [_ROOT.joinpath(*part.split(".")) for part in without]
    for part in parts:
        base = _ROOT.joinpath(*part.split("."))
        # a module, a compiled one, or a package with all that is in it; stubs beside them
        found = [path for path in base.parent.glob(f"{base.name}.*") if path.is_file()]
        for path in (*found, *base.rglob("*")):
            kin = (path.with_suffix(""), *path.parents)
            if path.is_file() and not any(out in kin for out in left_out):
                yield path


def _sha256(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.relative_to(_ROOT).as_posix()}\0{sha256_file(path)}\n".encode())
    return digest.hexdigest()
