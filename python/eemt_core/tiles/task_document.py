"""A task as a document for JSON, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ArgumentError
from ..grids.tiling import Window
from ..solar._parameters import SolarParameters
from .block_file import BlockCut
from .task import Encoding, EnergyWork, SharedFiles, Task, TileWork, WetnessWork


def written(task: Task) -> dict[str, Any]:
    """Return a task's document."""
    kind, parameters = _described(task.work)
    return {
        "kind": kind,
        "name": task.name,
        "parameters": parameters,
        "inputs": dict(task.inputs),
        "outputs": list(task.outputs),
        "cores": task.cores,
        "memory_mb": task.memory_mb,
        "instruction_set": task.instruction_set,
        "fingerprint": dict(task.fingerprint),
        "shared": None if task.shared is None else _shared_document(task.shared),
        "encoding": None if task.encoding is None else _encoding_document(task.encoding),
    }


def read(raw: Mapping[str, Any]) -> Task:
    """Return the task of a document.

    Raises
    ------
    ArgumentError
        If it is of no known kind, or a parameter is out of its range.
    KeyError, TypeError, ValueError, AttributeError
        If it is no such document.
    """
    kind = raw.get("kind")
    if not isinstance(kind, str) or kind not in _READERS:
        raise ArgumentError(
            f"kind must be one of {', '.join(_READERS)}, got {kind!r}", field="kind", value=kind
        )
    shared, encoding = raw["shared"], raw["encoding"]
    typed = {
        "work": _READERS[kind](raw["parameters"]),
        "outputs": tuple(raw["outputs"]),
        "shared": None if shared is None else _shared_files(shared),
        "encoding": None if encoding is None else _encoding(encoding),
    }
    plain = {name: value for name, value in raw.items() if name not in ("kind", "parameters")}
    return Task(**{**plain, **typed})


def _described(work: TileWork | WetnessWork) -> tuple[str, dict[str, Any]]:
    if isinstance(work, WetnessWork):
        return "wetness", {"cell_size_m": list(work.cell_size_m)}
    energy = work.energy
    return "tile", {
        "core": list(work.core.numbers),
        "halo": list(work.halo.numbers),
        "cell_size_m": list(work.cell_size_m),
        "longitude_deg": work.longitude_deg,
        "rsun_north_rad": work.rsun_north_rad,
        "solar": work.solar.to_dict(),
        "energy": None
        if energy is None
        else {
            "variants": list(energy.variants),
            "parameters": energy.parameters.to_dict(),
            "lapse": energy.lapse.to_dict(),
            "solar_ratio": energy.solar_ratio,
            "mean_wetness": energy.mean_wetness,
        },
    }


def _shared_document(shared: SharedFiles) -> dict[str, Any]:
    dem = shared.dem
    return {
        "folder": shared.folder,
        "dem": {
            "file": dem.file,
            "shape": list(dem.shape),
            "window": list(dem.window.numbers),
            "sha256": list(dem.sha256),
        },
    }


def _shared_files(raw: dict[str, Any]) -> SharedFiles:
    dem = raw["dem"]
    rows, cols = dem["shape"]
    window, sha256 = Window(*dem["window"]), tuple(dem["sha256"])
    return SharedFiles(raw["folder"], BlockCut(dem["file"], (rows, cols), window, sha256))


def _encoding_document(encoding: Encoding) -> dict[str, Any]:
    piece = encoding.piece
    pyramid = piece.pyramid
    return {
        "window": [piece.row0, piece.col0, piece.rows, piece.cols],
        "map": [pyramid.rows, pyramid.cols],
        "block_cells": pyramid.edge,
        "has_overviews": pyramid.has_overviews,
        "whole_levels": piece.whole,
        "codec": encoding.codec.to_dict(),
        "factors": dict(encoding.factors),
        "circular": list(encoding.circular),
    }


def _encoding(raw: dict[str, Any]) -> Encoding:
    from ..blocks.codec import Codec
    from ..blocks.layers import Piece
    from ..blocks.pyramid import Pyramid

    rows, cols = raw["map"]
    pyramid = Pyramid(rows, cols, raw["block_cells"], raw["has_overviews"])
    row0, col0, height, width = raw["window"]
    return Encoding(
        Piece(row0, col0, height, width, pyramid, raw["whole_levels"]),
        Codec.from_dict(raw["codec"]),
        raw["factors"],
        tuple(raw["circular"]),
    )


def _wetness_work(raw: dict[str, Any]) -> WetnessWork:
    return WetnessWork(**{**raw, "cell_size_m": _pair(raw["cell_size_m"])})


def _tile_work(raw: dict[str, Any]) -> TileWork:
    energy = raw["energy"]
    typed = {
        "core": Window(*raw["core"]),
        "halo": Window(*raw["halo"]),
        "cell_size_m": _pair(raw["cell_size_m"]),
        "solar": SolarParameters.from_dict(raw["solar"]),
        "energy": None if energy is None else _energy_work(energy),
    }
    return TileWork(**{**raw, **typed})


def _energy_work(raw: dict[str, Any]) -> EnergyWork:
    from ..climate import LapseRates
    from ..energy import EnergyParameters

    typed = {
        "variants": tuple(raw["variants"]),
        "parameters": EnergyParameters.from_dict(raw["parameters"]),
        "lapse": LapseRates(**raw["lapse"]),
    }
    return EnergyWork(**{**raw, **typed})


def _pair(numbers: Any) -> tuple[float, float]:
    x, y = numbers
    return float(x), float(y)


_READERS: Mapping[str, Callable[[dict[str, Any]], TileWork | WetnessWork]] = {
    "tile": _tile_work,
    "wetness": _wetness_work,
}
