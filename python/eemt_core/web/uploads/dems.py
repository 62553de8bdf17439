"""DEMs that were uploaded: looked at when they come, and linked into the folders of jobs."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import EemtError
from ...errors.system import cannot_write
from .limited import DEM_FORMATS, ask
from .multipart import ReceivedFile
from .shelf import Item, Shelf

ENDING = ".tif"
_DEM, _PICTURE, _ANSWER = "dem.tif", "hillshade.png", "answer.json"


class Dems:
    """The DEMs of a shelf. What the API calls their ``filename`` is the identity and `ENDING`."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def take(self, place: Path, received: ReceivedFile) -> Item:
        """Look at a file that has come into a place of the shelf, and keep it if it is a DEM.

        Raises
        ------
        InputError
            With the sentence with which a run would end, but for the file's name.
        """
        path = received.path.rename(place / _DEM)
        order = {"dem": str(path), "picture": str(place / _PICTURE)}
        names = {str(path): received.original_name}
        try:
            found = ask("look_dem", order, place / _ANSWER, formats=DEM_FORMATS, names=names)
        except EemtError as error:
            error.field = received.field
            raise
        notes = [note.replace(str(path), received.original_name) for note in found["notes"]]
        facts = {"original_name": received.original_name, "size": received.size, **found}
        return self.shelf.keep(place, {**facts, "notes": notes})

    def get(self, filename: str) -> Item | None:
        """Return the DEM that the API calls so, or None; whatever the text, it names no path."""
        if not filename.endswith(ENDING):
            return None
        return self.shelf.get(filename.removesuffix(ENDING))

    def check(self, item: Item, unit: str | None, nodata: Sequence[float], folder: Path) -> None:
        """Check a DEM anew, with what is said of it beside the file.

        `folder` is where the process that looks may answer.

        Raises
        ------
        InputError, ArgumentError
            With the sentence with which a run would end, but for the file's name.
        """
        path = dem_path(item)
        order = {"dem": str(path), "elevation_unit": unit, "nodata": list(nodata)}
        names = {str(path): item.facts["original_name"]}
        ask("look_dem", order, folder / _ANSWER, formats=DEM_FORMATS, names=names)


def filename_of(item: Item) -> str:
    """Return what the API calls a DEM."""
    return f"{item.id}{ENDING}"


def dem_path(item: Item) -> Path:
    """Return where a DEM lies."""
    return item.folder / _DEM


def picture_path(item: Item) -> Path:
    """Return where its hillshade lies."""
    return item.folder / _PICTURE


def public_facts(item: Item) -> Mapping[str, Any]:
    """Return what the API tells of a DEM."""
    return {"filename": filename_of(item), **item.facts}


def link(source: Path, target: Path) -> Path:
    """Give a file a second name, so that it outlives the first one; copy it where disks differ.

    Raises
    ------
    ResourceError
        If the disk has no room for a copy.
    """
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP):
            raise
        try:
            shutil.copyfile(source, target)
        except OSError as full:
            raise cannot_write(target, full) from None
    return target
