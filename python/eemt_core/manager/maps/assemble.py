"""Assembles maps from the tiles' result arrays, by windows, several maps at once."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ... import __version__
from ...tiles.array_file import StoredArray
from ..folder import OutFolder
from ..inputs.wetness import Wetness, wetness_blocks
from ..plan.layers import ArrayLayer, windows
from ..plan.plan import Plan
from ..reporter import Reporter
from ..schedule.verify import VerifiedResult
from .names import MapSpec
from .writers import MapBlock, MapJob, write_all

SOFTWARE = f"eemt-core {__version__}"


def write_maps(
    plan: Plan,
    folder: OutFolder,
    results: dict[int, VerifiedResult],
    wetness: Wetness | None,
    reporter: Reporter,
    *,
    processes: int,
) -> dict[str, dict[str, float]]:
    """Write all maps of the plan; each gets its final name when it is complete.

    Parameters
    ----------
    processes
        Number of maps written at once, each by its own process.

    Returns
    -------
    statistics
        Minimum, maximum and mean of each map, by name.
    """
    statistics = {spec.path: _statistics(spec, results, wetness) for spec in plan.maps}
    count = len(plan.maps)

    def job(spec: MapSpec) -> MapJob:
        folder.make_room(spec.path)
        return MapJob(
            target=str(folder.path / spec.path),
            grid=plan.grid,
            blocks=tuple(_blocks(plan, folder, results, spec, wetness)),
            factor=spec.factor,
            description=spec.description,
            units=spec.unit,
            tags=_tags(plan, spec, statistics[spec.path]),
            circular=spec.circular,
        )

    here = [spec for spec in plan.maps if spec.result == "twi" and plan.wetness.raster is not None]
    for spec in here:
        assert wetness is not None
        job(spec).write_blocks(wetness_blocks(plan.wetness, wetness), processes)
    jobs = (job(spec) for spec in plan.maps if spec not in here)
    reporter.progress("maps", len(here), count, "maps")
    write_all(
        jobs,
        count - len(here),
        processes,
        lambda done: reporter.progress("maps", len(here) + done, count, "maps"),
    )
    return statistics


def _blocks(
    plan: Plan,
    folder: OutFolder,
    results: dict[int, VerifiedResult],
    spec: MapSpec,
    wetness: Wetness | None,
) -> Iterator[MapBlock]:
    if spec.result == "twi":
        if wetness is not None and isinstance(wetness.layer, ArrayLayer):
            array = _placed(wetness.layer.place, wetness.layer.folder)
            for window in windows(plan.grid.rows, 1):
                yield MapBlock(window.row0, 0, array, rows=(window.row0, window.row1))
        return
    for tile in plan.tiling:
        place = results[tile.index]["outputs"][spec.result]["place"]
        array = _placed(place, folder.tiles / tile.name)
        yield MapBlock(tile.core.row0, tile.core.col0, array, spec.layer)


def _placed(place: StoredArray, folder: Path) -> StoredArray:
    """Return an array's place with an absolute path, for processes with other working folders."""
    return replace(place, file=str((folder / place.file).resolve()))


def _statistics(
    spec: MapSpec, results: dict[int, VerifiedResult], wetness: Wetness | None
) -> dict[str, float]:
    if spec.result != "twi":
        return map_statistics(spec, results)
    assert wetness is not None
    return wetness.statistics


def _tags(plan: Plan, spec: MapSpec, statistics: dict[str, float]) -> dict[str, str]:
    tags = {
        "TIFFTAG_SOFTWARE": SOFTWARE,
        "TIFFTAG_IMAGEDESCRIPTION": f"{spec.description} [{spec.unit}]",
        "EEMT_PARAMETERS": json.dumps(plan.parameters, sort_keys=True),
        "EEMT_INPUTS": json.dumps(plan.inputs.brief),
        **{f"EEMT_{name}": value for name, value in spec.tags.items()},
    }
    for name, value in statistics.items():
        tags[f"STATISTICS_{name.upper()}"] = f"{value:.9g}"
    return tags


def map_statistics(spec: MapSpec, results: dict[int, VerifiedResult]) -> dict[str, float]:
    """Return minimum, maximum and mean over all tiles; empty if no cell is valid.

    The tiles' sums are added in order of tile number, so the result is identical in every run.
    """
    low, high, sums, count = math.inf, -math.inf, [], 0
    for index in sorted(results):
        layers = results[index]["outputs"][spec.result]["statistics"]
        cells, total, tile_low, tile_high = (float(value) for value in layers[spec.layer or 0])
        if cells:
            low, high = min(low, tile_low), max(high, tile_high)
            sums.append(total)
            count += int(cells)
    if not count:
        return {}
    values = {"minimum": low, "maximum": high, "mean": math.fsum(sums) / count}
    return {name: value * spec.factor for name, value in values.items()}
