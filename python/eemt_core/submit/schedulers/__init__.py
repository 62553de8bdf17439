"""The programs of batch systems: they take scripts, tell of jobs and cancel them."""

from __future__ import annotations

from .scheduler import Ending, Job, Scheduler, State
from .sge import SGE
from .slurm import SLURM

SCHEDULERS: dict[str, Scheduler] = {"slurm": SLURM, "sge": SGE}
"""All of them, by the name of their target."""

__all__ = ["SCHEDULERS", "Ending", "Job", "Scheduler", "State"]
