"""What this machine lets us use: cores, memory, disk.

Work Queue's worker would look at the hardware alone. In a container or a batch job only a part of
it is ours: the least of all limits counts, and who asks is told which one it was. Every function
takes the root of the file system and the environment to look at.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import ResourceError
from ..numerals import whole
from . import cgroups

SHARE_OF_DISK = 0.9
"""Of the free space: a worker gives everything up once less is free than it promised."""

_RESERVE_SHARE, _RESERVE_LEAST_MB, _RESERVE_MOST_MB = 0.05, 256, 2048
_ROOT = Path("/")
BATCH_CORES = (
    "SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE", "NCPUS", "PBS_NUM_PPN", "LSB_DJOB_NUMPROC",
    "NSLOTS",
)  # fmt: skip
"""Variables of Slurm, PBS Professional, Torque, LSF and Grid Engine that tell a job's cores."""

BATCH_MEMORY_MB, BATCH_MEMORY_MB_PER_CORE = "SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU"
"""Those that tell its memory; the other systems set a limit that the cgroup or ulimit shows."""


@dataclass(frozen=True)
class Limit:
    """How much of something there is, and who says so."""

    amount: int
    source: str


def cores(
    *,
    root: Path = _ROOT,
    environ: Mapping[str, str] | None = None,
    affinity: int | None = None,
) -> Limit:
    """Return the number of cores to use: affinity, cgroup and batch job, the least of them."""
    environ = os.environ if environ is None else environ
    limits = [Limit(_affinity() if affinity is None else affinity, "this machine and affinity")]
    limits += [Limit(amount, "the cgroup's quota") for amount in cgroups.core_limits(root)]
    return min([*limits, *_batch_cores(environ)], key=lambda limit: limit.amount)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return cores().amount


def most_processes() -> int:
    """Return how many workers or threads this machine is let start: four a core, or 64 if more."""
    return max(64, 4 * usable_cores())


def memory_limit_mb(
    *,
    root: Path = _ROOT,
    environ: Mapping[str, str] | None = None,
    cores: int | None = None,
) -> Limit:
    """Return the memory beyond which we would be killed [MB]: the machine's, cgroup's or job's.

    Where a batch job's memory is given for each core, it counts for all of the job's, or for
    `cores` of them if that is less.
    """
    environ = os.environ if environ is None else environ
    limits = [Limit(_meminfo_mb(root, "MemTotal:"), "this machine")]
    limits += [Limit(n // 2**20, "the cgroup's limit") for n in cgroups.memory_limits_bytes(root)]
    counts = [limit.amount for limit in _batch_cores(environ)] or [_affinity()]
    times = min(counts if cores is None else [*counts, cores])
    for name, factor in ((BATCH_MEMORY_MB, 1), (BATCH_MEMORY_MB_PER_CORE, times)):
        number = whole(environ.get(name, ""))
        if number:  # 0 is Slurm's word for all of the node's
            limits.append(Limit(number * factor, name))
    return min(limits, key=lambda limit: limit.amount)


def memory_mb(
    *,
    root: Path = _ROOT,
    environ: Mapping[str, str] | None = None,
    cores: int | None = None,
) -> Limit:
    """Return the memory to promise [MB]: the limit less `reserve_mb`, or what is free if less."""
    limit = memory_limit_mb(root=root, environ=environ, cores=cores)
    usable = Limit(max(1, limit.amount - reserve_mb(limit.amount)), limit.source)
    free = Limit(max(1, free_memory_bytes(root) // 2**20), "memory that is free")
    return min(usable, free, key=lambda limit: limit.amount)


def free_memory_bytes(root: Path = _ROOT) -> int:
    """Return the memory that is free: on the machine, and in every cgroup that we are in."""
    return min([_meminfo_mb(root, "MemAvailable:") * 2**20, *cgroups.free_memory_bytes(root)])


def reserve_mb(memory_mb: int) -> int:
    """Return what is left to the system and the worker itself: 5 %, within 256 and 2048 MB.

    Never more than a quarter of what there is.
    """
    share = max(_RESERVE_LEAST_MB, min(int(memory_mb * _RESERVE_SHARE), _RESERVE_MOST_MB))
    return min(share, memory_mb // 4)


def disk_mb(folder: Path) -> Limit:
    """Return the disk to promise [MB]: 0.9 of what is free for us where `folder` lies."""
    return Limit(max(1, int(free_disk_mb(folder) * SHARE_OF_DISK)), f"0.9 of {folder}'s free space")


def free_disk_mb(folder: Path) -> int:
    """Return the space that a user may still fill where `folder` lies [MB]."""
    return free_disk_bytes(folder) // 2**20


def free_disk_bytes(folder: Path) -> int:
    """Return the space that a user may still fill where `folder` lies [bytes]."""
    stat = os.statvfs(folder)
    return stat.f_bavail * stat.f_frsize


@dataclass(frozen=True)
class Offer:
    """What a worker promises its manager, where each number is from, and what may go wrong."""

    cores: Limit
    memory_mb: Limit
    disk_mb: Limit
    warnings: tuple[str, ...] = ()


def offer(cores_wanted: int | None, memory: int | None, disk: int | None, folder: Path) -> Offer:
    """Return the sizes of a worker in `folder`: those that are given [MB], the others as detected.

    Raises
    ------
    ResourceError
        If the disk does not have what is given; the worker would leave at once.
    """
    here, asked = cores(), "as given"
    offered = here if cores_wanted is None else Limit(cores_wanted, asked)
    limit = memory_limit_mb(cores=offered.amount)
    found = memory_mb(cores=offered.amount) if memory is None else Limit(memory, asked)
    free = free_disk_mb(folder)
    if disk is not None and disk > free:
        raise ResourceError(
            f"<<disk>> {disk} MB is more than the {free} MB that are free in {folder}",
            remedy="free some, or name another folder with <<work_dir>>",
            field="disk",
            value=disk,
        )
    warnings = []
    if offered.amount > here.amount:
        warnings.append(f"{offered.amount} cores are more than {here.amount} ({here.source})")
    if found.amount > limit.amount:
        warnings.append(
            f"{found.amount} MB of memory are more than {limit.amount} MB ({limit.source}): tasks "
            "may be killed"
        )
    disk_limit = disk_mb(folder) if disk is None else Limit(disk, asked)
    return Offer(offered, found, disk_limit, tuple(warnings))


def _batch_cores(environ: Mapping[str, str]) -> list[Limit]:
    """Return what the variables of a batch job say of its cores; of none if there is no job."""
    told = ((name, whole(environ.get(name, ""))) for name in BATCH_CORES)
    return [Limit(number, name) for name, number in told if number]


def _affinity() -> int:
    return len(os.sched_getaffinity(0))


def _meminfo_mb(root: Path, key: str) -> int:
    for line in (root / "proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith(key):
            return int(line.split()[1]) // 1024
    raise ResourceError(f"/proc/meminfo has no {key}")
