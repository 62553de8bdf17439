"""The batch systems: for each the text that a person can read, and the directives it gets."""

from __future__ import annotations

from .slurm import SLURM
from .target import Target

TARGETS: dict[str, Target] = {target.name: target for target in (SLURM,)}
"""All of them, by the name that users give."""

__all__ = ["TARGETS", "Target"]
