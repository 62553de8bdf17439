"""When the batch job that we run in will be ended."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from ..numerals import whole

BATCH_END = ("SLURM_JOB_END_TIME", "EEMT_JOB_END")
"""Variables that tell when a job ends, in seconds since 1970, the surest first: Slurm's own, which
not all versions have, and the one that our job scripts set to the time that was asked for."""

_RESERVE_MOST_S = 180


def job_seconds_left(
    environ: Mapping[str, str] | None = None, now_s: float | None = None
) -> int | None:
    """Return what is left of the batch job's time [s], 0 at least; None where nobody tells.

    Examples
    --------
    >>> job_seconds_left({"EEMT_JOB_END": "1900000600"}, now_s=1900000000.0)
    600
    """
    environ = os.environ if environ is None else environ
    ends = filter(None, (whole(environ.get(name, "")) for name in BATCH_END))
    end_s = next(ends, None)
    if end_s is None:
        return None
    return max(0, int(end_s - (time.time() if now_s is None else now_s)))


def job_seconds_to_use(
    environ: Mapping[str, str] | None = None, now_s: float | None = None
) -> int | None:
    """Return the time in which work must be over so that the job ends by itself [s], 0 at least.

    Examples
    --------
    >>> job_seconds_to_use({"SLURM_JOB_END_TIME": "1900003600"}, now_s=1900000000.0)
    3420
    """
    left = job_seconds_left(environ, now_s)
    return None if left is None else left - job_reserve_s(left)


def job_reserve_s(left_s: int) -> int:
    """Return how much of a job's time is kept for its end [s].

    Slurm tells a job of its end up to a minute before it is asked to, and ending takes a while. So
    three minutes are left, though never more than a quarter of what there is.
    """
    return min(_RESERVE_MOST_S, left_s // 4)
