"""The archive for workers: eemt-core and what it computes with, as installed here, in one file.

The same installation gives the same bytes, so workers that have the file keep it. Beside the
packages it holds the libraries of the compiler that our extension loads, which a worker may lack or
have in an older version, and a manifest that says which Python can load it all.
"""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import os
import re
import sys
import tarfile
from collections.abc import Iterable, Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from ...code_identity import CARRIERS, NOT_IN_TASKS, TASK, files_of
from ...errors import VersionError
from ...files import sha256_file
from .bootstrap import LIBRARIES, MANIFEST, PACKAGES

# what numpy has for building and testing
_NOT_NUMPYS = {"_pyinstaller", "f2py", "include", "tests"}
_SUFFIXES = {".py", ".pyi", ".so"}
_PACKERS = ("isal", "xxhash", "zstandard")
"""Packages that pack blocks of maps and take checksums, of which nothing else is needed."""
_NOT_PACKERS = {"_cffi", "backend_cffi", "igzip", "igzip_threaded"}
_LIBRARY = re.compile(r"\S*/(lib(?:gomp|stdc\+\+|gcc_s)\.so[.\d]*)$")


def write_archive(folder: Path) -> Path:
    """Write the archive into `folder` and return its path, which ends in its SHA-256.

    At gzip's lowest level it is a third of the size and costs a worker a sixth of a second more to
    unpack, once; what the manager sends to many workers goes through one network card.

    Raises
    ------
    VersionError
        If any of these packages is installed in a way that cannot be sent.
    """
    files = dict(_packages())
    files.update((f"{LIBRARIES}/{name}", path) for name, path in _libraries())
    manifest = {
        "python": "{}.{}".format(*sys.version_info[:2]),
        "suffix": EXTENSION_SUFFIXES[0],
        "glibc": _needed_glibc(list(files.values())),
    }
    return pack(folder, manifest, files)


def pack(folder: Path, manifest: dict[str, str], files: dict[str, Path]) -> Path:
    """Write an archive of a manifest and files by their names in it; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / "eemt-runtime.part"
    with (
        part.open("wb") as raw,
        gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        text = json.dumps(manifest, sort_keys=True).encode()
        tar.addfile(_entry(MANIFEST, len(text)), io.BytesIO(text))
        for name, path in sorted(files.items()):
            with path.open("rb") as file:
                tar.addfile(_entry(name, os.fstat(file.fileno()).st_size), file)
    return part.replace(folder / f"eemt-runtime-{sha256_file(part)[:16]}.tar.gz")


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)  # whose owner and date are always the same
    entry.size = size
    return entry


def _packages() -> Iterator[tuple[str, Path]]:
    """Yield the name in the archive and the path of every file of the packages."""
    ours = Path(__file__).parents[2]
    if not list(ours.glob("_core*.so")):
        raise VersionError(
            "eemt-core is not installed in one place, so it cannot be sent to workers",
            remedy="install it with `pip install .`, not in editable mode, or use "
            "<<runtime=installed>>",
            field="runtime",
        )
    numpy = _found("numpy")
    if not (numpy.parent / "numpy.libs").is_dir():
        raise VersionError(
            "this numpy uses libraries of the system, so it cannot be sent to workers",
            remedy="install it with `pip install numpy`, or use <<runtime=installed>>",
            field="runtime",
        )
    wanted = files_of((*TASK, *CARRIERS), without=NOT_IN_TASKS)
    yield from _named((path for path in wanted if path.suffix in _SUFFIXES), ours)
    yield from _named(_of_numpy(numpy), numpy)
    for name in _PACKERS:
        package = _found(name)
        yield from _named(_of_packer(package), package)
    for libraries in (numpy.parent / "numpy.libs", ours.parent / "eemt_core.libs"):
        yield from ((f"{PACKAGES}/{libraries.name}/{p.name}", p) for p in libraries.glob("*.so*"))


def _found(name: str) -> Path:
    """Return the folder of an installed package, or its mere name."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else Path(name)


def _of_packer(package: Path) -> Iterator[Path]:
    for path in package.glob("*"):
        if path.suffix in _SUFFIXES and path.name.split(".")[0] not in _NOT_PACKERS:
            yield path


def _named(paths: Iterable[Path], package: Path) -> Iterator[tuple[str, Path]]:
    for path in paths:
        yield f"{PACKAGES}/{path.relative_to(package.parent).as_posix()}", path


def _of_numpy(numpy: Path) -> Iterator[Path]:
    for path in numpy.rglob("*"):
        parts = path.relative_to(numpy).parts
        wanted = parts[0] not in _NOT_NUMPYS and "tests" not in parts
        if wanted and path.suffix in _SUFFIXES and path.is_file():
            yield path


def _libraries() -> Iterator[tuple[str, Path]]:
    """Yield the compiler's libraries that our extension has loaded, unless a wheel brought them."""
    from ... import _core

    site = Path(_core.__file__).parent.parent
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        match = _LIBRARY.match(line.split(maxsplit=5)[-1])
        if match and site not in Path(match[0]).parents:
            yield _soname(match[1]), Path(match[0])


def _soname(name: str) -> str:
    """Return the name that programs ask for: ``libgomp.so.1`` for ``libgomp.so.1.0.0``."""
    stem, _, version = name.partition(".so")
    return f"{stem}.so" + (f".{version.split('.')[1]}" if version else "")


def _needed_glibc(paths: list[Path]) -> str:
    """Return the newest version of glibc that any of the compiled files asks for."""
    versions = {(2, 17)}
    for path in paths:
        if ".so" in path.name:
            found = re.findall(rb"GLIBC_(\d+)\.(\d+)", path.read_bytes())
            versions.update((int(major), int(minor)) for major, minor in found)
    return "{}.{}".format(*max(versions))
