"""A run and its estimate as Python calls them; nothing heavy is loaded before the call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .._numbers import instance_of
from .field_paths import told_by_path
from .reporter import Logged, Reporter
from .request import RunRequest
from .stop import Stop

if TYPE_CHECKING:
    from .estimate import Estimate

_OF_DATA = "RunRequest(dem, out) makes one, RunRequest.from_dict(data) one of plain data"


def run(request: RunRequest, reporter: Reporter | None = None, stop: Stop | None = None) -> Path:
    """Carry out a run and return the folder of its maps.

    Parameters
    ----------
    request
        All that is asked.
    reporter
        Who hears how it goes; by default Python's logger ``eemt_core``: what every user should know
        as warnings, details as information.
    stop
        Through which a signal handler or another thread asks it to end in order.

    Returns
    -------
    Path
        ``request.out``, which holds the maps and ``run.json``.

    Raises
    ------
    EemtError
        If it cannot be carried out: `field`, by its path in the request such as ``energy.lai``,
        `value` and `remedy` say why. Finished tiles stay for
        a request that resumes; maps are there whole or not at all.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from eemt_core import RunRequest, SolarParameters, run
    >>> with TemporaryDirectory() as folder:  # the demonstration's DEM, one day
    ...     solar = SolarParameters(days=(172,), step_minutes=60, directions=8)
    ...     out = run(RunRequest(None, Path(folder) / "maps", solar=solar, pictures=False))
    ...     (out / "global/monthly/total_sun_jun_sum.tif").exists()
    True
    """
    from .run import run as carry_out

    instance_of("request", request, RunRequest, remedy=_OF_DATA)
    with told_by_path():
        return carry_out(request, reporter or Logged(), stop=stop)


def estimate(request: RunRequest) -> Estimate:
    """Return what a run would take, before anything is written.

    Parameters
    ----------
    request
        The run. Neither its ``out`` nor anything else is written to.

    Returns
    -------
    Estimate
        Cells, tiles and maps as the run will have them; memory [MB] and disk [bytes] that it takes
        at most; time [s], from kernels that are timed here for some tenths of a second.

    Raises
    ------
    EemtError
        If the request cannot be carried out, as far as the headers of its files tell.

    Examples
    --------
    >>> from eemt_core import RunRequest, SolarParameters, estimate
    >>> solar = SolarParameters(days=(172,), step_minutes=60, directions=8)
    >>> found = estimate(RunRequest(None, Path("maps"), solar=solar))
    >>> found.rows, found.cols, found.tiles
    (354, 416, 1)
    """
    from .estimate import make_estimate

    instance_of("request", request, RunRequest, remedy=_OF_DATA)
    with told_by_path():
        return make_estimate(request)
