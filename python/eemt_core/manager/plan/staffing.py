"""How many tiles are computed at once on this machine, and by how many threads each."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import ResourceError
from .resources import available_memory_bytes, fits_beside

_SERIAL = 0.03
"""Share of a tile's work that one thread does. So several processes are better than several threads
where tiles are alike."""

_START_CELLS = 20_000
"""Cells of a year of sunlight that take as long as a process takes to start."""

_LOOKED_AT = 16
"""Times the cores: how many of the last tiles decide when all are done."""


@dataclass(frozen=True)
class Staffing:
    """How many task processes run at once, with how many threads, and what waits for the index."""

    processes: int
    threads: int
    wetness_first: bool


def staffing(
    cores: int, tiles: Sequence[float], memory_mb: int, wetness_mb: int, *, needs_wetness: bool
) -> Staffing:
    """Decide how tiles of at most `memory_mb` each are computed on this machine's cores.

    The wetness index is computed beside the tiles, unless they need it or memory is short.

    Parameters
    ----------
    tiles
        Cells of each.
    """
    first = needs_wetness or not fits_beside(memory_mb, wetness_mb)
    processes = processes_for(cores, tiles, memory_mb, 0 if first else wetness_mb)
    return Staffing(processes, max(1, cores // processes), first)


def processes_for(cores: int, tiles: Sequence[float], memory_mb: int, beside_mb: int = 0) -> int:
    """Return how many tasks of `memory_mb` each should run at once, beside one of `beside_mb`.

    Of those that fit into memory the number is taken that ends soonest, and the largest of these:
    nine like tiles on sixteen cores are done sooner by eight processes of two threads each, and
    then the last by all cores, than by nine; four unlike ones sooner by few processes than by four,
    three of which wait for the one with the largest.

    Raises
    ------
    ResourceError
        If not even one fits into the memory that is free.
    """
    free = available_memory_bytes() // 2**20
    if memory_mb > free:
        raise ResourceError(
            f"one tile needs about {memory_mb} MB of memory and {free} MB are free",
            remedy="use a smaller <<tile_cells>>",
            field="tile_cells",
        )
    most = max(1, min(cores, len(tiles), (free - beside_mb) // memory_mb))
    last = sorted(tiles)[: _LOOKED_AT * cores]
    return min(range(most, 0, -1), key=lambda count: makespan(last, count, cores, _START_CELLS))


def makespan(tiles: Sequence[float], processes: int, cores: int, start: float) -> float:
    """Return the time until the last tile is done.

    As the schedule has it: the largest tiles first, and the last ones, where they are fewer than
    the processes, with all cores.

    Parameters
    ----------
    tiles
        Times of each with one thread, without its start.
    start
        Time that each takes to start, in the same unit.
    """
    left = len(tiles) % processes
    free_at = [0.0] * processes
    for place, work in enumerate(sorted(tiles, reverse=True)):
        is_last = place >= len(tiles) - left
        threads = threads_for_last(cores, left) if is_last else max(1, cores // processes)
        share = _SERIAL + (1 - _SERIAL) / threads
        heapq.heapreplace(free_at, free_at[0] + start + work * share)
    return max(free_at)


def threads_for_last(cores: int, left: int) -> int:
    """Return the threads of each of the last tiles, where fewer are left than processes."""
    return max(1, cores // left)
