"""Other rasters that tiles need beside the DEM, each cut to a tile's cells.

A layer is made on the DEM's grid when a tile asks for its window, so nothing of the size of the
DEM is held or written for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..grid import Grid, Lattice
from ..rasters import Geometry, raster_info, read_matched
from ..stored import StoredArray
from ..tiling import Window

_SCAN_CELLS = 1024


class Layer(Protocol):
    """A quantity over the DEM's grid."""

    def cut(self, window: Window) -> NDArray[np.float32]:
        """Return (rows, cols) or (12, rows, cols) values of a window."""
        ...


@dataclass(frozen=True)
class RasterLayer:
    """A raster of one band, or of twelve for the months, checked when it is made."""

    path: Path
    grid: Grid
    bands: int

    @classmethod
    def open(cls, path: Path, grid: Grid, what: str, *, monthly: bool) -> RasterLayer:
        """Return the layer, or raise `InputError` if it cannot serve."""
        bands = raster_info(path).bands
        if bands != 1 and not (monthly and bands == 12):
            allowed = "one band, or twelve for the months" if monthly else "one band"
            raise InputError(f"{path} has {bands} bands: {what} must have {allowed}")
        layer = cls(path, grid, bands)
        if not layer._has_values():
            raise InputError(f"{path} has no value anywhere over the DEM: check its place and CRS")
        return layer

    def _has_values(self) -> bool:
        """Say whether there is a value over the grid.

        Places spread over it are looked at first: GDAL takes all of a raster into memory to bring
        it to a coarse grid.
        """
        grid, places = self.grid, list(windows(*self.grid.shape, 64))
        for window in places[:: max(1, len(places) // 64)]:
            if np.isfinite(read_matched(self.path, grid, *window.numbers)).any():
                return True
        step = max(1, max(grid.shape) // 64)
        rows, cols = max(1, grid.rows // step), max(1, grid.cols // step)
        coarse = replace(grid, rows=rows, cols=cols, dx=grid.dx * step, dy=grid.dy * step)
        return bool(np.isfinite(read_matched(self.path, coarse, 0, 0, rows, cols)).any())

    def cut(self, window: Window) -> NDArray[np.float32]:
        """Return the values of a window."""
        layers = [
            read_matched(self.path, self.grid, *window.numbers, band=band + 1)
            for band in range(self.bands)
        ]
        return layers[0] if self.bands == 1 else np.stack(layers)


@dataclass(frozen=True)
class LeafAreaFromNdvi:
    """Leaf area index from a layer of NDVI."""

    ndvi: RasterLayer

    def cut(self, window: Window) -> NDArray[np.float32]:
        """Return the leaf area index of a window."""
        from ..energy import lai_from_ndvi

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


def soda_turbidity(geometry: Geometry) -> LatticeLayer:
    """Return the monthly Linke turbidity of the SoDa grid over the DEM."""
    from ..turbidity import soda_linke

    latitude, longitude = geometry.latitude_rad, geometry.longitude_rad
    monthly = soda_linke(np.degrees(latitude.values), np.degrees(longitude.values))
    return LatticeLayer(tuple(Lattice(month, latitude.spacing) for month in monthly))


def windows(rows: int, cols: int, edge: int = _SCAN_CELLS) -> Iterator[Window]:
    """Yield windows of at most `edge` x `edge` cells that cover a grid."""
    for row0 in range(0, rows, edge):
        for col0 in range(0, cols, edge):
            yield Window(row0, col0, min(edge, rows - row0), min(edge, cols - col0))
