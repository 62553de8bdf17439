"""Our speed beside r.sun's, on this machine, one thread each, the same work.

    .venv/bin/python benchmarks/against_r_sun.py

One summer day, shadows on, steps of half an hour, made terrain; seconds of processor time.
r.sun is timed without GRASS's start, but with reading and writing its maps. Ours is timed
twice: one day alone, slope and horizons included, and a further day: the mean of every fourth
day of a year over the same horizons. Needs GRASS GIS (grass-core).
"""

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests/support")]

from eemt_core import solar  # noqa: E402
from eemt_core.terrain._horizon_codes import horizon_codes  # noqa: E402
from eemt_core.terrain._slope import slope_aspect_rad  # noqa: E402
from grass_harness import GrassProject, aspect_to_grass, transverse_mercator  # noqa: E402
from peers import clock  # noqa: E402
from solar_sums import irradiation  # noqa: E402
from suite.landscape import landscape  # noqa: E402

SIDE, CELL_M, DAY, STEP_HOURS, LATITUDE_DEG = 300, 30.0, 172, 0.5, 40.0


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
        outputs = {"glob_rad": "glob", "insol_time": "hours"}
        r_sun_s = clock.theirs(
            lambda: project.run("r.sun", **maps, day=DAY, step=STEP_HOURS, **outputs), rounds=1
        ).best
        theirs = project.get("glob")

    def ours(mode: str, **options: object) -> solar.Irradiation:
        slope, aspect = slope_aspect_rad(z, cell_size_m=CELL_M, threads=1)
        horizon = horizon_codes(z, cell_size_m=CELL_M, threads=1)
        return irradiation(
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

    def one_day_s(mode: str) -> float:
        return clock.ours(lambda: ours(mode), rounds=3).best

    difference = ours("rsun").total_wh_m2[0][1:-1, 1:-1].mean() / theirs[1:-1, 1:-1].mean() - 1
    # a year's horizons are computed once: what a further day costs
    slope, aspect = (angle.astype(z.dtype) for angle in (slope, aspect))
    horizon = horizon_codes(z, cell_size_m=CELL_M, threads=1)
    arrays = (z, slope, aspect)
    fixed = {"horizon": horizon, "threads": 1, "step_minutes": 60 * STEP_HOURS}
    days = list(range(1, 366, 4))
    groups = [0] * len(days)

    def further_day_s(mode: str) -> float:
        taken = clock.ours(
            lambda: irradiation(
                *arrays, latitude_rad=0.7, days=days, groups=groups, mode=mode, **fixed
            ),
            rounds=3,
        )
        return taken.best / len(days)

    print(f"{SIDE} x {SIDE} cells, day {DAY}, steps of {STEP_HOURS} h, shadows, one thread")
    print(f"mean of mode rsun against r.sun: {100 * difference:+.2f} %")
    rows = {
        "r.sun": r_sun_s,
        "eemt_core, one day with slope and horizons, exact": one_day_s("exact"),
        "eemt_core, one day with slope and horizons, rsun": one_day_s("rsun"),
        "eemt_core, a further day, exact": further_day_s("exact"),
        "eemt_core, a further day, rsun": further_day_s("rsun"),
    }
    for name, seconds in rows.items():
        rate = z.size / seconds / 1e3
        print(f"{name:52} {seconds:8.3f} s {rate:10.0f} k cell-days/s {r_sun_s / seconds:8.1f} x")


if __name__ == "__main__":
    main()
