"""What a tile of a map costs the page, level by level: processor time from the open map to the PNG.

    python web_tiles.py JOB ...      (in benchmarks/)

JOB is a folder whose `maps` is the output folder of a finished run; its hillshade is written beside
it. Twelve tiles of each level that the map reaches, from the whole world to cells of many pixels:
their median and their largest, each tile the quicker of two after a first time, whose cells had to
be decompressed and are told apart. Processor time of one thread: a busy machine only lengthens it
as far as cores share their parts.
"""

import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from eemt_core.quicklook.styles import colour_table
from eemt_core.rasters import bounds_deg
from eemt_core.web.jobs.job import JobFolder
from eemt_core.web.maps.record import RunRecord
from eemt_core.web.maps.shelf import MapShelf
from eemt_core.web.maps.tiles import COUNT, Box, boxes, overview_level

Place = tuple[int, int, int]
AIM_MS, TILES, LEVELS = 15.0, 12, range(20)
MAPS = ("global/annual/total_sun_annual.tif", "aspect.tif", "hillshade")


def main(folders: list[str]) -> None:
    """Measure and print a table for each job."""
    colour_table("viridis", COUNT)  # loads matplotlib
    for folder in folders:
        shelf = MapShelf()
        record = shelf.record(JobFolder(Path(folder).resolve()))
        assert record is not None, f"{folder} holds no finished run"
        shelf.hillshade(record).result()
        print(f"\n{folder}: {record.grid.rows} x {record.grid.cols} cells, CPU ms per tile")
        print("| level | overview | " + " | ".join(f"{n}: again, first" for n in MAPS) + " |")
        extent = boxes(*bounds_deg(record.grid))
        worst = 0.0
        for level in LEVELS:
            cells = []
            for name in MAPS:
                again, first = _times(shelf, record, name, _places(extent, level))
                worst = max(worst, *again)
                cells.append(", ".join(f"{median(t):.1f} to {max(t):.1f}" for t in (again, first)))
            overview = overview_level(record.grid, record.latitude_deg, level)
            print(f"| {level} | {overview} | " + " | ".join(cells) + " |")
        print(f"the slowest tile of an open map took {worst:.1f} ms; aim {AIM_MS:g}")
        shelf.close()


def _places(extent: Sequence[Box], level: int) -> list[Place]:
    west, north, east, south = extent[0]
    n, dice = 2**level, random.Random(level)
    columns = range(int(west * n), min(int(east * n), n - 1) + 1)
    rows = range(int(north * n), min(int(south * n), n - 1) + 1)
    chosen = {(level, dice.choice(columns), dice.choice(rows)) for _ in range(20 * TILES)}
    return sorted(chosen, key=lambda _: dice.random())[:TILES]


def _times(
    shelf: MapShelf, record: RunRecord, name: str, places: list[Place]
) -> tuple[list[float], list[float]]:
    again, first = [], []
    for place in places:
        taken = [_draw(shelf, record, name, place) for _ in range(3)]
        first.append(taken[0])
        again.append(min(taken[1:]))
    return again, first


def _draw(shelf: MapShelf, record: RunRecord, name: str, place: Place) -> float:
    start = time.thread_time()
    if name == "hillshade":
        shelf.hillshade_tile(record, place)
    else:
        told = record.maps[name]["statistics"]
        ends = told["minimum"], told["maximum"]
        shelf.tile(record, record.folder / name, place, "viridis", ends)
    return (time.thread_time() - start) * 1e3


if __name__ == "__main__":
    main(sys.argv[1:])
