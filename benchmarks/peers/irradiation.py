"""A day of the year of sunlight with shadows, beside r.sun.

Ours: slope, horizons in 72 directions, sky view and all days of a year, for beam, diffuse and
reflected radiation, hours and the flat, open surface; divided by the number of days. r.sun:
the same products by a run with shadows and one without (`-p`) on flat ground, as the first
EEMT workflow ran it; the mean of a few days, once.
"""

import numpy as np

from eemt_core import solar
from eemt_core.calendar365 import month_groups
from eemt_core.solar import _position as sun
from eemt_core.terrain._horizon_codes import horizon_codes, sky_view_of_codes
from eemt_core.terrain._slope import slope_aspect_rad
from grass_harness import GrassProject, aspect_to_grass
from solar_sums import irradiation

from .clock import Line, Seconds, ours, theirs
from .terrain import CELL_M, PROJ, Terrain

DAYS = range(1, 366)
PEER_DAYS = {0.5: (15, 105, 196, 288), 0.05: (105,)}


def year(place: Terrain, step_hours: float, threads: int = 1) -> solar.Irradiation:
    """Everything of a year, in monthly sums."""
    z = place.elevation_m
    slope, aspect = slope_aspect_rad(z, cell_size_m=CELL_M, threads=threads)
    horizon = horizon_codes(z, cell_size_m=CELL_M, threads=threads)
    view = sky_view_of_codes(horizon, slope, aspect, threads=threads)
    return irradiation(
        z,
        slope,
        aspect,
        latitude_rad=place.latitude_rad,
        horizon=horizon,
        sky_view=view,
        days=DAYS,
        groups=month_groups(DAYS)[1],
        block=64,
        step_minutes=60 * step_hours,
        threads=threads,
    )


def steps_of_year(place: Terrain, step_hours: float) -> float:
    """Daylight steps of the year, per cell."""
    latitude = float(place.latitude_rad.mean())
    hours = [sun.day_length_hours_rad(latitude, day, year=2026) for day in DAYS]
    return float(np.ceil(np.array(hours) / step_hours - 1e-9).sum())


def r_sun_day(place: Terrain, step_hours: float) -> Seconds:
    """A day of r.sun: shaded slopes and flat ground, reading and writing included."""
    with GrassProject(place.elevation_m.shape, CELL_M, crs=PROJ, origin=place.origin) as project:
        slope, aspect = project.slope_aspect(place.elevation_m)
        maps = {
            "elevation": project.put(place.elevation_m),
            "slope": project.put(np.degrees(slope)),
            "aspect": project.put(aspect_to_grass(aspect, slope)),
        }
        outputs = {name: name for name in ("beam_rad", "diff_rad", "refl_rad", "glob_rad")}
        days = PEER_DAYS[step_hours]

        def run() -> None:
            for day in days:
                when = {"day": day, "step": step_hours}
                project.run("r.sun", "--o", **maps, **when, **outputs, insol_time="hours")
                project.run(
                    *("r.sun", "-p", "--o"), elevation=maps["elevation"], **when, glob_rad="flat"
                )

        return Seconds(tuple(seconds / len(days) for seconds in theirs(run, rounds=1).rounds))


def measure(place: Terrain, rounds: int) -> list[Line]:
    """Figures 1a (half-hour steps) and 1b (three-minute steps)."""
    lines = []
    for figure, step_hours, aim, ratio_aim in (("1a", 0.5, 1000, 1200), ("1b", 0.05, 20, 3000)):
        taken = ours(lambda step_hours=step_hours: year(place, step_hours), rounds)
        cell_days = place.elevation_m.size * len(DAYS)
        if figure == "1a":
            work = place.elevation_m.size * steps_of_year(place, step_hours)
            rate, unit = work / taken.best / 1e6, "M cell-steps/s"
        else:
            rate, unit = cell_days / taken.best / 1e6, "M cell-days/s"
        peer = r_sun_day(place, step_hours)
        ratio = peer.best / (taken.best / len(DAYS))
        name = f"r.sun step={step_hours:g}: {place.elevation_m.size / peer.best:,.0f} cell-days/s"
        text = f"irradiation with shadows, horizons included, steps of {60 * step_hours:g} min"
        lines.append(Line(figure, text, unit, rate, aim, name, ratio, ratio_aim, taken.spread))
    return lines
