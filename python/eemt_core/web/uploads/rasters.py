"""Rasters beside a DEM that were uploaded: leaf area, canopy, wetness, turbidity and the like."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .limited import DEM_FORMATS, ask
from .multipart import ReceivedFile
from .shelf import Item, Shelf

ENDING = ".tif"
LAID_OVER_DEM = ("linke", "lai", "ndvi", "canopy_height", "twi")
"""Fields of requests whose raster is laid over the DEM; others go with the climate."""

KINDS = (*LAID_OVER_DEM, "climate_elevation")
"""Fields of requests that a raster may be given for."""

_RASTER, _ANSWER = "raster.tif", "answer.json"
_MOST_REMEMBERED = 1000


@dataclass(frozen=True)
class Ground:
    """The DEM that rasters are laid over.

    Attributes
    ----------
    dem
        Its path; None for the demonstration's.
    name
        What its user calls it.
    unit, nodata
        What is said beside it: the unit of its elevations, and values that are none.
    is_needed
        Whether EEMT takes a wetness index.
    """

    dem: Path | None
    name: str
    unit: str | None = None
    nodata: tuple[float, ...] = ()
    is_needed: bool = False


class Rasters:
    """The rasters of a shelf; every method may be called from any thread.

    What the API calls their ``filename`` is the identity and `ENDING`.
    """

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str, Ground], list[str]] = OrderedDict()

    def take(self, place: Path, received: ReceivedFile, kind: str, over: Ground | None) -> Item:
        """Look at a file that has come into a place of the shelf, and keep it if it can serve.

        `kind` is a field of requests; `over`, if given, the DEM that the raster is laid over.

        Raises
        ------
        InputError
            With the sentence with which a run would end, but for the file's name.
        """
        path, name = received.path.rename(place / _RASTER), received.original_name
        found = _look(path, name, kind, over, place, is_new=True)
        own = {"original_name": name, "size": received.size, "kind": kind}
        return self.shelf.keep(place, {**own, **found})

    def get(self, filename: str) -> Item | None:
        """Return the raster that the API calls so, or None; whatever the text, it names no path."""
        if not filename.endswith(ENDING):
            return None
        return self.shelf.get(filename.removesuffix(ENDING))

    def notes(self, item: Item, kind: str, over: Ground, folder: Path) -> list[str]:
        """Return what a run over a DEM would say of a raster; what was found once is remembered.

        `folder` is where the process that looks may write.

        Raises
        ------
        InputError
            With the sentence with which the run would end, but for the file's name.
        """
        if kind not in LAID_OVER_DEM:
            return []
        key = item.id, kind, over
        with self._lock:
            known = self._known.get(key)
        if known is None:
            path, name = raster_path(item), str(item.facts["original_name"])
            known = _look(path, name, kind, over, folder)["notes"]
            with self._lock:
                self._known[key] = known
                while len(self._known) > _MOST_REMEMBERED:
                    self._known.popitem(last=False)
        return known


def filename_of(item: Item) -> str:
    """Return what the API calls a raster."""
    return f"{item.id}{ENDING}"


def raster_path(item: Item) -> Path:
    """Return where a raster lies."""
    return item.folder / _RASTER


def public_facts(item: Item) -> Mapping[str, Any]:
    """Return what the API tells of a raster."""
    return {"filename": filename_of(item), **item.facts}


def _look(
    path: Path, name: str, kind: str, over: Ground | None, folder: Path, *, is_new: bool = False
) -> dict[str, Any]:
    order: dict[str, Any] = {"raster": str(path), "kind": kind, "is_new": is_new}
    stem = Path(name).stem
    names = {str(path): name, f"{path.stem}-mended{ENDING}": f"{stem}-mended{ENDING}"}
    if over is not None and kind in LAID_OVER_DEM:
        order["folder"] = str(folder)
        dem = None if over.dem is None else str(over.dem)
        order["over"] = {**asdict(over), "dem": dem, "nodata": list(over.nodata)}
        names |= {} if dem is None else {dem: over.name}
    found = ask("look_raster", order, folder / _ANSWER, formats=DEM_FORMATS, names=names)
    return {**found, "notes": [note.replace(str(path), name) for note in found["notes"]]}
