"""From a request to a plan: everything is checked and decided here, before any tile runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ... import instruction_set
from ...blocks.codec import Codec
from ...blocks.pyramid import Pyramid, block_edge
from ...code_identity import tile_code
from ...errors import ArgumentError, EemtError
from ...files import sha256_json
from ...grids import pyramid, tiling
from ...grids.grid import Grid
from ...grids.tiling import Tiling
from ...rasters import Geometry, PreparedDem, geometry, prepare_dem, source_files
from ...rasters.odd_values import number
from ...solar._parameters import SolarParameters
from ..folder import OutFolder
from ..maps.names import (
    MapSpec,
    all_maps,
    own_maps,
    result_layers,
    solar_maps,
    terrain_maps,
    tile_maps,
)
from ..reporter import Reporter
from ..request import RunRequest, check_processes
from .energy import EnergyPlan, check_days, chosen_variants, plan_energy, sun_year
from .identity import Inputs, further_choices, identify, named_inputs
from .layers import RASTERS, Layer, RasterLayer, soda_turbidity
from .resources import check_disk, results_and_maps_bytes
from .wetness import WetnessPlan, plan_wetness

_TOLD_CELLS = 100_000_000
"""From so many cells on, which take ten seconds and more, the progress of the check is shown."""


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
    solar
        Choices of the radiation model, the sun's year settled.
    longitude_deg
        Longitude of the DEM's middle, the same for every tile.
    energy
        The energy balance, or None.
    wetness
        Where the wetness index comes from.
    layers
        Further rasters for tiles, by the name of the input.
    maps
        All maps of the run.
    parameters
        Everything the result depends on beside the input files; plain JSON.
    inputs
        The input files, by the parts that they play.
    instruction_set
        What the kernels run on, in every tile.
    fingerprint
        Hashes of parameters, code and inputs.
    """

    request: RunRequest
    dem: PreparedDem
    geometry: Geometry
    tiling: Tiling
    solar: SolarParameters
    longitude_deg: float
    energy: EnergyPlan | None
    wetness: WetnessPlan
    layers: Mapping[str, Layer]
    maps: tuple[MapSpec, ...]
    parameters: Mapping[str, Any]
    inputs: Inputs
    instruction_set: str
    fingerprint: Mapping[str, str]

    @property
    def grid(self) -> Grid:
        """Grid of the DEM and of every map."""
        return self.dem.grid

    @cached_property
    def pyramid(self) -> Pyramid:
        """The levels and blocks of every map."""
        return Pyramid(*self.grid.shape, block_edge(self.tiling.tile_cells))

    @cached_property
    def whole_levels(self) -> int:
        """How many levels of every map tiles hold whole."""
        return self.pyramid.whole_levels(self.tiling.tile_cells)

    @cached_property
    def codec(self) -> Codec:
        """How the blocks of every map are encoded."""
        return Codec(self.request.compress, self.request.precision_bits)

    @cached_property
    def identity(self) -> str:
        """One checksum of all that the results depend on."""
        return sha256_json(dict(self.fingerprint))

    @property
    def rsun_north_rad(self) -> float:
        """Convergence of mode ``rsun``, the same everywhere: none, in whole quarters of a turn.

        r.sun takes up for north; here that of the grid's four directions which is nearest to
        north, since there are grids of which the south is up.
        """
        row, col = self.grid.rows // 2, self.grid.cols // 2
        middle = float(self.geometry.convergence_rad.expand(row, col, 1, 1)[0, 0])
        return round(middle / (math.pi / 2)) * math.pi / 2

    @property
    def far_levels(self) -> int:
        """How many coarser DEMs tiles take their far fields from."""
        if len(self.tiling) == 1 or not self.solar.shadows:
            return 0
        return pyramid.levels_needed(*self.grid.shape, self.tiling.halo_cells)

    @property
    def tile_maps(self) -> tuple[MapSpec, ...]:
        """The maps that tiles make: all but the wetness index."""
        return tile_maps(self.maps)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the tiles' result arrays."""
        return tuple(sorted({spec.result for spec in self.tile_maps}))

    @property
    def result_layers(self) -> int:
        """How many grids the result arrays of a tile hold."""
        return result_layers(self.maps)

    @cached_property
    def layers_of_arrays(self) -> Mapping[str, int | None]:
        """How many layers each array of a tile's result has; None of a plain grid."""
        layers: dict[str, int | None] = {}
        for spec in self.tile_maps:
            known = layers.get(spec.result) or 0
            layers[spec.result] = None if spec.layer is None else max(known, spec.layer + 1)
        return layers

    @cached_property
    def factors(self) -> Mapping[str, float]:
        """By which an array's cells are multiplied before they are encoded, where they are."""
        specs = [spec for spec in self.tile_maps if spec.layer is None]
        return {spec.result: spec.factor for spec in specs if spec.factor != 1.0}

    @cached_property
    def circular(self) -> tuple[str, ...]:
        """Names of the arrays that hold directions."""
        return tuple(sorted({spec.result for spec in self.tile_maps if spec.circular}))


def check_request(request: RunRequest) -> None:
    """Raise `ArgumentError` if an input lies where the run writes, or a variant lacks inputs.

    It touches nothing: a request that cannot be carried out leaves no trace.
    """
    check_processes("threads", request.threads)
    if request.cluster is not None:
        check_processes("most_workers", request.cluster.most_workers)
    if request.energy is not None:
        check_days(request.solar)
        chosen_variants(request.energy)
    out = request.out.resolve()
    for role, name in named_inputs(request):
        try:
            files = (name,) if role == "climate" else source_files(name)
        except EemtError as error:
            error.field, error.value = error.field or role, error.value or name
            raise
        for path in files:
            if out in path.resolve().parents:
                raise ArgumentError(
                    f"{path} lies in the folder of the maps",
                    remedy="give another one with <<out>>",
                    field="out",
                    value=request.out,
                )


def make_plan(
    request: RunRequest, folder: OutFolder, reporter: Reporter, *, begun_with: str | None = None
) -> Plan:
    """Check the request and all its inputs, and decide everything.

    Parameters
    ----------
    begun_with
        Instruction set of the run that is gone on with, if one is.

    Raises
    ------
    ArgumentError, InputError, ResourceError
        If the request cannot be carried out as it is.
    """
    assert request.dem is not None
    solar = settled_solar(request)
    dem = _dem(request, request.dem, solar, folder, reporter)
    place = geometry(dem.grid)
    cut = cut_tiling(request, dem.grid, reporter)
    energy = plan_energy(request.energy, solar, dem, reporter) if request.energy else None
    wetness = plan_wetness(
        dem, request.twi, needed=energy is not None and energy.needs_wetness, reporter=reporter
    )
    layers: dict[str, Layer] = dict(energy.layers) if energy else {}
    if request.linke == "auto":
        layers["linke"] = soda_turbidity(place, reporter)
    elif request.linke is not None:
        raster = Path(request.linke)
        layers["linke"] = RasterLayer.open(raster, dem, RASTERS["linke"], reporter=reporter)
    maps = all_maps(
        solar,
        wetness=wetness.is_there,
        variants=energy.variants if energy else (),
        years=energy.years if energy else (),
        averages=request.averages,
    )
    computes_with = instruction_set.chosen(request.instruction_set, begun_with)
    longitude_deg = _middle_longitude_deg(place, dem.grid)
    parameters = {
        "workflow": "eemt" if energy else "sol",
        "solar": {**solar.to_dict(), "linke": list(solar.linke) or str(request.linke)},
        "energy": dict(energy.parameters) if energy else None,
        "climate": dict(energy.climate.provenance) if energy else None,
        "wetness": wetness.source,
        "nodata": [number(value) for value in request.nodata],
        "tile_cells": cut.tile_cells,
        "halo_cells": cut.halo_cells,
        "longitude_deg": longitude_deg,
        "instruction_set": computes_with,
        "precision_bits": request.precision_bits,
        **further_choices(request),
    }
    inputs = identify(request, energy.climate.files if energy else (), reporter)
    return Plan(
        request=request,
        dem=dem,
        geometry=place,
        tiling=cut,
        solar=solar,
        longitude_deg=longitude_deg,
        energy=energy,
        wetness=wetness,
        layers=layers,
        maps=maps,
        parameters=parameters,
        inputs=inputs,
        instruction_set=computes_with,
        fingerprint={
            "parameters": sha256_json({**parameters, "grid": dem.grid.to_dict()}),
            "code": tile_code(),
            "inputs": inputs.identity,
        },
    )


def _dem(
    request: RunRequest, path: Path, solar: SolarParameters, folder: OutFolder, reporter: Reporter
) -> PreparedDem:
    """Return the DEM on a projected grid, checked cell by cell."""
    fewest = own_maps([*terrain_maps(sky_view=solar.shadows), *solar_maps(solar)])

    def fits(grid: Grid) -> None:
        # once as tiles and once as maps, at the least
        size = f"{grid.rows} x {grid.cols} cells"
        cells = grid.rows * grid.cols
        needed = results_and_maps_bytes(cells, 2 * len(fewest), request.precision_bits)
        check_disk(folder.path, needed, f"{path} has {size}: a run of it")

    def progress(done: int, total: int) -> None:
        if total > _TOLD_CELLS:
            reporter.progress("Checking the DEM", done / 1e6, total / 1e6, "million cells")

    return prepare_dem(
        path,
        folder.work,
        reporter.say,
        request.elevation_unit,
        nodata=request.nodata,
        fits=fits,
        progress=progress,
    )


def settled_solar(request: RunRequest) -> SolarParameters:
    """Return the radiation's choices with the sun's year: by default the middle of the years."""
    solar = request.solar
    if request.linke is not None:
        solar = replace(solar, linke=())
    if solar.year is None and request.energy is not None:
        solar = replace(solar, year=sun_year(request.energy))
    return replace(solar, year=solar.sun_year)


def cut_tiling(request: RunRequest, grid: Grid, reporter: Reporter) -> Tiling:
    """Return how a DEM is cut into tiles; tell where the size asked for is rounded."""
    asked = request.tile_cells or _default_tile_cells(request.solar)
    cells = tiling.whole_blocks(asked)
    if cells != asked:
        reporter.detail(
            f"The tile size is rounded up to {cells} cells, a multiple of {tiling.BLOCK_CELLS}."
        )
    cut = Tiling(grid.rows, grid.cols, cells, request.halo_cells)
    edge = " x ".join(str(n) for n in cut.edge)
    reporter.detail(f"{grid.rows} x {grid.cols} cells in {len(cut)} tiles of up to {edge} cells.")
    return cut


def _default_tile_cells(solar: SolarParameters) -> int:
    """Return half the usual edge where daily maps are kept: they take 4 kB a cell."""
    return tiling.DEFAULT_TILE_CELLS // (2 if solar.daily else 1)


def _middle_longitude_deg(place: Geometry, grid: Grid) -> float:
    middle = place.longitude_rad.expand(grid.rows // 2, grid.cols // 2, 1, 1)
    return round((math.degrees(float(middle[0, 0])) + 180.0) % 360.0 - 180.0, 6)
