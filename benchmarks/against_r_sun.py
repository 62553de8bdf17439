"""Our speed beside r.sun's, on this machine, one thread each, the same work.

    .venv/bin/python benchmarks/against_r_sun.py

One summer day, shadows on, steps of half an hour, made terrain; seconds of processor time.
r.sun is timed without GRASS's start, but with reading and writing its maps. Ours is timed
twice: one day alone, slope and horizons included, and a further day: the mean of every fourth
day of a year over the same horizons. Needs GRASS GIS (grass-core).
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from eemt_core import solar, terrain  # noqa: E402
from grass_harness import GrassProject, aspect_to_grass, transverse_mercator  # noqa: E402
from suite.landscape import landscape  # noqa: E402

SIDE, CELL_M, DAY, STEP_HOURS, LATITUDE_DEG = 300, 30.0, 172, 0.5, 40.0


def children_seconds() -> float:
    """Processor time of the programs run so far [s]."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def best_seconds(call: Callable[[], object], rounds: int = 3) -> float:
    """Least processor time of a call [s]."""
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    return min(seconds)


def main() -> None:
    """Time both and print cell-steps per second and the ratio."""
    z = landscape(SIDE, relief_m=1500.0)
    with GrassProject(z.shape, CELL_M, crs=transverse_mercator(LATITUDE_DEG)) as project:
        slope, aspect = project.slope_aspect(z)
        latitude = project.corner_latitude_rad()
        maps = {
            "elevation": project.put(z),
            "slope": project.put(np.degrees(slope)),
            "aspect": project.put(aspect_to_grass(aspect, slope)),
        }
        start = children_seconds()
        project.run("r.sun", **maps, day=DAY, step=STEP_HOURS, glob_rad="glob", insol_time="hours")
        r_sun_s = children_seconds() - start
        theirs = project.get("glob")

    def ours(mode: str, **options: object) -> solar.Irradiation:
        slope, aspect = terrain.slope_aspect(z, cell_size_m=CELL_M, threads=1)
        horizon = terrain.horizon_map(z, cell_size_m=CELL_M, threads=1)
        return solar.irradiation(
            z,
            slope,
            aspect,
            latitude_rad=latitude.astype(z.dtype),
            horizon=horizon,
            days=[DAY],
            step_minutes=60 * STEP_HOURS,
            mode=mode,
            threads=1,
            **options,
        )

    difference = ours("rsun").total[0][1:-1, 1:-1].mean() / theirs[1:-1, 1:-1].mean() - 1
    # a year's horizons are computed once: what a further day costs
    slope, aspect = (angle.astype(z.dtype) for angle in (slope, aspect))
    horizon = terrain.horizon_map(z, cell_size_m=CELL_M, threads=1)
    arrays = (z, slope, aspect)
    fixed = {"horizon": horizon, "threads": 1, "step_minutes": 60 * STEP_HOURS}
    days = list(range(1, 366, 4))
    groups = [0] * len(days)

    def further_day_s(mode: str) -> float:
        seconds = best_seconds(
            lambda: solar.irradiation(
                *arrays, latitude_rad=0.7, days=days, groups=groups, mode=mode, **fixed
            )
        )
        return seconds / len(days)

    print(f"{SIDE} x {SIDE} cells, day {DAY}, steps of {STEP_HOURS} h, shadows, one thread")
    print(f"mean of mode rsun against r.sun: {100 * difference:+.2f} %")
    rows = {
        "r.sun": r_sun_s,
        "eemt_core, one day with slope and horizons, exact": best_seconds(lambda: ours("exact")),
        "eemt_core, one day with slope and horizons, rsun": best_seconds(lambda: ours("rsun")),
        "eemt_core, a further day, exact": further_day_s("exact"),
        "eemt_core, a further day, rsun": further_day_s("rsun"),
    }
    for name, seconds in rows.items():
        rate = z.size / seconds / 1e3
        print(f"{name:52} {seconds:8.3f} s {rate:10.0f} k cell-days/s {r_sun_s / seconds:8.1f} x")


if __name__ == "__main__":
    main()
