"""The input files of a tile's folder, cut from the run's DEM and the rest."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...files import sha256_file
from ...grids.tiling import FarWindow, Tile, Window, far_reach_m, far_windows
from ...rasters import WindowReader
from ...tiles.array_file import write_arrays
from ...tiles.task import Resources, Task
from ..plan.plan import Plan
from .pyramid import Pyramid
from .wetness import Wetness


@dataclass(frozen=True)
class TileInputs:
    """Writes tile folders; it holds what all tiles are cut from."""

    plan: Plan
    pyramid: Pyramid
    wetness: Wetness | None = None

    @cached_property
    def _reader(self) -> WindowReader:
        return WindowReader(self.plan.dem.path)

    def close(self) -> None:
        """Let go of the DEM, if any tile was cut from it."""
        if "_reader" in self.__dict__:
            self._reader.close()

    def ground(self, window: Window) -> NDArray[np.bool_]:
        """Say where in a window the DEM has values; (rows, cols)."""
        return ~np.isnan(self._reader.read(*window.numbers))

    def write(self, tile: Tile, folder: Path, resources: Resources) -> Task:
        """Make `folder` anew with the input files of `tile` and its ``task.json``."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        plan = self.plan
        files = [
            self._dem(tile, folder),
            self._far_field(tile, folder),
            self._geometry(tile, folder),
            *self._layers(tile, folder),
        ]
        parameters: dict[str, Any] = {
            "core": list(tile.core.numbers),
            "halo": list(tile.halo.numbers),
            "cell_size_m": list(plan.grid.cell_size_m),
            "longitude_deg": plan.longitude_deg,
            "rsun_north_rad": plan.rsun_north_rad,
            "grid": plan.grid.to_dict(),
            "solar": plan.solar.to_dict(),
        }
        if plan.energy is not None:
            used = self.wetness.used if self.wetness is not None else None
            mean = used.mean if used is not None else None
            parameters["energy"] = {**plan.energy.parameters, "mean_wetness": mean}
        task = Task(
            kind="tile",
            name=tile.name,
            parameters=parameters,
            inputs={name: sha256_file(folder / name) for name in files},
            outputs=plan.outputs,
            resources=resources,
            fingerprint=plan.fingerprint,
        )
        task.write(folder)
        return task

    def _dem(self, tile: Tile, folder: Path) -> str:
        np.save(folder / "dem.npy", self._reader.read(*tile.halo.numbers))
        return "dem.npy"

    def _far_field(self, tile: Tile, folder: Path) -> str:
        cell_size_m = self.plan.grid.cell_size_m
        relief_m = self.pyramid.highest_m - self.pyramid.lowest_m
        reach_m = far_reach_m(relief_m) if self.plan.solar.shadows else 0.0
        arrays: dict[str, Any] = {}
        for far in far_windows(self.plan.tiling, tile, reach_m=reach_m, cell_size_m=cell_size_m):
            arrays[f"{far.level}.elevation_m"] = self.pyramid.cut(far)
            arrays[f"{far.level}.place_m"] = np.array(_place_m(far, tile.halo, cell_size_m))
        write_arrays(folder / "far.arrays", arrays)
        return "far.arrays"

    def _geometry(self, tile: Tile, folder: Path) -> str:
        geometry, window = self.plan.geometry, tile.halo.numbers
        arrays: dict[str, Any] = {}
        for name in ("latitude_rad", "longitude_rad", "convergence_rad"):
            arrays.update(getattr(geometry, name).cut(*window).to_arrays(name))
        write_arrays(folder / "geometry.arrays", arrays)
        return "geometry.arrays"

    def _layers(self, tile: Tile, folder: Path) -> list[str]:
        """Write the other rasters' and the climate's share of the tile."""
        plan, names = self.plan, []
        layers = dict(plan.layers)
        if plan.energy is not None:
            if plan.energy.needs_wetness and self.wetness is not None:
                layers["twi"] = self.wetness.layer
            cut = plan.energy.climate.cut(*tile.core.numbers)
            arrays: dict[str, Any] = cut.to_arrays()
            write_arrays(folder / "climate.arrays", arrays)
            names.append("climate.arrays")
        for name, layer in layers.items():
            # turbidity lights the terrain around the tile as well
            np.save(folder / f"{name}.npy", layer.cut(tile.halo if name == "linke" else tile.core))
            names.append(f"{name}.npy")
        return names


def _place_m(
    far: FarWindow, halo: Window, cell_size_m: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Return the level's cell size (x, y) and where it starts, east and south of the halo [m]."""
    x, y = cell_size_m
    east = (far.window.col0 * far.block - halo.col0) * x
    south = (far.window.row0 * far.block - halo.row0) * y
    return far.block * x, far.block * y, east, south
