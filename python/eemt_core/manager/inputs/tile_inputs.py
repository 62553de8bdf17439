"""The input files of a tile's folder, cut from the run's DEM and the rest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...climate import LapseRates
from ...energy import EnergyParameters
from ...grids.pyramid import Pyramid
from ...grids.tiling import Tile, Window
from ...rasters import WindowReader
from ...terrain import FarLevel
from ...tiles import contract
from ...tiles.task import EnergyWork, Resources, SharedFiles, Task, TileWork
from ..plan.encoding import tile_encoding
from ..plan.energy import EnergyPlan
from ..plan.plan import Plan
from .shared_folder import SharedFolder
from .wetness import Wetness


@dataclass
class TileInputs:
    """Writes tile folders; it holds what all tiles are cut from.

    Attributes
    ----------
    wetness
        The index; set before a tile is written that needs it.
    shared
        Where the inputs go instead while it is used.
    """

    plan: Plan
    pyramid: Pyramid
    wetness: Wetness | None = None
    shared: SharedFolder | None = None

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
        plan, shared = self.plan, self._share(tile, folder.name)
        inputs = self._write_inputs(tile, folder) if shared is None else shared[1]
        work = TileWork(
            core=tile.core,
            halo=tile.halo,
            cell_size_m=plan.grid.cell_size_m,
            longitude_deg=plan.longitude_deg,
            rsun_north_rad=plan.rsun_north_rad if plan.solar.mode == "rsun" else None,
            solar=plan.solar,
            energy=None if plan.energy is None else self._energy_work(plan.energy),
        )
        task = Task(
            name=tile.name,
            work=work,
            inputs=inputs,
            outputs=plan.outputs,
            cores=resources.cores,
            memory_mb=resources.memory_mb,
            instruction_set=plan.instruction_set,
            fingerprint=plan.fingerprint,
            shared=None if shared is None else shared[0],
            encoding=tile_encoding(plan, tile),
        )
        contract.write_task(folder, task)
        return task

    def _share(self, tile: Tile, task: str) -> tuple[SharedFiles, dict[str, str]] | None:
        """Write a task's inputs onto shared storage; None where it is not used, or fails."""
        if self.shared is None or not self.shared.is_used:
            return None
        try:
            files = self.shared.make(task, tile.halo)
            return files, self._write_others(tile, Path(files.folder))
        except OSError as error:
            self.shared.fails(error)
            return None

    def _write_inputs(self, tile: Tile, folder: Path) -> dict[str, str]:
        """Write all input files; return their checksums by their names."""
        name, checksum = contract.write_dem(folder, self._reader.read(*tile.halo.numbers))
        return {name: checksum, **self._write_others(tile, folder)}

    def _write_others(self, tile: Tile, folder: Path) -> dict[str, str]:
        """Write all but the DEM."""
        return dict(
            (
                contract.write_far_field(folder, self._far_field(tile)),
                self._geometry(tile, folder),
                *self._layers(tile, folder),
            )
        )

    def _energy_work(self, energy: EnergyPlan) -> EnergyWork:
        used = self.wetness.used if self.wetness is not None else None
        return EnergyWork(
            variants=energy.variants,
            parameters=EnergyParameters.from_dict(energy.parameters["parameters"]),
            lapse=LapseRates(**energy.parameters["lapse"]),
            solar_ratio=energy.parameters["solar_ratio"],
            mean_wetness=None if used is None else used.mean,
        )

    def _far_field(self, tile: Tile) -> Iterator[FarLevel]:
        if self.plan.solar.shadows:
            yield from self.pyramid.far_field(self.plan.tiling, tile, self.plan.grid.cell_size_m)

    def _geometry(self, tile: Tile, folder: Path) -> contract.Input:
        geometry, window = self.plan.geometry, tile.halo.numbers
        latitude, convergence = geometry.latitude_rad, geometry.convergence_rad
        return contract.write_geometry(folder, latitude.cut(*window), convergence.cut(*window))

    def _layers(self, tile: Tile, folder: Path) -> Iterator[contract.Input]:
        """Write the other rasters' and the climate's share of the tile."""
        plan = self.plan
        layers = dict(plan.layers)
        if plan.energy is not None:
            if plan.energy.needs_wetness and self.wetness is not None:
                layers["twi"] = self.wetness.layer
            cut = plan.energy.climate.cut(*tile.core.numbers)
            yield contract.write_climate(folder, cut.to_arrays())
        for name, layer in layers.items():
            # turbidity lights the terrain around the tile as well
            window = tile.halo if name == "linke" else tile.core
            yield contract.write_layer(folder, name, layer.cut(window))
