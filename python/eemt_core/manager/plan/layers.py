"""Other rasters that tiles need beside the DEM, each cut to a tile's cells.

A layer is made on the DEM's grid when a tile asks for its window, so nothing of the size of the
DEM is held or written for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...grids.grid import Grid, Lattice
from ...grids.tiling import Window
from ...plausible import (
    CANOPY_HEIGHT,
    LEAF_AREA,
    LINKE,
    LINKE_CUT_FROM,
    NDVI,
    WETNESS,
    Quantity,
)
from ...rasters import Geometry, PreparedDem, check_matched, raster_info, read_matched
from ...tiles.array_file import StoredArray
from ..reporter import Reporter

_SCAN_CELLS = 1024


@dataclass(frozen=True)
class RasterKind:
    """What a raster of a request must hold.

    Attributes
    ----------
    quantity
        Of its cells.
    is_monthly
        Whether it may have twelve bands, for the months, in place of one.
    """

    quantity: Quantity
    is_monthly: bool = False

    def check_bands(self, path: Path) -> int:
        """Return how many bands a raster has; raise `InputError` if it may not have so many."""
        bands = raster_info(path).bands
        if bands != 1 and not (self.is_monthly and bands == 12):
            allowed = "one band, or twelve for the months" if self.is_monthly else "one band"
            raise InputError(
                f"{path} has {bands} bands", remedy=f"{self.quantity.name} must have {allowed}"
            )
        return bands


RASTERS: Mapping[str, RasterKind] = {
    "linke": RasterKind(LINKE, is_monthly=True),
    "lai": RasterKind(LEAF_AREA, is_monthly=True),
    "ndvi": RasterKind(NDVI, is_monthly=True),
    "canopy_height": RasterKind(CANOPY_HEIGHT),
    "twi": RasterKind(WETNESS),
}
"""Rasters beside the DEM, by the names of their fields in a request."""


class Layer(Protocol):
    """A quantity over the DEM's grid."""

    def cut(self, window: Window) -> NDArray[np.float32]:
        """Return (rows, cols) or (12, rows, cols) values of a window."""
        ...


@dataclass(frozen=True)
class RasterLayer:
    """A raster of one band, or of twelve for the months, checked when it is made.

    Attributes
    ----------
    grid
        The DEM's, on which it is read.
    cover
        Share of the DEM's cells with an elevation that get a value from all its bands.
    """

    path: Path
    grid: Grid
    bands: int
    quantity: Quantity
    cover: float

    @classmethod
    def open(
        cls, path: Path, dem: PreparedDem, kind: RasterKind, *, reporter: Reporter
    ) -> RasterLayer:
        """Return the layer, or raise `InputError` if it cannot serve.

        All values that the DEM's cells take are looked at. Turbidities below that of clean dry
        air, which worldwide maps have on high mountains, are taken as that, and this is said.
        """
        bands, quantity = kind.check_bands(path), kind.quantity
        values = check_matched(
            path,
            dem.grid,
            dem.path,
            quantity,
            cut_from=LINKE_CUT_FROM if quantity is LINKE else None,
        )
        if values.is_empty:
            raise InputError(
                f"{path} has no value anywhere over the DEM", remedy="check its place and CRS"
            )
        if values.low:
            reporter.say(_taken_as_clean(path, values.low.text(" of the DEM")))
        if values.cells_without and quantity is not WETNESS:  # whose gaps are reported by itself
            reporter.say(
                f"{path} has no value in {values.cells_without} of the DEM's cells"
                f" ({values.cells_without / values.cells:.1%}): maps that need its"
                f" {quantity.name} have none there either."
            )
        cover = 1.0 - values.cells_without / max(1, values.cells)
        return cls(path, dem.grid, bands, quantity, cover)

    def cut(self, window: Window) -> NDArray[np.float32]:
        """Return the values of a window."""
        layers = [
            read_matched(self.path, self.grid, *window.numbers, band=band + 1)
            for band in range(self.bands)
        ]
        values = layers[0] if self.bands == 1 else np.stack(layers)
        if self.quantity is LINKE:
            values = np.where(values >= LINKE_CUT_FROM, np.maximum(values, LINKE.lowest), values)
        # impossible ones are left only where the DEM has no elevation
        low, high = self.quantity.lowest, self.quantity.highest
        values[(values < low) | (values > high)] = np.nan
        return values


@dataclass(frozen=True)
class LeafAreaFromNdvi:
    """Leaf area index from a layer of NDVI."""

    ndvi: RasterLayer

    def cut(self, window: Window) -> NDArray[np.float32]:
        """Return the leaf area index of a window."""
        from ...energy import lai_from_ndvi

        ndvi = self.ndvi.cut(window)
        if ndvi.ndim == 2:
            return lai_from_ndvi(ndvi)
        return np.stack([lai_from_ndvi(month) for month in ndvi])


@dataclass(frozen=True)
class ArrayLayer:
    """A layer of the whole DEM's shape that lies in a file."""

    place: StoredArray
    folder: Path

    def cut(self, window: Window) -> NDArray[np.float32]:
        """Return the values of a window."""
        return np.array(self.place.load(self.folder)[window.slices])


@dataclass(frozen=True)
class LatticeLayer:
    """Twelve smooth quantities over the DEM."""

    months: tuple[Lattice, ...]

    def cut(self, window: Window) -> NDArray[np.float32]:
        """Return (12, rows, cols) values of a window."""
        cuts = [month.expand(*window.numbers).astype(np.float32) for month in self.months]
        return np.stack(cuts)


def soda_turbidity(geometry: Geometry, reporter: Reporter) -> LatticeLayer:
    """Return the monthly Linke turbidity of the SoDa grid over the DEM, at least 1."""
    from ...solar.turbidity import soda_linke

    latitude, longitude = geometry.latitude_rad, geometry.longitude_rad
    monthly = soda_linke(np.degrees(latitude.values), np.degrees(longitude.values))
    if (lowest := float(monthly.min())) < LINKE.lowest:
        reporter.say(_taken_as_clean("The SoDa grid", f"{lowest:.3g} near the DEM"))
    monthly = np.maximum(monthly, LINKE.lowest)
    return LatticeLayer(tuple(Lattice(month, latitude.spacing) for month in monthly))


def _taken_as_clean(source: object, what: str) -> str:
    return (
        f"{source} holds turbidities below {LINKE.lowest:g}, that of clean dry air ({what}): they"
        f" are taken as {LINKE.lowest:g}."
    )


def windows(rows: int, cols: int, edge: int = _SCAN_CELLS) -> Iterator[Window]:
    """Yield windows of at most `edge` x `edge` cells that cover a grid."""
    for row0 in range(0, rows, edge):
        for col0 in range(0, cols, edge):
            yield Window(row0, col0, min(edge, rows - row0), min(edge, cols - col0))
