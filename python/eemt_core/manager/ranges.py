"""Between which values the numbers of a request lie: for the command line, files and schema alike.

Those of the sun and of the energy balance stand with their own parameters. Nothing heavy is
imported here, so that commands start at once.
"""

from __future__ import annotations

from typing import Annotated

from ..plausible import LAPSE_RATE
from ..solar._parameters import RANGES, WHY_SUN_YEARS
from .plain import Range

YEARS = Range(1, 9999, "it is a year of the climate")
SUN_YEARS = Range(*RANGES["year"], WHY_SUN_YEARS)
PRECISION = Range(6, 23, "it counts bits of the mantissa, and a cell of a map has 23")
TILE_CELLS = Range(1, 10**6, "it is the edge of a tile in cells")
RETRIES = Range(0, 100, "it counts further tries, and what fails so often goes on failing")
TASK_CORES = Range(1, 1024, "it is of one machine, and none has more")
PORTS = Range(0, 65535, "it is a port")
PROCESSES = Range(0, 10**18, "it is a number of processes or threads")
SECONDS = Range(1, 3660 * 86400, "it is a time in seconds")

Year = Annotated[int, YEARS]
Precision = Annotated[int, PRECISION]
TileCells = Annotated[int, TILE_CELLS]
Retries = Annotated[int, RETRIES]
LapseRate = Annotated[
    float, Range(LAPSE_RATE.lowest, LAPSE_RATE.highest, "no air cools that fast with height")
]
TaskCores = Annotated[int, TASK_CORES]
Port = Annotated[int, PORTS]
Processes = Annotated[int, PROCESSES]
Seconds = Annotated[int, SECONDS]
HaloCells = Annotated[int, Range(1, 10**6, "it is the width of a tile's halo in cells")]
