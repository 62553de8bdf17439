"""What this machine has to offer, after all limits that it is under."""

from .limits import (
    SHARE_OF_DISK,
    Limit,
    Offer,
    cores,
    disk_mb,
    free_disk_bytes,
    free_disk_mb,
    free_memory_bytes,
    memory_limit_mb,
    memory_mb,
    most_processes,
    offer,
    reserve_mb,
    usable_cores,
)

__all__ = [
    "SHARE_OF_DISK",
    "Limit",
    "Offer",
    "cores",
    "disk_mb",
    "free_disk_bytes",
    "free_disk_mb",
    "free_memory_bytes",
    "memory_limit_mb",
    "memory_mb",
    "most_processes",
    "offer",
    "reserve_mb",
    "usable_cores",
]
