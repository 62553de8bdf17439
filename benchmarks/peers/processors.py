"""The processors of this machine: what they are, and holding this process to some of them."""

import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from eemt_core import _core


def machine(cores: str) -> str:
    """Processor, how many cores of it, compiler and flags in a sentence."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    config = _core.build_config()
    level = _core.processor.instruction_set()
    return (
        f"{model}, {cores}; {config['compiler']}, -O3 -fno-math-errno -fno-trapping-math, inner"
        f" loops for {level}; {platform.system()} {platform.machine()}"
    )


def in_turn(root: Path = Path("/")) -> list[int]:
    """Numbers of the processors that we may use: one of each core first, then the cores' others.

    Two processors of one core share its arithmetic, so two threads there are no two cores. As the
    system tells it: a virtual machine may be told of cores where there are none.
    """
    seen: dict[str, int] = {}
    ranked = []
    for cpu in sorted(os.sched_getaffinity(0)):
        told = root / f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"
        core = told.read_text().strip() if told.exists() else str(cpu)
        ranked.append((seen.setdefault(core, 0), cpu))
        seen[core] += 1
    return [cpu for _, cpu in sorted(ranked)]


@contextmanager
def held_to(count: int, order: Sequence[int] | None = None) -> Iterator[None]:
    """Hold all threads of this process, and what it starts, to the first `count` processors."""
    before = os.sched_getaffinity(0)
    _hold(set((in_turn() if order is None else order)[:count]))
    try:
        yield
    finally:
        _hold(before)


def _hold(processors: set[int]) -> None:
    # Linux holds single threads; one that starts later is held as the one that starts it
    for thread in Path("/proc/self/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended
            os.sched_setaffinity(int(thread.name), processors)
