"""What runs our jobs: for each the text that a person can read, and the directives it gets."""

from __future__ import annotations

from .compose import COMPOSE
from .htcondor import HTCONDOR
from .kubernetes import KUBERNETES
from .lsf import LSF
from .manifest import ManifestTarget
from .pbs import PBS
from .script import ScriptTarget
from .sge import SGE
from .slurm import SLURM
from .swarm import SWARM
from .systemd import SYSTEMD
from .target import Target
from .torque import TORQUE

SCRIPT_TARGETS: dict[str, ScriptTarget] = {
    target.name: target for target in (SLURM, SGE, PBS, TORQUE, LSF)
}
"""Batch systems whose jobs are scripts of the shell."""

MANIFEST_TARGETS: dict[str, ManifestTarget] = {
    target.name: target for target in (COMPOSE, SWARM, KUBERNETES)
}
"""Orchestrators, which are told in YAML what shall be there."""

TARGETS: dict[str, Target] = {
    **SCRIPT_TARGETS,
    HTCONDOR.name: HTCONDOR,
    SYSTEMD.name: SYSTEMD,
    **MANIFEST_TARGETS,
}
"""All of them, by the name that users give."""

__all__ = ["MANIFEST_TARGETS", "SCRIPT_TARGETS", "TARGETS", "Target"]
