"""Maps from the tiles' result arrays, one window at a time."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
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
        Cores that compress a map.

    Returns
    -------
    statistics
        Minimum, maximum and mean of each map by its name.
    """
    statistics = {}
    for done, spec in enumerate(plan.maps):
        reporter.progress("maps", done, len(plan.maps), "maps")
        if spec.result == "twi":
            assert wetness is not None
            found, blocks = wetness.statistics, wetness_blocks(plan.wetness, wetness)
        else:
            found, blocks = map_statistics(spec, results), _blocks(plan, folder, results, spec)
        target = folder.path / spec.path
        target.parent.mkdir(parents=True, exist_ok=True)
        # one after the other: two threads that both write through GDAL can lock each other out
        # when the disk fills up
        write_map(
            target,
            plan.grid,
            blocks,
            description=spec.description,
            units=spec.unit,
            tags=_tags(plan, spec, found),
            threads=threads,
        )
        statistics[spec.path] = found
    reporter.progress("maps", len(plan.maps), len(plan.maps), "maps")
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
