"""What a run asks of a tile's result: which layers, of what form, with cells in what range."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...grids.tiling import Tile, Window
from ...tiles.encoded import Layout
from ...tiles.task import Encoding
from ..inputs.tile_inputs import TileInputs
from ..plan.encoding import tile_encoding
from ..plan.plan import Plan

_SUN_H = 24.0
_IRRADIATION_WH = 2.0 * 1413.0 * _SUN_H
"""Of a day: the sun outside the atmosphere, nearest to it, all day long, and as much again."""

_ENERGY_MJ = (-1e3, 1e6)
"""Of a year: a regression may leave a tall canopy a little below 0; wet tropics reach some 1e3."""

_ROUNDING = 1e-4
"""Share of a range by which float32 may leave it, as the sum of a year of whole days of sun."""

_BELOW = 0.01
"""How far below a range at most: sums of what is never negative are not, however long."""

_LARGEST = float(np.finfo(np.float32).max)
_TERRAIN = {"slope": math.pi / 2, "aspect": 2.0 * math.pi, "sky_view": 1.0}


@dataclass(frozen=True)
class ExpectedArray:
    """One array of a result.

    Attributes
    ----------
    layers
        How many grids it holds; None of a plain grid.
    low, high
        Between which its cells lie; infinity never does.
    is_everywhere
        Whether it has a value wherever the DEM has one.
    """

    layers: int | None
    low: float
    high: float
    is_everywhere: bool

    def widened(self, bits: int) -> ExpectedArray:
        """Return it with the range that cells have when so many bits of mantissa are kept."""
        share = 2.0 ** -(bits + 1)
        low = self.low - share * abs(self.low)
        return replace(self, low=low, high=self.high + share * abs(self.high))


@dataclass(frozen=True)
class ExpectedResult:
    """What all results of a run have in common.

    Attributes
    ----------
    fingerprint
        Of the run.
    instruction_set
        What the kernels of the run run on.
    arrays
        By their names.
    days
        How many days the sun is computed for.
    ground
        Tells where in a window the DEM has values.
    encoding
        Tells how the result of a tile, or of a part of one, is encoded.
    """

    fingerprint: Mapping[str, str]
    instruction_set: str
    arrays: Mapping[str, ExpectedArray]
    days: int
    ground: Callable[[Window], NDArray[np.bool_]]
    encoding: Callable[[Tile], Encoding]

    @classmethod
    def of(cls, inputs: TileInputs) -> ExpectedResult:
        """Return what the run of these inputs asks of each tile."""
        plan = inputs.plan
        layers = plan.layers_of_arrays
        arrays = {name: _expected(name, count, plan) for name, count in layers.items()}
        return cls(
            plan.fingerprint,
            plan.instruction_set,
            arrays,
            len(plan.solar.days),
            inputs.ground,
            lambda tile: tile_encoding(plan, tile),
        )

    @property
    def layers(self) -> int:
        """How many grids a result holds in all."""
        return sum(array.layers or 1 for array in self.arrays.values())

    def layout(self, tile: Tile) -> Layout:
        """Return how the file of a tile's encoded layers is laid out."""
        layers = {name: array.layers for name, array in self.arrays.items()}
        return Layout(self.encoding(tile).piece, layers)

    def most_bytes(self, tile: Tile) -> int:
        """Return how long the file of a tile's encoded layers is at most."""
        layout = self.layout(tile)
        piece = layout.piece
        cells = sum(piece.block_cells) + math.prod(piece.share_shape)
        blocks = cells * 9 // 2 + 1024 * (piece.blocks + 1)
        return layout.count * (blocks + layout.kind.itemsize)


def _expected(name: str, layers: int | None, plan: Plan) -> ExpectedArray:
    days = 1 if name.startswith("daily_") or name.endswith("_average") else len(plan.solar.days)
    low, high = _range(name, days)
    margin, factor = _ROUNDING * (high - low), plan.factors.get(name, 1.0)
    # a raster of turbidity may have gaps, and so may climate and vegetation
    is_light = _quantity(name) == "light" and "linke" not in plan.layers
    found = ExpectedArray(
        layers,
        max(-_LARGEST, factor * (low - min(margin, _BELOW))),
        min(_LARGEST, factor * (high + margin)),
        name in _TERRAIN or is_light,
    )
    return found.widened(plan.codec.bits)


def _quantity(name: str) -> str:
    if name.startswith(("eemt_", "e_bio_", "e_ppt_")):
        return "energy"
    stem = name.removesuffix("_average")
    for prefix in ("daily_", "annual_", "flat_"):
        stem = stem.removeprefix(prefix)
    return "light" if stem in ("total", "beam", "diffuse", "reflected", "hours") else ""


def _range(name: str, days: int) -> tuple[float, float]:
    """Return between which values an array of so many days lies at most."""
    if name in _TERRAIN:
        return 0.0, _TERRAIN[name]
    if _quantity(name) == "energy":
        return _ENERGY_MJ
    if _quantity(name) == "light":
        hours = name.removesuffix("_average").endswith("hours")
        return 0.0, days * (_SUN_H if hours else _IRRADIATION_WH)
    return -sys.float_info.max / 4, sys.float_info.max / 4
