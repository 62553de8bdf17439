"""Mean astronomical length of a month's days at the cells of a tile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..calendar365 import days_of_month
from ..grids.grid import LatticePlaces
from ..solar._position import day_length_hours_rad

#: 600 m on the ground: next to it a month's mean day length runs straight, since the sun that just
#: does not set moves on by kilometres from one day to the next.
STEP_RAD = 1e-4


@dataclass(frozen=True, eq=False)
class DayLengths:
    """Day lengths at latitudes that are whole multiples of `STEP_RAD`, straight between them.

    Near a polar circle they bend too much to be straight between points that suffice for the
    latitude itself. Those of a cell do not depend on its tile.

    Attributes
    ----------
    first_node
        The first latitude in steps.
    node_rad
        (nodes,) float64 array, the latitudes; beyond a pole it is as at the pole [rad].
    node_hours
        (12, nodes) float64 array, means over the days of the months [h].
    """

    first_node: float
    node_rad: NDArray[np.float64]
    node_hours: NDArray[np.float64]


def day_lengths(latitude_rad: LatticePlaces, *, year: int, longitude_deg: float) -> DayLengths:
    """Return the day lengths of a year about the latitudes of a window's cells."""
    rows, cols = (
        slice(index[0], index[-1] + 2)
        for index in (latitude_rad.row_interval, latitude_rad.col_interval)
    )
    points = latitude_rad.values[rows, cols]  # the cells' latitudes lie between theirs
    first = np.floor(points.min() / STEP_RAD)
    count = int(points.max() / STEP_RAD - first) + 2
    nodes = (first + np.arange(count)) * STEP_RAD
    places = np.clip(nodes, -np.pi / 2, np.pi / 2)
    hours = np.zeros((12, count))
    for month in range(12):
        days = days_of_month(month)
        for day in days:
            hours[month] += day_length_hours_rad(
                places, day, year=year, longitude_deg=longitude_deg
            )
        hours[month] /= len(days)
    return DayLengths(float(first), nodes, hours)
