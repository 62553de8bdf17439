"""The batch systems: for each the text that a person can read, and the directives it gets."""

from __future__ import annotations

from .lsf import LSF
from .pbs import PBS
from .sge import SGE
from .slurm import SLURM
from .target import Target
from .torque import TORQUE

TARGETS: dict[str, Target] = {target.name: target for target in (SLURM, SGE, PBS, TORQUE, LSF)}
"""All of them, by the name that users give."""

__all__ = ["TARGETS", "Target"]
