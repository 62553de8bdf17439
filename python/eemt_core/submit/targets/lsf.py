"""LSF: what an order asks of ``bsub``."""

from __future__ import annotations

from ..order import Order
from .script import ScriptTarget
from .values import plain

_SYSTEM = "LSF"
_NOTICE_MIN = 2


def directives(order: Order) -> list[str]:
    """Return the options of ``bsub`` that an order gives: an array of jobs on one host each.

    Sizes have their units: without, their unit is a matter of the site. A constraint is what LSF
    selects hosts by, as ``avx2 && ncpus > 8``.
    """
    name = plain(_SYSTEM, "name", order.name, "[]%,:")
    lines = [f'-J "{name}[1-{order.jobs}]"']
    if order.cores is not None:
        # or the slots might lie on several hosts
        lines += [f"-n {order.cores}", '-R "span[hosts=1]"']
    if order.memory_mb is not None:
        # a limit alone reserves nothing
        lines += [f"-M {order.memory_mb}MB", f'-R "rusage[mem={order.memory_mb}MB]"']
    if order.disk_mb is not None:
        lines.append(f'-R "rusage[tmp={order.disk_mb}MB]"')
    if order.time_s is not None:
        minutes = -(-order.time_s // 60)
        lines.append(f"-W {minutes // 60}:{minutes % 60:02d}")
        if minutes > 2 * _NOTICE_MIN:
            lines += ["-wa TERM", f"-wt {_NOTICE_MIN}"]
    if order.account:
        lines.append(f"-P {plain(_SYSTEM, 'account', order.account)}")
    if order.queue:
        lines.append(f"-q {plain(_SYSTEM, 'queue', order.queue)}")
    if order.constraint:
        words = [plain(_SYSTEM, "constraint", word, "[]`") for word in order.constraint.split(" ")]
        lines.append(f'-R "select[{" ".join(words)}]"')
    if order.log_folder is not None:
        # LSF puts numbers in place of %J and %I, and knows no other way to write %
        folder = plain(_SYSTEM, "log_dir", str(order.log_folder), "%")
        lines.append(f"-o {folder}/{name}-%J.%I.log")
    return lines


LSF = ScriptTarget(
    "lsf",
    "#BSUB",
    directives,
    "LSB_JOBINDEX",
    lacks=("qos", "parallel_env"),
    has_disk=True,
)
