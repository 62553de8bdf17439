"""Finds the files that a raster's name refers to, before GDAL opens any of them.

GDAL waits forever for data from a pipe or a device, and opens the files that a VRT or a folder
refers to only when it reads cells. So all of them are checked here first: each must be a regular
file.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError
from ..files import other_kind, read_file
from ._formats import follows_vrt
from ._remote import is_remote, require_allowed, store_name

# largest VRT that is read [bytes]; one of a hundred thousand sources has 50 MB
_LONGEST_VRT = 256 * 2**20
_HEAD = 512
_SOURCE = re.compile(
    rb"<(?:SourceFilename|SourceDataset)\b([^>]*)>([^<]*)</(?:SourceFilename|SourceDataset)>"
)


def gdal_name(path: str | Path) -> str:
    """Return a raster's name as GDAL expects it, with the two slashes that a `Path` makes one.

    Examples
    --------
    >>> gdal_name(Path("HDF5:a.h5://group/v")), gdal_name(Path("/vsicurl/https://host/a.tif"))
    ('HDF5:a.h5://group/v', '/vsicurl/https://host/a.tif')
    >>> gdal_name(Path("s3://bucket/a.tif"))
    '/vsis3/bucket/a.tif'
    """
    name = store_name(str(path))
    if name.startswith(("HDF5:", "BAG:")):
        return re.sub(r"(?<=:)/(?=[^/])", "//", name)
    archive = re.fullmatch(r"(/vsi(?:zip|tar|gzip|7z|rar)/)([^/{].*)", name)
    if archive and not _reaches(archive[2]) and _reaches(f"/{archive[2]}"):
        return f"{archive[1]}/{archive[2]}"
    if name.startswith("/vsi"):
        return re.sub(r"\b(https?|ftp):/(?=[^/])", r"\1://", name)
    return name


def source_files(path: str | Path) -> tuple[Path, ...]:
    """Return the files that a raster's name refers to, including the sources of a VRT.

    Parameters
    ----------
    path
        A path, or a name in GDAL's syntax such as ``NETCDF:"file":variable`` or
        ``/vsizip/a.zip/b.tif``. Sources on other machines (``/vsicurl/...``) are not checked, and
        refused where only some formats may be opened.

    Raises
    ------
    InputError
        If one of them is missing, or is a pipe, a socket or a device, or on a machine that is not
        to be asked.
    """
    found: dict[Path, None] = {}
    _collect(gdal_name(path), "", found)
    return tuple(found)


def _collect(name: str, by: str, found: dict[Path, None]) -> None:
    """Add the files of a name to `found`; `by` is the VRT that refers to it, "" for the user."""
    if follows_vrt() and name.lstrip().startswith("<VRTDataset"):
        _collect_sources(name.encode(), Path(), "the VRT", found)
        return
    for path in _paths(name):
        if path in found:
            continue
        mode = _mode(path, by)
        if mode is None:
            continue
        kind = other_kind(mode)
        if kind == "a folder":
            _check_folder(path, by)
            continue
        if kind:
            raise InputError(
                f"{_told(path, by)} is {kind}", remedy="give a raster file such as a GeoTIFF"
            )
        found[path] = None
        _check_beside(path)
        if not follows_vrt():
            continue
        with path.open("rb") as file:
            is_vrt = b"<VRTDataset" in file.read(_HEAD)
        if is_vrt:
            _collect_sources(_vrt_text(path), path.parent, str(path), found)


def _paths(name: str) -> Iterator[Path]:
    """Yield the paths that a name in GDAL's syntax contains."""
    if _exists(name) or not (name.startswith("/vsi") or ":" in name):
        yield Path(name)
    elif name.startswith("/vsistdin"):
        raise InputError(f"{name} is no file", remedy="give a raster file such as a GeoTIFF")
    elif is_remote(name):
        require_allowed(name)
    elif name.startswith("/vsi"):
        inner = re.sub(r"^(?:/vsi\w+/)+", "", name.replace("{", "").replace("}", ""))
        inner = inner.partition(",")[2] if name.startswith("/vsisubfile/") else inner
        # the path of a file in an archive starts with the path of the archive
        for path in (Path(inner), *Path(inner).parents):
            if _exists(str(path)) and not path.is_dir():
                yield path
                return
    else:
        quoted = re.findall(r'"([^"]+)"', name)
        for part in quoted or name.split(":"):
            if _exists(part) or quoted:
                yield Path(part)


def _reaches(name: str) -> bool:
    """Whether a path is a file, or starts with one (an archive that contains the rest)."""
    path = Path(name)
    return any(_exists(str(p)) and not p.is_dir() for p in (path, *path.parents))


def _exists(name: str) -> bool:
    try:
        return bool(name) and os.path.lexists(name)
    except ValueError:
        return False


def _mode(path: Path, by: str) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        remedy = "put it there, or make the VRT anew" if by else "check the path"
        raise InputError(f"{_told(path, by)} does not exist", remedy=remedy) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(
            f"{_told(path, by)} cannot be opened ({reason})",
            remedy="check the path and its permissions",
        ) from None


def _told(path: Path, by: str) -> str:
    return f"{path}, which {by} names," if by else str(path)


def _check_folder(path: Path, by: str) -> None:
    """Raise InputError unless a folder is a readable raster, such as an Esri grid."""
    entries = list(os.scandir(path))
    if not entries:
        raise InputError(
            f"{_told(path, by)} is an empty folder", remedy="give a raster file such as a GeoTIFF"
        )
    for entry in entries:
        _check_entry(entry, "a folder with")


def _check_beside(path: Path) -> None:
    """Raise InputError if what GDAL reads beside a raster (.aux.xml, .ovr, .hdr) is not a file."""
    stem = path.name.partition(".")[0] or path.name
    try:
        entries = [entry for entry in os.scandir(path.parent) if entry.name.startswith(stem)]
    except OSError:
        return  # a folder whose files may be opened but not listed
    for entry in entries:
        _check_entry(entry, f"{path} has beside it")


def _check_entry(entry: os.DirEntry[str], what: str) -> None:
    try:
        kind = other_kind(entry.stat().st_mode)
    except OSError:
        return
    if kind not in ("", "a folder"):
        raise InputError(
            f"{what} {entry.path}, which is {kind}", remedy="remove it, or copy the raster"
        )


def _vrt_text(path: Path) -> bytes:
    try:
        return read_file(path, _LONGEST_VRT)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read as a VRT ({error.strerror})",
            remedy="check what it is, and its permissions",
            value=path,
        ) from None


def _collect_sources(text: bytes, folder: Path, by: str, found: dict[Path, None]) -> None:
    for attributes, raw in _SOURCE.findall(text):
        source = html.unescape(raw.decode("utf-8", "surrogateescape")).strip()
        relative = re.search(rb"relativeto\w+\s*=\s*[\"']1", attributes, re.IGNORECASE)
        if relative and not (source.startswith("/vsi") or ":" in source):
            source = str(folder / source)
        _collect(source, by, found)
