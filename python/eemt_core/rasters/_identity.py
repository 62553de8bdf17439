"""The files that decide what a raster's cells hold, so that a change in any can be noticed."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path

from rasterio.errors import NotGeoreferencedWarning

from ..files import read_file
from ._crs import GDAL_ERRORS
from ._files import Path_, gdal
from ._formats import open_raster
from ._remote import is_remote
from ._sources import gdal_name, source_files

# statistics that viewers such as QGIS write beside a raster: they change none of its cells
_STATISTICS = re.compile(
    rb"<Histograms>.*?</Histograms>|<MDI key=\"STATISTICS_[^>]*>[^<]*</MDI>", re.DOTALL
)
_FRAME = re.compile(rb"</?(?:PAMDataset|PAMRasterBand|Metadata)\b[^>]*>|\s+")


@dataclass(frozen=True, slots=True)
class RasterFiles:
    """The files and other sources that a raster's name refers to.

    Attributes
    ----------
    files
        For each file its role and its path. The role is "" for a raster itself, and the ending of
        the name, such as ".tfw", for a file beside it. The raster comes first, then files beside
        it, then files that it refers to (the sources of a VRT), in the order in which it does.
    selection
        The part of the name that selects something within a file, such as a variable; "" if the
        name is a plain path.
    remote
        Names of sources on other machines.
    """

    files: tuple[tuple[str, Path], ...]
    selection: str
    remote: tuple[str, ...]


def raster_files(path: Path_) -> RasterFiles:
    """Return all files that decide what a raster holds, and the names of sources elsewhere.

    The files beside a raster are those that GDAL reads with it, except overviews, from which we
    take no cells, and statistics.

    Raises
    ------
    InputError
        If a file is missing, or is not a regular file.
    """
    name = gdal_name(path)
    found: dict[Path, str] = {}
    remote: dict[str, None] = {}
    sources = source_files(name)
    for source in sources:
        found.setdefault(source, "")
        for beside in _read_with(str(source), remote):
            if beside not in sources and _counts(beside):
                found.setdefault(beside, _ending(beside, source))
    if not sources:
        for file in _read_with(name, remote):
            found.setdefault(file, file.name)
    selection = "" if Path(name) in found else name
    for source in sources:
        selection = selection.replace(str(source), "")
    files = tuple((part, file) for file, part in found.items())
    return RasterFiles(files, selection, tuple(remote))


def _read_with(name: str, remote: dict[str, None]) -> list[Path]:
    """Return the files that GDAL reads with a raster; add those on other machines to `remote`."""
    try:
        with gdal(), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with open_raster(name) as source:
                names = source.files
    except GDAL_ERRORS:
        return []  # not a raster but, for example, a table or an archive
    remote.update(dict.fromkeys(n for n in names if is_remote(n)))
    return sorted(Path(n) for n in names if not n.startswith("/vsi") and Path(n).is_file())


def _counts(path: Path) -> bool:
    if path.suffix.lower() == ".ovr":
        return False
    if not path.name.lower().endswith(".aux.xml"):
        return True
    try:
        text = read_file(path, 2**26)
    except OSError:
        return True
    return bool(_FRAME.sub(b"", _STATISTICS.sub(b"", text)))


def _ending(beside: Path, raster: Path) -> str:
    stem = raster.stem
    return beside.name[len(stem) :] if beside.name.startswith(stem) else beside.name
