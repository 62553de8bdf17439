"""Slurm: what an order asks of ``sbatch``."""

from __future__ import annotations

import shlex
from pathlib import Path

from ...errors import ArgumentError
from ..order import Order
from .script import ScriptTarget
from .values import clock

_NOTICE_S = 120
"""How long before its time limit a job is told of it; a short job when a sixth is left."""


def directives(order: Order) -> list[str]:
    """Return the options of ``sbatch`` that an order gives: an array of jobs on one node each.

    ``sbatch`` reads quotes in these lines as a shell does.
    """
    lines = [
        f"--job-name={shlex.quote(order.name)}",
        f"--array=1-{order.jobs}",
        "--nodes=1",
        "--ntasks=1",
    ]
    if order.cores is not None:
        lines.append(f"--cpus-per-task={order.cores}")
    if order.memory_mb is not None:
        lines.append(f"--mem={order.memory_mb}M")
    if order.disk_mb is not None:
        lines.append(f"--tmp={order.disk_mb}M")
    if order.time_s is not None:
        lines.append(f"--time={clock(order.time_s)}")
    notice_s = _NOTICE_S if order.time_s is None else min(_NOTICE_S, order.time_s // 6)
    if notice_s:
        lines.append(f"--signal=TERM@{notice_s}")
    for option, value in (
        ("account", order.account),
        ("partition", order.queue),
        ("qos", order.qos),
        ("constraint", order.constraint),
    ):
        if value:
            lines.append(f"--{option}={shlex.quote(value)}")
    if order.log_folder is not None:
        lines.append(f"--output={_log(order.log_folder, order.name)}")
    return lines


def _log(folder: Path, name: str) -> str:
    """Return the files of the jobs' output; Slurm puts numbers in place of ``%A`` and ``%a``."""
    path = str(folder / name)
    if "\\" in path:  # with one anywhere Slurm would put no numbers in
        raise ArgumentError(
            f"Slurm cannot write to {path}",
            remedy="give a <<log_dir>> and a <<name>> without backslashes",
            field="log_dir",
            value=folder,
        )
    return shlex.quote(path.replace("%", "%%") + "-%A_%a.log")


SLURM = ScriptTarget(
    "slurm",
    "#SBATCH",
    directives,
    "SLURM_ARRAY_TASK_ID",
    is_memory_told=True,
    has_disk=True,
    cancel_others='scancel --quiet "${{SLURM_ARRAY_JOB_ID}}_[2-{last}]"',
    lacks=("parallel_env",),
)
