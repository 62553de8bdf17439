"""Horizons, beside r.horizon."""

from eemt_core.terrain._horizon_codes import horizon_codes
from grass_harness import GrassProject

from .clock import Line, Seconds, ours, theirs
from .terrain import CELL_M, PROJ, Terrain

DIRECTIONS = 72
PEER_DIRECTIONS_DEG = (0, 65, 130, 200, 265, 330)  # counter-clockwise from east


def r_horizon(place: Terrain, rounds: int) -> Seconds:
    """One direction of r.horizon, the mean of a few; reading and writing included."""
    with GrassProject(place.elevation_m.shape, CELL_M, crs=PROJ, origin=place.origin) as project:
        elevation = project.put(place.elevation_m)

        def run() -> None:
            for direction in PEER_DIRECTIONS_DEG:
                project.run(
                    "r.horizon", "--o", elevation=elevation, direction=direction, output="horizon"
                )

        count = len(PEER_DIRECTIONS_DEG)
        return Seconds(tuple(seconds / count for seconds in theirs(run, rounds).rounds))


def measure(place: Terrain, rounds: int) -> list[Line]:
    """Figure 2."""
    z = place.elevation_m
    taken = ours(
        lambda: horizon_codes(z, cell_size_m=CELL_M, directions=DIRECTIONS, threads=1), rounds
    )
    peer = r_horizon(place, rounds)
    rate = z.size * DIRECTIONS / taken.best / 1e6
    name = f"r.horizon: {z.size / peer.best / 1e6:.2f} M cell-directions/s"
    ratio = peer.best / (taken.best / DIRECTIONS)
    text = f"horizons in {DIRECTIONS} directions"
    return [Line("2", text, "M cell-directions/s", rate, 100, name, ratio, 250, taken.spread)]
