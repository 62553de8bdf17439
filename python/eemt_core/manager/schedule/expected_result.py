"""What a run asks of a tile's result: which arrays, of what shape, with cells in what range."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...grids.tiling import Window
from ..inputs.tile_inputs import TileInputs
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

    def shape(self, window: Window) -> tuple[int, ...]:
        """Return the array's shape over a window."""
        return window.shape if self.layers is None else (self.layers, *window.shape)


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
    """

    fingerprint: Mapping[str, str]
    instruction_set: str
    arrays: Mapping[str, ExpectedArray]
    days: int
    ground: Callable[[Window], NDArray[np.bool_]]

    @classmethod
    def of(cls, inputs: TileInputs) -> ExpectedResult:
        """Return what the run of these inputs asks of each tile."""
        plan = inputs.plan
        arrays = {name: _expected(name, layers, plan) for name, layers in _layers(plan).items()}
        days = len(plan.solar.days)
        return cls(plan.fingerprint, plan.instruction_set, arrays, days, inputs.ground)

    @property
    def layers(self) -> int:
        """How many grids a result holds in all."""
        return sum(array.layers or 1 for array in self.arrays.values())


def _layers(plan: Plan) -> dict[str, int | None]:
    layers: dict[str, int | None] = {}
    for spec in plan.tile_maps:
        known = layers.get(spec.result) or 0
        layers[spec.result] = None if spec.layer is None else max(known, spec.layer + 1)
    return layers


def _expected(name: str, layers: int | None, plan: Plan) -> ExpectedArray:
    low, high = _range(name, 1 if name.startswith("daily_") else len(plan.solar.days))
    margin = _ROUNDING * (high - low)
    # a raster of turbidity may have gaps, and so may climate and vegetation
    is_light = _quantity(name) == "light" and "linke" not in plan.layers
    return ExpectedArray(
        layers,
        max(-_LARGEST, low - min(margin, _BELOW)),
        min(_LARGEST, high + margin),
        name in _TERRAIN or is_light,
    )


def _quantity(name: str) -> str:
    if name.startswith(("eemt_", "e_bio_", "e_ppt_")):
        return "energy"
    stem = name.removeprefix("daily_").removeprefix("annual_").removeprefix("flat_")
    return "light" if stem in ("total", "beam", "diffuse", "reflected", "hours") else ""


def _range(name: str, days: int) -> tuple[float, float]:
    """Return between which values an array of so many days lies at most."""
    if name in _TERRAIN:
        return 0.0, _TERRAIN[name]
    if _quantity(name) == "energy":
        return _ENERGY_MJ
    if _quantity(name) == "light":
        return 0.0, days * (_SUN_H if name.endswith("hours") else _IRRADIATION_WH)
    return -sys.float_info.max / 4, sys.float_info.max / 4
