"""Estimates of what tasks need, and what of it this machine has free."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...calendar365 import month_groups
from ...errors import ResourceError
from ...grids.tiling import Tile
from ...machine import free_disk_bytes, memory_mb
from ...solar._parameters import SolarParameters
from ...tiles.task import Resources

_PROCESS_MB = 120
_SWEEP_BYTES = 24
_SHARE_OF_MEMORY = 0.8
_CODING = 0.05
"""Share by which blocks exceed what their bits take: tables of codes, places of blocks."""


def available_memory_bytes(root: Path = Path("/"), environ: Mapping[str, str] | None = None) -> int:
    """Return the memory that new processes may take: 0.8 of what a worker here would promise.

    `root` and `environ` are where the machine's limits are looked up.
    """
    return int(memory_mb(root=root, environ=environ).amount * 2**20 * _SHARE_OF_MEMORY)


def tile_resources(
    tile: Tile, *, solar: SolarParameters, layers: int, variants: int, bits: int
) -> Resources:
    """Return what a tile's task needs on one core, from the arrays that it holds at once.

    `layers` is the number of grids among its results, each cell of `bits` bits of mantissa;
    `variants` those of the energy balance, 0 where there is none.
    """
    groups = 31 if solar.daily else len(month_groups(solar.days)[0])
    wide = 2 if solar.mode == "rsun" else 1
    # seven sums for each group of days, twice while two of them are added; geometry in double
    # precision; elevation, slope and aspect
    ground = wide * 40 + 24
    per_core = ground + wide * 28 * groups + 12 * groups
    if solar.daily:
        per_core += 28 * len(month_groups(solar.days)[0])
    if solar.shadows:
        # of the horizon; while it is cut out, before there are any sums, of the cells around too
        per_core = max(per_core + 2 * solar.directions, ground + 4 * solar.directions) + 8
    if variants:
        # of each variant a year's maps in single precision and the sums over all years in double;
        # wetness, leaves of twelve months and canopy height, and the latitude in double precision
        # while the slope gets its sign
        per_core += variants * (13 * 4 + 2 * 8) + 14 * 4 + 3 * 8
    # elevation, slope, aspect, latitude and convergence
    per_halo = 24 + (_SWEEP_BYTES if solar.shadows else 0)
    memory = tile.core.cells * per_core + tile.halo.cells * per_halo
    disk = int(tile.core.cells * (map_bytes_per_cell(bits) * layers + 4 * 24))
    disk += tile.halo.cells * 4
    return Resources(1, _PROCESS_MB + memory // 2**20, 1 + disk // 2**20)


def map_bytes_per_cell(bits: int) -> float:
    """Return what a cell of a map takes at most on a disk, with its share of all overviews.

    Sign, exponent and the bits of mantissa that are kept: no more is left to be compressed.
    Overviews have a third of the cells, and no more bits.
    """
    return (1 + 8 + bits) / 8 * 4 / 3 * (1 + _CODING)


def results_and_maps_bytes(cells: int, grids: int, bits: int) -> int:
    """Return what so many grids, of tiles' results or of maps, take on the disk at most."""
    return int(cells * map_bytes_per_cell(bits) * grids)


def fits_beside(memory_mb: int, beside_mb: int) -> bool:
    """Say whether tasks of these sizes fit into memory together."""
    return memory_mb + beside_mb <= available_memory_bytes() // 2**20


def check_disk(folder: Path, needed_bytes: int, what: str = "the run", option: str = "out") -> None:
    """Raise `ResourceError` unless `folder`'s file system has the space left that `what` needs.

    `option` is what the folder was given with.
    """
    free = free_disk_bytes(folder)
    if needed_bytes > free:
        raise ResourceError(
            f"{what} needs about {_size(needed_bytes)} on the disk of {folder} and {_size(free)} "
            "are free",
            "disk",
            remedy=f"free some or give another folder with <<{option}>>",
            field=option,
            value=folder,
        )


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
