"""The input files of a tile's folder, cut from the run's DEM and the rest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...climate import LapseRates
from ...energy import EnergyParameters
from ...grids.pyramid import Pyramid
from ...grids.tiling import FarWindow, Tile, Window
from ...rasters import WindowReader
from ...tiles import contract
from ...tiles.chunks import ChunkGrid, PackedLevel
from ...tiles.task import EnergyWork, Resources, SharedFiles, Task, TileWork
from ..plan.encoding import tile_encoding
from ..plan.energy import EnergyPlan
from ..plan.plan import Plan
from .chunk_store import ChunkFile, ChunkStore, dem_edge, level_edge
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

    def __post_init__(self) -> None:
        self._open = ExitStack()

    def close(self) -> None:
        """Let go of the DEM and of what was packed of it, if any tile was cut from it."""
        self._open.close()

    @cached_property
    def _reader(self) -> WindowReader:
        return self._open.enter_context(closing(WindowReader(self.plan.dem.path)))

    @cached_property
    def _chunks(self) -> ChunkFile:
        file = ChunkFile(self.pyramid.folder / "chunks")
        return self._open.enter_context(closing(file))

    @cached_property
    def _dem(self) -> ChunkStore:
        grid = ChunkGrid(*self.plan.grid.shape, dem_edge(self.plan.tiling))
        return ChunkStore(grid, lambda window: self._reader.read(*window.numbers), self._chunks)

    @cached_property
    def _levels(self) -> dict[int, ChunkStore]:
        edge, coarse = level_edge(self.plan.tiling), self.pyramid
        return {
            level: ChunkStore(
                ChunkGrid(*coarse.shape(level), edge),
                partial(_cut, coarse, level),
                self._chunks,
            )
            for level in range(1, len(coarse.levels) + 1)
        }

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
        name, checksum = contract.write_dem(folder, self._dem.cut(tile.halo))
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

    def _far_field(self, tile: Tile) -> Iterator[PackedLevel]:
        if not self.plan.solar.shadows:
            return
        cell_size_m = self.plan.grid.cell_size_m
        for part in self.pyramid.far_parts(self.plan.tiling, tile, cell_size_m):
            chunks = self._levels[part.far.level].cut(part.far.window, part.hidden)
            yield PackedLevel(chunks, part.cell_size_m, part.x_m, part.y_m)

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


def _cut(coarse: Pyramid, level: int, window: Window) -> NDArray[np.float32]:
    return coarse.cut(FarWindow(level, window))
