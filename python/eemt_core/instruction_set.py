"""The instruction set that a run computes with: one for all its tiles, wherever they are computed.

The kernels are compiled several times, and their results differ in the last bits from one
instruction set to the next. So a run decides on one, and only a processor that has it computes its
tiles. ``v3`` is the usual one: nearly all processors of the last ten years have it, and it is only
a little slower than ``v4``.
"""

from __future__ import annotations

from . import _core
from .errors import ArgumentError, ProcessorError

USUAL = "v3"
_MEANING = {"base": "x86-64-v2", "v3": "x86-64-v3, with AVX2", "v4": "x86-64-v4, with AVX-512"}


def available() -> tuple[str, ...]:
    """Return what this processor has, the lowest first; ``EEMT_SIMD`` may hold it to less.

    On x86-64 these are the first of ``base``, ``v3`` and ``v4``; elsewhere it is one, whose name is
    that of the architecture.
    """
    return tuple(_core.processor.instruction_sets())


def chosen(wanted: str | None, begun_with: str | None = None) -> str:
    """Return the instruction set of a run that this machine begins, or goes on with.

    Parameters
    ----------
    wanted
        ``base`` for the lowest that there is, ``v3``, ``v4``, or None for `USUAL`, or the highest
        below it that this processor has.
    begun_with
        That of the run that is gone on with, which stays unless another one is wanted. It is
        returned even if this processor lacks it: `use` refuses to compute.

    Raises
    ------
    ArgumentError
        If this processor lacks the one that is wanted.
    """
    here = available()
    if wanted is None and begun_with is not None:
        return begun_with
    if wanted is None:
        return USUAL if USUAL in here else here[-1]
    if wanted == "base":
        return here[0]
    if wanted not in here:
        raise ArgumentError(
            f"this machine's processor lacks <<instruction_set={wanted}>> ({_meaning(wanted)})",
            remedy=f"give {' or '.join(here)}, or leave <<instruction_set>> out",
            field="instruction_set",
            value=wanted,
        )
    return wanted


def use(name: str) -> None:
    """Let the kernels of this process run on an instruction set.

    Raises
    ------
    ProcessorError
        If this processor lacks it.
    """
    here = available()
    if name not in here:
        raise ProcessorError(
            f"the run computes with instruction set {name} ({_meaning(name)}), which this "
            f"processor lacks; it has {' and '.join(here)}",
            remedy=f"leave such machines out, or begin the run with <<instruction_set={here[-1]}>>",
        )
    _core.processor.use_instruction_set(name)


def _meaning(name: str) -> str:
    return _MEANING.get(name, "of another architecture")
