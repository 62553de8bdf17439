"""Runs and their estimate as Python calls them; nothing heavy is loaded before the call."""

from __future__ import annotations

import os
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


def export_tiles(
    request: RunRequest,
    folder: str | os.PathLike[str],
    reporter: Reporter | None = None,
    stop: Stop | None = None,
) -> Path:
    """Write the tiles of a run into a folder, to be computed without a manager, and return it.

    The command ``eemt-tile FOLDER N`` computes the N-th of them, on any machine that sees the
    folder; `collect_tiles` makes maps of the results.

    Parameters
    ----------
    request
        The run. Nothing is written to its ``out``; with ``overwrite`` an earlier export in `folder`
        is replaced.
    folder
        Where to write, new or empty. It is there whole or not at all, and may be moved afterwards.
    reporter, stop
        As for `run`.

    Raises
    ------
    EemtError
        If the run cannot be carried out, or the folder not be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from eemt_core import RunRequest, SolarParameters, export_tiles
    >>> with TemporaryDirectory() as folder:  # the demonstration's DEM, one day
    ...     solar = SolarParameters(days=(172,), step_minutes=60, directions=8)
    ...     request = RunRequest(None, Path(folder) / "maps", solar=solar, tile_cells=256)
    ...     tiles = export_tiles(request, Path(folder) / "tiles")
    ...     (tiles / "tiles.txt").read_text().split()
    ['tile-000000', 'tile-000001', 'tile-000002', 'tile-000003']
    """
    from .export import export_tiles as carry_out

    instance_of("request", request, RunRequest, remedy=_OF_DATA)
    with told_by_path():
        return carry_out(request, Path(folder), reporter or Logged(), stop=stop)


def collect_tiles(
    request: RunRequest,
    folder: str | os.PathLike[str],
    reporter: Reporter | None = None,
    stop: Stop | None = None,
) -> Path:
    """Make the maps of a run from the results in a folder of `export_tiles`; return where they are.

    It may be called again: results that it found whole are kept in ``request.out``.

    Parameters
    ----------
    request
        The run that was exported: of the same DEM, climate and parameters.
    folder
        The exported folder, wherever it lies now.
    reporter, stop
        As for `run`.

    Returns
    -------
    Path
        ``request.out``, which holds the maps and ``run.json``.

    Raises
    ------
    IncompleteError
        If results are missing or damaged; ``missing.txt`` in `folder` names their tiles.
    EemtError
        If the folder is of another run, or the maps cannot be written.

    Examples
    --------
    >>> import subprocess, sys
    >>> from tempfile import TemporaryDirectory
    >>> from eemt_core import RunRequest, SolarParameters, collect_tiles, export_tiles
    >>> with TemporaryDirectory() as folder:
    ...     solar = SolarParameters(days=(172,), step_minutes=60, directions=8)
    ...     request = RunRequest(None, Path(folder) / "maps", solar=solar, pictures=False)
    ...     tiles = export_tiles(request, Path(folder) / "tiles")
    ...     tile = Path(sys.executable).with_name("eemt-tile")
    ...     done = subprocess.run([tile, tiles, "1"], check=True, capture_output=True)
    ...     out = collect_tiles(request, tiles)
    ...     (out / "global/monthly/total_sun_jun_sum.tif").exists()
    True
    """
    from .collect import collect_tiles as carry_out

    instance_of("request", request, RunRequest, remedy=_OF_DATA)
    with told_by_path():
        return carry_out(request, Path(folder), reporter or Logged(), stop=stop)


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
