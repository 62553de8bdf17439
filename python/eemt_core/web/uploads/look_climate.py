"""``python -m eemt_core.web.uploads.look_climate``: the process that looks at a climate's files."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from ...climate import ClimateSource, open_climate
from ...errors import InputError, ResourceError
from ...machine import free_disk_mb
from ...rasters import raster_info
from .climates import RASTER_SUFFIXES
from .limited import serve_order
from .names import shown_text

_BESIDE = (".hdr", ".prj", ".stx")
_MOST_MEMBERS, _MOST_OBJECTS = 5000, 10_000


def look(order: dict[str, Any]) -> dict[str, Any]:
    """Return what a climate is.

    The order has ``folder``, where its files lie, or a station's table; ``is_strange``, whether
    they come from a stranger, so that each is looked at and archives are unpacked; ``most_bytes``,
    what they may take then, and ``least_free_mb``, the disk that must stay free meanwhile [MiB].
    """
    folder = Path(order["folder"])
    if order["is_strange"]:
        left = order["most_bytes"]
        for archive in sorted(folder.glob("*.[zZ][iI][pP]")):
            left = _unpack(archive, left, order["least_free_mb"])
        for path in sorted(folder.iterdir()):
            _check(path)
    source = open_climate(folder)
    source.select()
    return {
        "kind": source.kind,
        "label": _label(source),
        "periods": [str(period) for period in source.periods],
    }


def _label(source: ClimateSource) -> str:
    origin = source.provenance
    name = shown_text(str(origin.get("station") or origin.get("source") or source.kind))
    first, last = source.periods[0], source.periods[-1]
    return f"{name}, {first}" if first == last else f"{name}, {first} to {last}"


def _unpack(archive: Path, most_bytes: int, least_free_mb: int) -> int:
    """Replace an archive by the rasters in it; return how many bytes may still be unpacked."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()[:_MOST_MEMBERS]
            for member in members:
                name = PurePosixPath(member.filename).name
                if member.is_dir() or not name.lower().endswith(RASTER_SUFFIXES):
                    continue
                with opened.open(member) as source, (archive.parent / name).open("xb") as target:
                    while piece := source.read(2**20):
                        most_bytes -= len(piece)
                        if most_bytes < 0:
                            raise InputError(
                                f"{archive} holds more than may be uploaded",
                                remedy="send fewer files, or cut them to the region that matters",
                            )
                        if free_disk_mb(archive.parent) < least_free_mb:
                            raise ResourceError(
                                f"the disk has no room for what {archive} holds",
                                "disk",
                                remedy="send fewer files, or remove old jobs",
                            )
                        target.write(piece)
    except FileExistsError as error:
        name = Path(str(error.filename)).name
        raise InputError(f"{name} was sent twice", remedy="send it once") from None
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(
            f"{archive} is no archive that can be read ({error})", remedy="make it anew"
        ) from None
    archive.unlink()
    return most_bytes


def _check(path: Path) -> None:
    """Raise `InputError` unless a file holds its own data, in the format that its name says."""
    suffix = path.suffix.lower()
    if suffix in (".nc", ".nc4"):
        _require_own_data(path)
    if suffix in RASTER_SUFFIXES and suffix not in _BESIDE:
        raster_info(path)


def _require_own_data(path: Path) -> None:
    """Raise `InputError` if a NetCDF file takes data from another file.

    HDF5, which NetCDF-4 is, can link to objects and cells of other files, and reads them wherever
    they lie.
    """
    import h5py

    if not h5py.is_hdf5(path):
        return  # NetCDF-3, which has no such thing; whether it is one is seen when it is opened
    try:
        with h5py.File(path, "r") as file:
            _walk(file, path)
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise InputError(f"{path} is damaged ({error})", remedy="fetch it again") from None


def _walk(file: Any, path: Path) -> None:
    import h5py

    groups: list[Any] = [file]
    seen: set[int] = set()
    while groups:
        group = groups.pop()
        for name in group:
            if len(seen) > _MOST_OBJECTS:
                raise InputError(f"{path} holds too many things", remedy="send a climate's file")
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise _elsewhere(path)
            found = group[name]
            address = h5py.h5o.get_info(found.id).addr
            if address in seen:
                continue
            seen.add(address)
            if isinstance(found, h5py.Group):
                groups.append(found)
            elif isinstance(found, h5py.Dataset) and (found.is_virtual or found.external):
                raise _elsewhere(path)


def _elsewhere(path: Path) -> InputError:
    return InputError(
        f"{path} takes data from other files", remedy="copy it with nccopy, and send the copy"
    )


if __name__ == "__main__":
    sys.exit(serve_order(look))
