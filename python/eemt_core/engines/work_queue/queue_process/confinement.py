"""Confines this process before it reads a byte of a stranger.

Work Queue's module writes a result wherever the worker names it: it does not check the names of a
folder's entries. So this process may write to the files that it was given and to nothing else; they
lie side by side in one folder, and it can make no new ones anywhere.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from . import fallbacks, landlock

WAYS = ("landlock", "namespace", "user")
"""From the strictest on."""

_MOST_MEMORY = 2 << 30
_LARGEST_FILE = 64 << 20  # its own logs: stand-ins of results have a line
_DNS_PORT = 53
_SYSTEM = (
    "/usr", "/lib", "/lib64", "/dev/null", "/dev/urandom", "/dev/random",
    # names of hosts and users, and what the library of the system asks for
    "/etc/hosts", "/etc/host.conf", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/gai.conf",
    "/etc/services", "/etc/protocols", "/etc/passwd", "/etc/group", "/etc/localtime",
    "/etc/ld.so.cache", "/etc/ssl/openssl.cnf",
    "/proc/meminfo", "/proc/loadavg", "/proc/cpuinfo", "/proc/stat", "/sys/devices/system/cpu",
)  # fmt: skip


@dataclass(frozen=True)
class Confinement:
    """How the process is confined.

    Attributes
    ----------
    way
        One of `WAYS`, or empty if none works here.
    user
        The user that it has become and who must own the files that it is to write; or None.
    """

    way: str = ""
    user: int | None = None


def confine(
    writable: str, readable: Sequence[str], connects: Sequence[int], ways: Sequence[str] = WAYS
) -> Confinement:
    """Give up what is not needed any more, for good.

    Parameters
    ----------
    writable
        The folder of the files that are to be written: the working directory.
    readable
        Files and folders to read, beside Python and the system's libraries.
    connects
        Ports of other machines that are called by TCP.
    """
    if "landlock" in ways and landlock.restrict(
        [writable], [*_SYSTEM, *_pythons(), *readable], (), [*connects, _DNS_PORT]
    ):
        return Confinement("landlock")
    if "namespace" in ways and fallbacks.enter_namespace(writable):
        return Confinement("namespace")
    if "user" in ways:
        user = fallbacks.become_another_user()
        if user is not None:
            return Confinement("user", user)
    return Confinement()


def limit_resources() -> None:
    """Leave no image of its memory behind, which holds the password, and take no endless memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_DATA, _MOST_MEMORY)
    # beyond the limit writing fails; without this it would end the process
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _lower(resource.RLIMIT_FSIZE, _LARGEST_FILE)


def _lower(kind: int, wanted: int) -> None:
    soft, hard = resource.getrlimit(kind)
    if soft == resource.RLIM_INFINITY or soft > wanted:
        resource.setrlimit(kind, (wanted, hard))


def _pythons() -> list[str]:
    """Return where Python and its packages lie, of which something may be loaded late."""
    places = [sys.prefix, sys.base_prefix, *sys.path]
    return [os.path.realpath(place) for place in places if place and os.path.isabs(place)]
