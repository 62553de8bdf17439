"""PBS Professional and OpenPBS: what an order asks of ``qsub``."""

from __future__ import annotations

from ..order import Order
from .script import ScriptTarget
from .values import clock, plain

_SYSTEM = "PBS"


def directives(order: Order) -> list[str]:
    """Return the options of ``qsub`` that an order gives: an array of jobs in one chunk each.

    A constraint is what the chunk must have, as ``cpu_type=rome``. Disk has no common name.
    """
    lines = [f"-N {plain(_SYSTEM, 'name', order.name, ':,')}"]
    if order.jobs > 1:
        lines.append(f"-J 1-{order.jobs}")
    chunk = ["select=1"]
    if order.cores is not None:
        chunk.append(f"ncpus={order.cores}")
    if order.memory_mb is not None:
        chunk.append(f"mem={order.memory_mb}mb")
    if order.constraint:
        chunk.append(plain(_SYSTEM, "constraint", order.constraint))
    lines.append(f"-l {':'.join(chunk)}")
    if order.time_s is not None:
        lines.append(f"-l walltime={clock(order.time_s)}")
    if order.account:
        lines.append(f"-A {plain(_SYSTEM, 'account', order.account)}")
    if order.queue:
        lines.append(f"-q {plain(_SYSTEM, 'queue', order.queue)}")
    lines.append("-j oe")
    if order.log_folder is not None:
        # a colon would separate a host's name; in a folder PBS makes names of its own, which have
        # the job's number as none that we could give it would
        lines.append(f"-o {plain(_SYSTEM, 'log_dir', str(order.log_folder), ':,')}/")
    return lines


PBS = ScriptTarget("pbs", "#PBS", directives, "PBS_ARRAY_INDEX", lacks=("qos", "parallel_env"))
