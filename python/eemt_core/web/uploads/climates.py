"""Climates that a run may be given: the demonstration's, those uploaded, and those of the owner."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ...demo import climate_path
from ...errors import ArgumentError, EemtError
from ...errors.system import shown
from .limited import CLIMATE_FORMATS, ask
from .multipart import ReceivedFile
from .shelf import Item, Shelf

DEMO = "demo"
RASTER_SUFFIXES = (".nc", ".nc4", ".tif", ".tiff", ".bil", ".asc", ".hdr", ".prj", ".stx")
"""Of files that make up a climate's rasters, those beside a BIL grid included."""

_SUFFIXES = (".toml", ".zip", *RASTER_SUFFIXES)
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")
"""Names of Daymet's and PRISM's files: a raster keeps its own, since it says what is in it."""

_ANY_NAME = (".toml", ".zip")
"""Of files whose name says nothing, so that it may be any."""

_FILES, _ANSWER = "files", "answer.json"


@dataclass(frozen=True)
class Climate:
    """A climate to choose.

    Attributes
    ----------
    id
        By which a form names it.
    label
        What a page calls it.
    kind
        One of station, daymet, local, prism.
    periods
        Its years, or the label of normals.
    path
        The file or folder.
    is_uploaded
        Whether its files go into the folder of each job that uses it.
    """

    id: str
    label: str
    kind: str
    periods: tuple[str, ...]
    path: Path
    is_uploaded: bool = False


class Climates:
    """All climates of a service.

    Parameters
    ----------
    shelf
        Where those lie that were uploaded.
    folder
        Of the owner's own, each a folder or a station's table; None: there are none.
    """

    def __init__(self, shelf: Shelf, folder: Path | None = None) -> None:
        self.shelf, self._folder = shelf, folder
        self._known: dict[tuple[str, int], Climate | None] = {}

    def take(
        self,
        place: Path,
        received: Sequence[ReceivedFile],
        most_bytes: int,
        least_free_mb: int = 0,
    ) -> Climate:
        """Look at files that have come into a place of the shelf, and keep them as a climate.

        `most_bytes` is what they may take, archives unpacked; `least_free_mb` [MiB] of disk stay
        free.

        Raises
        ------
        ArgumentError
            If a file has a name that no file of a climate has.
        InputError
            With the sentence with which a run would end.
        ResourceError
            If the disk has no room for what archives hold.
        """
        folder = place / _FILES
        folder.mkdir(mode=0o700)
        for file in received:
            file.path.rename(folder / _own_name(file, folder))
        order = {
            "folder": str(folder),
            "is_strange": True,
            "most_bytes": most_bytes,
            "least_free_mb": least_free_mb,
        }
        names = {f"{folder}/": "", str(folder): "the upload"}
        try:
            found = ask(
                "look_climate", order, place / _ANSWER, formats=CLIMATE_FORMATS, names=names
            )
        except EemtError as error:
            error.field = "file"
            raise
        return _uploaded(self.shelf.keep(place, found))

    def get(self, identity: str) -> Climate | None:
        """Return a climate, or None if there is none of this identity."""
        if (item := self.shelf.get(identity)) is not None:
            return _uploaded(item)
        if identity == DEMO:
            return _demo()
        return next((climate for climate in self._owned() if climate.id == identity), None)

    def all(self) -> list[Climate]:
        """Return all: the demonstration's, the owner's, and those uploaded, the latest first."""
        return [_demo(), *self._owned(), *map(_uploaded, self.shelf.items())]

    def _owned(self) -> list[Climate]:
        if self._folder is None:
            return []
        try:
            entries = sorted(self._folder.iterdir())
        except OSError:  # it was unmounted, for example
            return []
        found = []
        for path in entries:
            if path.name.startswith(".") or not (path.is_dir() or path.suffix == ".toml"):
                continue
            key = str(path), path.stat().st_mtime_ns
            if key not in self._known:
                self._known[key] = _owned_climate(path)
            if (climate := self._known[key]) is not None:
                found.append(climate)
        return found


def _demo() -> Climate:
    label = "Allardt, Tennessee (the demonstration's)"
    return Climate(DEMO, label, "station", ("1971-2000",), climate_path())


def _own_name(file: ReceivedFile, folder: Path) -> str:
    name = file.original_name
    if name.lower().endswith(_ANY_NAME):
        name = _plain(name)
    if not (_PLAIN.fullmatch(name) and name.lower().endswith(_SUFFIXES)):
        raise ArgumentError(
            f"{shown(name)!r} is no name of a climate's file",
            remedy="give a station's table (.toml), or Daymet's or PRISM's files under their own "
            "names",
            field="file",
            value=name,
        )
    if any(other.name.lower() == name.lower() for other in folder.iterdir()):
        raise ArgumentError(f"{name} was sent twice", remedy="send it once", field="file")
    return name


def _plain(name: str) -> str:
    """Return a name without what could mean something to others than people.

    Examples
    --------
    >>> _plain("Gordon Gulch (2).toml"), _plain("Schöneberg.toml"), _plain("山.toml")
    ('Gordon_Gulch_2.toml', 'Sch_neberg.toml', 'climate.toml')
    """
    stem, _, suffix = name.rpartition(".")
    plain = re.sub(r"[^A-Za-z0-9.-]+", "_", stem).strip("_.-")[:100]
    return f"{plain or 'climate'}.{suffix}"


def _uploaded(item: Item) -> Climate:
    return _climate(item.id, item.facts, item.folder / _FILES, is_uploaded=True)


def _climate(identity: str, facts: Mapping[str, Any], path: Path, *, is_uploaded: bool) -> Climate:
    periods = tuple(facts["periods"])
    return Climate(identity, facts["label"], facts["kind"], periods, path, is_uploaded)


def _owned_climate(path: Path) -> Climate | None:
    """Return a climate of the owner's, or None where it is none that can be read."""
    identity = hashlib.sha256(path.name.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    with TemporaryDirectory() as folder:
        try:
            found = ask(
                "look_climate",
                {"folder": str(path.absolute()), "is_strange": False},
                Path(folder) / _ANSWER,
                formats=CLIMATE_FORMATS,
            )
        except EemtError:
            return None
    facts = {**found, "label": f"{path.stem}: {found['label']}"}
    return _climate(identity, facts, path.absolute(), is_uploaded=False)
