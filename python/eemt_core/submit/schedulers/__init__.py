"""The programs of batch systems: they take scripts, tell of jobs and cancel them."""

from __future__ import annotations

from .htcondor import HTCONDOR
from .lsf import LSF
from .pbs import PBS
from .scheduler import Ending, Job, Scheduler, State
from .sge import SGE
from .slurm import SLURM
from .torque import TORQUE

SCHEDULERS: dict[str, Scheduler] = {
    "slurm": SLURM,
    "sge": SGE,
    "pbs": PBS,
    "torque": TORQUE,
    "lsf": LSF,
    "htcondor": HTCONDOR,
}
"""All of them, by the name of their target."""

__all__ = ["SCHEDULERS", "Ending", "Job", "Scheduler", "State"]
