"""A task as plain data: what one process computes, from which files, with which resources.

How a task is written into its folder and read from there stands in `contract`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..grids.tiling import Window
from ..solar._parameters import SolarParameters
from .block_file import BlockCut

if TYPE_CHECKING:
    from ..blocks.codec import Codec
    from ..blocks.layers import Piece
    from ..climate import LapseRates
    from ..energy import EnergyParameters


@dataclass(frozen=True)
class Resources:
    """What a task needs of the machine that runs it."""

    cores: int
    memory_mb: int
    disk_mb: int


@dataclass(frozen=True)
class EnergyWork:
    """The energy balance of a tile.

    Attributes
    ----------
    variants
        Which forms of EEMT: ``trad``, ``topo``, ``topo-veg``.
    solar_ratio
        Which light the ratio of slope to flat ground is taken of: ``total`` or ``beam``.
    mean_wetness
        Mean of the wetness index over the whole DEM, its negative values taken as 0; None where
        no variant needs it.
    """

    variants: tuple[str, ...]
    parameters: EnergyParameters
    lapse: LapseRates
    solar_ratio: str
    mean_wetness: float | None


@dataclass(frozen=True)
class TileWork:
    """The maps of one tile.

    Attributes
    ----------
    core, halo
        Windows of the whole DEM: the cells that are computed, and those that are known.
    cell_size_m
        Edge lengths (x, y) of a cell on the ground [m].
    longitude_deg
        Of the DEM's middle, for the sun's own motion during a day [degrees].
    rsun_north_rad
        Direction of north that mode ``rsun`` takes for the whole DEM; None in other modes.
    energy
        None where sunlight alone is wanted.
    """

    core: Window
    halo: Window
    cell_size_m: tuple[float, float]
    longitude_deg: float
    rsun_north_rad: float | None
    solar: SolarParameters
    energy: EnergyWork | None = None


@dataclass(frozen=True)
class WetnessWork:
    """The wetness index of a whole DEM, whose cells have these edge lengths (x, y) [m]."""

    cell_size_m: tuple[float, float]


@dataclass(frozen=True)
class SharedFiles:
    """What of a task lies on storage that manager and workers share.

    Attributes
    ----------
    folder
        Absolute path of the task's own folder there; the DEM lies beside it.
    dem
        The window that the task needs of it.
    """

    folder: str
    dem: BlockCut


@dataclass(frozen=True)
class Encoding:
    """How results become blocks of maps.

    Attributes
    ----------
    piece
        What part of each map they are.
    codec
        How blocks are encoded.
    factors
        By which an array's cells are multiplied before, by its name; others are not.
    circular
        Names of the arrays that hold directions, which have no mean.
    """

    piece: Piece
    codec: Codec
    factors: Mapping[str, float] = field(default_factory=dict)
    circular: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """What to compute, from which files, on which share of a machine.

    Attributes
    ----------
    name
        Name of the folder, unique within a run.
    inputs
        Checksum (XXH3) of each input file by its name within the folder; on shared storage without
        that of the DEM, whose blocks have their own.
    outputs
        Names of the wanted result arrays.
    cores, memory_mb
        Threads to use, and the memory that the process keeps within.
    instruction_set
        What the kernels must run on, so that every processor leaves the same bytes.
    fingerprint
        Hashes of the run's parameters, code and inputs: a result with the same ones is the same.
    shared
        Where inputs lie and cells go, where that is not the task's folder.
    encoding
        How results become blocks of maps. A tile's task must have it; the wetness index goes into
        a plain array as well, and with None into that alone.
    """

    name: str
    work: TileWork | WetnessWork
    inputs: Mapping[str, str]
    outputs: tuple[str, ...]
    cores: int
    memory_mb: int
    instruction_set: str
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    shared: SharedFiles | None = None
    encoding: Encoding | None = None
