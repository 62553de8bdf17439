"""Landlock: a process gives up what it may do with files and ports, for good (from Linux 5.13 on).

The numbers are those of ``linux/landlock.h``; system calls have the same numbers on x86_64, aarch64
and all other machines but Alpha. What a kernel does not know is not asked of it.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from contextlib import suppress

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH, _NET_PORT = 1, 2
_PR_SET_NO_NEW_PRIVS = 38

# bits 0 to 12 came first: execute, write_file, read_file, read_dir, and everything that removes or
# makes an entry of a folder; then refer (2), truncate (3) and ioctl of devices (5)
_WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 1, 1 << 2, 1 << 3, 1 << 14
_ALL_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_BIND_TCP, _CONNECT_TCP = 1, 2
_ALL_SCOPES = 3  # abstract sockets and signals of others

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Return the version of the kernel's Landlock; 0 if it has none or has it switched off."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, 0, _VERSION)))


def restrict(
    writable: Iterable[str], readable: Iterable[str], binds: Iterable[int], connects: Iterable[int]
) -> bool:
    """Give up all but a few rights, in this thread and what it starts; return whether it is done.

    Parameters
    ----------
    writable
        Folders whose files may be written, as far as they exist: nothing can be made in them,
        removed or renamed.
    readable
        Files and folders that may be read, as far as they exist. Nothing may be executed.
    binds, connects
        TCP ports that may be listened on anew and called.
    """
    known = version()
    if known == 0:
        return False
    handled = max(bits for since, bits in _ALL_FILES.items() if since <= known)
    ports = _BIND_TCP | _CONNECT_TCP if known >= 4 else 0
    attributes = struct.pack("=QQQ", handled, ports, _ALL_SCOPES)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    rules = int(_libc.syscall(_CREATE_RULESET, attributes, size, 0))
    if rules < 0:
        return False
    try:
        for path in readable:
            with suppress(FileNotFoundError, PermissionError):
                _allow_path(rules, path, _READ_FILE | _READ_DIR)
        for path in writable:
            _allow_path(rules, path, (_WRITE_FILE | _TRUNCATE) & handled)
        for number in binds if ports else ():
            _allow_port(rules, number, _BIND_TCP)
        for number in connects if ports else ():
            _allow_port(rules, number, _CONNECT_TCP)
        _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return int(_libc.syscall(_RESTRICT_SELF, rules, 0)) == 0
    except OSError:
        return False
    finally:
        os.close(rules)


def _allow_path(rules: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):
            rights &= ~_READ_DIR
        _add(rules, _PATH_BENEATH, struct.pack("=Qi", rights, descriptor))
    finally:
        os.close(descriptor)


def _allow_port(rules: int, number: int, right: int) -> None:
    _add(rules, _NET_PORT, struct.pack("=QQ", right, number))


def _add(rules: int, kind: int, content: bytes) -> None:
    if _libc.syscall(_ADD_RULE, rules, kind, content, 0) != 0:
        raise OSError(ctypes.get_errno(), "landlock_add_rule")
