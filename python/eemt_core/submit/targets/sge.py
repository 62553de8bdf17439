"""Grid Engine: what an order asks of ``qsub``."""

from __future__ import annotations

from ...errors import ArgumentError
from ..order import Order
from .script import ScriptTarget
from .values import plain

_SYSTEM = "Grid Engine"


def directives(order: Order) -> list[str]:
    """Return the options of ``qsub`` that an order gives: an array of jobs.

    Memory is asked for each core, as sites count it. There is no common way to ask for disk.
    """
    lines = [
        "-S /bin/bash",
        f"-N {_name(order.name)}",
        f"-t 1-{order.jobs}",
        "-j y",
        # SIGUSR2 comes a minute before SIGKILL, in place of nothing
        "-notify",
    ]
    if order.cores is not None and order.cores > 1:
        if not order.parallel_env:
            raise ArgumentError(
                f"{order.cores} cores are the slots of a parallel environment",
                remedy="name one that keeps to one machine with <<parallel_env>>; qconf -spl lists "
                "all",
                field="parallel_env",
            )
        name = plain(_SYSTEM, "parallel_env", order.parallel_env)
        lines.append(f"-pe {name} {order.cores}")
    if order.memory_mb is not None:
        lines.append(f"-l h_vmem={-(-order.memory_mb // (order.cores or 1))}M")
    if order.time_s is not None:
        lines.append(f"-l h_rt={order.time_s}")
    if order.account:
        lines.append(f"-A {plain(_SYSTEM, 'account', order.account)}")
    if order.queue:
        lines.append(f"-q {plain(_SYSTEM, 'queue', order.queue)}")
    if order.constraint:
        lines.append(f"-l {plain(_SYSTEM, 'constraint', order.constraint)}")
    if order.log_folder is not None:
        # a colon would separate a host's name, a comma another file
        folder = plain(_SYSTEM, "log_dir", str(order.log_folder), ":,")
        lines.append(f"-o {folder}/{order.name}-$JOB_ID.$TASK_ID.log")
    return lines


def _name(name: str) -> str:
    if name[0].isdigit():
        raise ArgumentError(
            f"{_SYSTEM} has no jobs whose name begins with a digit",
            remedy="give another <<name>>",
            field="name",
            value=name,
        )
    return plain(_SYSTEM, "name", name, "/:@*?,")


SGE = ScriptTarget("sge", "#$", directives, "SGE_TASK_ID", lacks=("qos",))
