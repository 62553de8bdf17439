"""Grid Engine: what an order asks of ``qsub``."""

from __future__ import annotations

from pathlib import Path

from ...errors import ArgumentError
from ..order import Order
from .script import ScriptTarget
from .values import plain

_SYSTEM = "Grid Engine"
_OF_NAMES = ":@*?"
"""What its own names are told apart by."""


def directives(order: Order) -> list[str]:
    """Return the options of ``qsub`` that an order gives: an array of jobs.

    Memory is asked for each core, as sites count it. There is no common way to ask for disk.
    """
    lines = [
        "-S /bin/bash",
        f"-N {_name(order.name)}",
        f"-t 1-{order.jobs}",
        "-j y",
        # SIGUSR2 comes a minute before SIGKILL, in place of nothing, and at the time limit
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
        name = _plain("parallel_env", order.parallel_env)
        lines.append(f"-pe {name} {order.cores}")
    if order.memory_mb is not None:
        lines.append(f"-l h_vmem={-(-order.memory_mb // (order.cores or 1))}M")
    if order.time_s is not None:
        lines.append(f"-l h_rt={order.time_s}")
    if order.account:
        lines.append(f"-A {_plain('account', order.account, _OF_NAMES)}")
    if order.queue:
        lines.append(f"-q {_plain('queue', order.queue)}")
    if order.constraint:
        lines.append(f"-l {_plain('constraint', order.constraint)}")
    if order.log_folder is not None:
        lines.append(f"-o {_log(order.log_folder, order.name)}")
    return lines


def _plain(field: str, value: str, special: str = "") -> str:
    """Return a value for a directive, in which ``#`` begins a comment wherever it stands."""
    return plain(_SYSTEM, field, value, f"#{special}")


def _log(folder: Path, name: str) -> str:
    """Return the files of the jobs' output; Grid Engine puts in the numbers, and knows quotes."""
    for word in str(folder).split(" "):
        # a colon would separate a host's name, a comma another file
        _plain("log_dir", word, ":,")
    path = f"{folder}/{name}-$JOB_ID.$TASK_ID.log"
    return f'"{path}"' if " " in path else path


def _name(name: str) -> str:
    if not name.isascii():
        raise ArgumentError(
            f"{_SYSTEM} has no jobs with letters as in {name!r:.60}",
            remedy="give a <<name>> of English letters",
            field="name",
            value=name,
        )
    if name[0].isdigit():
        raise ArgumentError(
            f"{_SYSTEM} has no jobs whose name begins with a digit",
            remedy="give another <<name>>",
            field="name",
            value=name,
        )
    return _plain("name", name, f"/,{_OF_NAMES}")


SGE = ScriptTarget("sge", "#$", directives, "SGE_TASK_ID", lacks=("qos",))
