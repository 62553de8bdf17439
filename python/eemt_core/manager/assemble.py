"""Maps from the tiles' result arrays, one window at a time."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import __version__
from ..catalogue import MapSpec
from ..rasters import write_map
from .folder import OutFolder
from .plan import Plan
from .request import Reporter
from .schedule import Result
from .wetness import Wetness, wetness_blocks

_MAPS_AT_ONCE = 4
"""Compression keeps one core busy; more maps at once than this wait for the disk."""

SOFTWARE = f"eemt-core {__version__}"


def write_maps(
    plan: Plan,
    folder: OutFolder,
    results: dict[int, Result],
    wetness: Wetness | None,
    reporter: Reporter,
    *,
    threads: int,
) -> dict[str, dict[str, float]]:
    """Write all maps of the plan; each appears under its name when it is whole.

    Parameters
    ----------
    threads
        How many maps to write at once; each holds one tile's cells in memory at a time.

    Returns
    -------
    statistics
        Minimum, maximum and mean of each map by its name.
    """
    statistics = {}
    for spec in plan.maps:
        found = wetness.statistics if wetness and spec.result == "twi" else None
        statistics[spec.path] = map_statistics(spec, results) if found is None else found
        (folder.path / spec.path).parent.mkdir(parents=True, exist_ok=True)

    def write(spec: MapSpec) -> None:
        if spec.result == "twi":
            assert wetness is not None
            blocks = wetness_blocks(plan.wetness, wetness)
        else:
            blocks = _blocks(plan, folder, results, spec)
        write_map(
            folder.path / spec.path,
            plan.grid,
            blocks,
            description=spec.description,
            units=spec.unit,
            tags=_tags(plan, spec, statistics[spec.path]),
        )

    pool = ThreadPoolExecutor(max(1, min(threads, _MAPS_AT_ONCE)))
    try:
        written = [pool.submit(write, spec) for spec in plan.maps]
        reporter.progress("maps", 0, len(written), "maps")
        for done, future in enumerate(as_completed(written), start=1):
            future.result()
            reporter.progress("maps", done, len(written), "maps")
    finally:
        pool.shutdown(cancel_futures=True)
    return statistics


def _blocks(
    plan: Plan, folder: OutFolder, results: dict[int, Result], spec: MapSpec
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    for tile in plan.tiling:
        output = results[tile.index]["outputs"][spec.result]
        values = np.load(folder.tiles / tile.name / output["file"], mmap_mode="r")
        if spec.layer is not None:
            values = values[spec.layer]
        yield tile.core.row0, tile.core.col0, scaled(values, spec.factor)


def scaled(values: NDArray[Any], factor: float) -> NDArray[np.float32]:
    """Return float32 values times `factor`, multiplied in double precision."""
    if factor == 1.0:
        return np.array(values, dtype=np.float32)
    return (values.astype(np.float64) * factor).astype(np.float32)


def _tags(plan: Plan, spec: MapSpec, statistics: dict[str, float]) -> dict[str, str]:
    tags = {
        "TIFFTAG_SOFTWARE": SOFTWARE,
        "TIFFTAG_IMAGEDESCRIPTION": f"{spec.description} [{spec.unit}]",
        "EEMT_PARAMETERS": json.dumps(plan.parameters, sort_keys=True),
        "EEMT_INPUTS": json.dumps(
            {Path(name).name: checksum for name, checksum in plan.inputs.items()}
        ),
        **{f"EEMT_{name}": value for name, value in spec.tags.items()},
    }
    for name, value in statistics.items():
        tags[f"STATISTICS_{name.upper()}"] = f"{value:.9g}"
    return tags


def map_statistics(spec: MapSpec, results: dict[int, Result]) -> dict[str, float]:
    """Return minimum, maximum and mean over all tiles; empty where no cell is valid.

    The tiles' sums are added in the order of their numbers: the same bits in every run.
    """
    low, high, sums, count = math.inf, -math.inf, [], 0
    for index in sorted(results):
        layers = results[index]["outputs"][spec.result]["statistics"]
        cells, total, tile_low, tile_high = layers[spec.layer or 0]
        if cells:
            low, high = min(low, tile_low), max(high, tile_high)
            sums.append(total)
            count += cells
    if not count:
        return {}
    values = {"minimum": low, "maximum": high, "mean": math.fsum(sums) / count}
    return {name: value * spec.factor for name, value in values.items()}
