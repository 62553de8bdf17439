"""A run as Python calls it; nothing heavy is loaded before the call."""

from __future__ import annotations

from pathlib import Path

from .request import Logged, Reporter, RunRequest
from .stop import Stop


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
        If it cannot be carried out: `field`, `value` and `remedy` say why. Finished tiles stay for
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

    return carry_out(request, reporter or Logged(), stop=stop)
