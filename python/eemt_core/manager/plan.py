"""From a request to a plan: everything is checked and decided here, before any tile runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import __version__, tiling
from ..catalogue import MapSpec, terrain_maps
from ..files import sha256_file, sha256_json, sha256_package
from ..grid import Grid
from ..rasters import Geometry, PreparedDem, geometry, prepare_dem
from ..tiling import Tiling
from .folder import OutFolder
from .request import Reporter, RunRequest


@dataclass(frozen=True)
class Plan:
    """What a run will do.

    Attributes
    ----------
    dem
        The DEM in metres on a projected grid.
    geometry
        Latitude, longitude and convergence over its grid.
    tiling
        How it is cut.
    maps
        The maps that the tiles' results make.
    parameters
        Everything the result depends on beside the input files; plain JSON.
    inputs
        SHA-256 of each input file by its path as given.
    """

    request: RunRequest
    workflow: str
    dem: PreparedDem
    geometry: Geometry
    tiling: Tiling
    maps: tuple[MapSpec, ...]
    parameters: Mapping[str, Any]
    inputs: Mapping[str, str]
    fingerprint: Mapping[str, str]

    @property
    def grid(self) -> Grid:
        """Grid of the DEM and of every map."""
        return self.dem.grid

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the result arrays that the maps need."""
        return tuple(sorted({spec.result for spec in self.maps if spec.result != "twi"}))

    @property
    def layers(self) -> int:
        """How many grids the result arrays of a tile hold."""
        return len({(spec.result, spec.layer) for spec in self.maps})


def make_plan(request: RunRequest, folder: OutFolder, reporter: Reporter) -> Plan:
    """Check the request and all its inputs, and decide everything.

    Raises
    ------
    ArgumentError, InputError
        If the request cannot be carried out as it is.
    """
    workflow = _workflow(request)
    dem = prepare_dem(request.dem, folder.work, reporter.say, request.elevation_unit)
    cut = _tiling(request, dem.grid, reporter)
    maps = terrain_maps(sky_view=False)
    parameters = {
        "workflow": workflow,
        "solar": request.solar.to_dict(),
        "tile_cells": cut.tile_cells,
        "halo_cells": cut.halo_cells,
        "grid": dem.grid.to_dict(),
    }
    inputs = _checksums([request.dem], reporter)
    return Plan(
        request=request,
        workflow=workflow,
        dem=dem,
        geometry=geometry(dem.grid),
        tiling=cut,
        maps=tuple(maps),
        parameters=parameters,
        inputs=inputs,
        fingerprint={
            "parameters": sha256_json(parameters),
            "code": f"{__version__}-{sha256_package()}",
            "inputs": sha256_json(sorted(inputs.values())),
        },
    )


def _workflow(request: RunRequest) -> str:
    return request.workflow or "sol"


def _tiling(request: RunRequest, grid: Grid, reporter: Reporter) -> Tiling:
    asked = request.tile_cells or tiling.DEFAULT_TILE_CELLS
    cells = tiling.whole_blocks(asked)
    if cells != asked:
        reporter.detail(
            f"The tile size is rounded up to {cells} cells, a multiple of {tiling.BLOCK_CELLS}."
        )
    cut = Tiling(grid.rows, grid.cols, cells, request.halo_cells)
    edge = " x ".join(str(n) for n in cut.edge)
    reporter.detail(f"{grid.rows} x {grid.cols} cells in {len(cut)} tiles of up to {edge} cells.")
    return cut


def _checksums(paths: list[Path], reporter: Reporter) -> dict[str, str]:
    checksums = {}
    for path in paths:
        if path.is_file():
            reporter.detail(f"Taking the checksum of {path}.")
            checksums[str(path)] = sha256_file(path)
    return checksums
