"""Bringing a job's request up to date before its run starts.

It may have waited while the service was started again with other options, or its data moved.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...files import read_json, write_json
from ...manager.request import ClusterRequest, RunRequest
from ...numerals import whole
from .fields import RASTER_FIELDS, with_rasters
from .job import Job, JobFolder


def renew(
    folder: JobFolder,
    job: Job,
    *,
    most_threads: int,
    cluster: ClusterRequest | None,
    climate: Path | None,
) -> None:
    """Have the request of a job say where its files lie now, and what the service has now.

    Parameters
    ----------
    most_threads
        The cores that one job may use.
    cluster
        The pool that jobs go to.
    climate
        Where the chosen climate lies, if it is none that was uploaded; None: where it lay.

    Raises
    ------
    EemtError
        If the request cannot be read or written.
    """
    before = RunRequest.from_dict(read_json(folder.request))
    request = replace(
        before,
        out=folder.maps,
        dem=folder.dem if job.upload else before.dem,
        threads=settled_threads(whole(str(job.parameters.get("num_threads", ""))), most_threads),
        cluster=cluster,
    )
    if folder.climate.is_dir():
        climate = folder.climate
    if request.energy is not None and climate is not None:
        request = replace(request, energy=replace(request.energy, climate=climate))
    rasters = {kind: folder.raster(kind) for kind in RASTER_FIELDS if folder.raster(kind).is_file()}
    if rasters:
        request = with_rasters(request, rasters)
    if request != before:
        write_json(folder.request, request.to_dict())


def settled_threads(asked: int | None, most: int) -> int:
    """Return the cores of a job that asks for so many, of the most that it may use."""
    return min(asked or most, most)
