"""Torque: what an order asks of ``qsub``."""

from __future__ import annotations

from ..order import Order
from .script import ScriptTarget
from .values import clock, plain

_SYSTEM = "Torque"


def directives(order: Order) -> list[str]:
    """Return the options of ``qsub`` that an order gives: an array of jobs on one node each.

    A constraint is a property that the node must have. Disk has no common name: ``file`` would be
    the longest file that a job may write.
    """
    node = ["nodes=1"]
    if order.cores is not None:
        node.append(f"ppn={order.cores}")
    if order.constraint:
        node.append(plain(_SYSTEM, "constraint", order.constraint, ","))
    lines = [
        f"-N {plain(_SYSTEM, 'name', order.name, ':,')}",
        f"-t 1-{order.jobs}",
        f"-l {':'.join(node)}",
    ]
    if order.memory_mb is not None:
        lines.append(f"-l mem={order.memory_mb}mb")
    if order.time_s is not None:
        lines.append(f"-l walltime={clock(order.time_s)}")
    if order.qos:
        lines.append(f"-l qos={plain(_SYSTEM, 'qos', order.qos, ',')}")
    if order.account:
        lines.append(f"-A {plain(_SYSTEM, 'account', order.account)}")
    if order.queue:
        lines.append(f"-q {plain(_SYSTEM, 'queue', order.queue)}")
    lines.append("-j oe")
    if order.log_folder is not None:
        # a colon would separate a host's name; in a folder Torque makes names of its own
        lines.append(f"-o {plain(_SYSTEM, 'log_dir', str(order.log_folder), ':,')}/")
    return lines


TORQUE = ScriptTarget("torque", "#PBS", directives, "PBS_ARRAYID", lacks=("parallel_env",))
