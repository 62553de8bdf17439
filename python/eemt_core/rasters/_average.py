"""Maps that are another map times a number, as a VRT beside it: some lines of XML, no cells.

GDAL and all that reads through it (QGIS, rasterio, R) opens a VRT like any raster, with the
overviews of the map that it names. GDAL lists no overview with a side of less than 128 cells, but
uses those of the map whenever it reads at reduced size.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from .._version import __version__
from ..errors import InputError
from ..files import read_file
from ..grids.grid import Grid
from ._whole import written_whole

VRT_ENDING = ".vrt"
_LONGEST_BYTES = 2**20
_PLAIN_NAME = re.compile(r"[^/\\:<]+\.tif")


@dataclass(frozen=True)
class Average:
    """What a VRT of `write_average_vrt` says: the map that it names, and the factor.

    Attributes
    ----------
    source
        The map.
    factor
        By which its values are multiplied.
    shape
        (rows, cols) of both.
    units, tags
        Unit of the values, and the tags of the VRT.
    """

    source: Path
    factor: float
    shape: tuple[int, int]
    units: str
    tags: dict[str, str]


def write_average_vrt(
    path: str | Path,
    source: str | Path,
    grid: Grid,
    *,
    factor: float,
    description: str,
    units: str,
    tags: Mapping[str, str] | None = None,
    block_cells: int = 512,
) -> None:
    """Write a VRT whose cells are those of a map times a factor, NaN where the map has none.

    Parameters
    ----------
    path
        The VRT. An existing file is replaced; on failure no new one is left.
    source
        The map, in the same folder, which need not be there yet: the VRT names it without the
        folder, so that both can be moved together.
    grid
        Grid of both.
    factor
        By which values are multiplied, in double precision.
    description, units, tags
        Metadata as `write_map` takes them.
    block_cells
        Edge of the map's blocks, by which readers read best.

    Raises
    ------
    ResourceError
        If the disk is full.
    """
    path = Path(path)
    size = {"xOff": "0", "yOff": "0", "xSize": str(grid.cols), "ySize": str(grid.rows)}
    root = ElementTree.Element("VRTDataset", rasterXSize=str(grid.cols), rasterYSize=str(grid.rows))
    if grid.crs:
        _add(root, "SRS", grid.crs)
    place = (grid.x0, grid.dx, 0.0, grid.y0, 0.0, -grid.dy)
    _add(root, "GeoTransform", ", ".join(repr(float(number)) for number in place))
    metadata = _add(root, "Metadata")
    said = {"TIFFTAG_SOFTWARE": f"eemt-core {__version__}", **(tags or {}), "AREA_OR_POINT": "Area"}
    for key, value in said.items():
        _add(metadata, "MDI", value, key=key)
    blocks = {"blockXSize": str(block_cells), "blockYSize": str(block_cells)}
    band = _add(root, "VRTRasterBand", dataType="Float32", band="1", **blocks)
    _add(band, "Description", description)
    _add(band, "UnitType", units)
    _add(band, "NoDataValue", "nan")
    values = _add(band, "ComplexSource")
    _add(values, "SourceFilename", Path(source).name, relativeToVRT="1")
    _add(values, "SourceBand", "1")
    _add(values, "SrcRect", **size)
    _add(values, "DstRect", **size)
    _add(values, "NODATA", "nan")
    _add(values, "ScaleOffset", "0")
    _add(values, "ScaleRatio", repr(float(factor)))
    ElementTree.indent(root)
    # `tostring` encodes word by word, which takes longer than all else here
    text = ElementTree.tostring(root, encoding="unicode") + "\n"
    with written_whole(path) as temporary:
        temporary.write_bytes(text.encode(errors="xmlcharrefreplace"))


def average_of(path: str | Path) -> Average:
    """Return what a VRT of `write_average_vrt` says, without GDAL.

    Raises
    ------
    InputError
        If the file is missing, or none that `write_average_vrt` wrote.
    """
    path = Path(path)
    root = _read(path)
    try:
        name = _text(root, "VRTRasterBand/ComplexSource/SourceFilename")
        if not _PLAIN_NAME.fullmatch(name):
            raise ValueError(name)
        return Average(
            source=path.parent / name,
            factor=float(_text(root, "VRTRasterBand/ComplexSource/ScaleRatio")),
            shape=(int(root.attrib["rasterYSize"]), int(root.attrib["rasterXSize"])),
            units=_text(root, "VRTRasterBand/UnitType"),
            tags={item.attrib["key"]: item.text or "" for item in root.iterfind("Metadata/MDI")},
        )
    except (KeyError, ValueError):
        raise _no_average(path) from None


def overview_text(path: Path, level: int) -> str:
    """Return a VRT of what `path` shows of an overview of its map, as GDAL opens it.

    It names the map by its whole path; `level` 1 is the first overview, half as many cells a side.
    """
    root, average = _read(path), average_of(path)
    rows, cols = (-(-cells // 2**level) for cells in average.shape)
    root.attrib.update(rasterXSize=str(cols), rasterYSize=str(rows))
    transform = root.find("GeoTransform")
    source = root.find("VRTRasterBand/ComplexSource")
    assert source is not None
    assert transform is not None
    x0, dx, _, y0, _, dy = (float(number) for number in (transform.text or "").split(","))
    dx, dy = dx * average.shape[1] / cols, dy * average.shape[0] / rows
    transform.text = ", ".join(map(repr, (x0, dx, 0.0, y0, 0.0, dy)))
    _add(_add(source, "OpenOptions"), "OOI", str(level - 1), key="OVERVIEW_LEVEL")
    for name in ("SrcRect", "DstRect"):
        for rectangle in source.iterfind(name):
            rectangle.attrib.update(xSize=str(cols), ySize=str(rows))
    for filename in source.iterfind("SourceFilename"):
        filename.text = os.path.abspath(average.source)
        filename.attrib["relativeToVRT"] = "0"
    return ElementTree.tostring(root, encoding="unicode")


def _read(path: Path) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(read_file(path, _LONGEST_BYTES))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", remedy="check it") from None
    except (ElementTree.ParseError, ValueError):
        raise _no_average(path) from None


def _no_average(path: Path) -> InputError:
    return InputError(
        f"{path} is no VRT of an average that eemt-run wrote",
        remedy="let the run write it anew, or read the map of the sum",
    )


def _text(root: ElementTree.Element, name: str) -> str:
    text = root.findtext(name)
    if text is None:
        raise ValueError(name)
    return text


def _add(
    parent: ElementTree.Element, name: str, text: str = "", **attributes: str
) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name, attributes)
    element.text = text or None
    return element
