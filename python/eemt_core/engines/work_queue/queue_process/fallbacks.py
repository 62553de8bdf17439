"""Where there is no Landlock: all folders read-only in a name space of its own, or another user."""

from __future__ import annotations

import ctypes
import os
import pwd
from contextlib import suppress

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
# a mount that somebody else made keeps these flags or cannot be touched
_KEPT = {"nosuid": 2, "nodev": 4, "noexec": 8, "noatime": 1024, "nodiratime": 2048}
_RELATIME = 1 << 21
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION = 0x20080522
_USERS = range(61184, 65520)  # set aside for users that exist for as long as a process does
_SPACE = {r"\040": " ", r"\011": "\t", r"\012": "\n", r"\134": "\\"}

_libc = ctypes.CDLL(None, use_errno=True)


def enter_namespace(folder: str) -> bool:
    """Make all the file system read-only for this process but `folder`; return whether it is.

    `folder` becomes the working directory, since the one that was open is of the old name space.
    """
    user, group = os.getuid(), os.getgid()
    if _libc.unshare(_CLONE_NEWNS) != 0:
        if _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS) != 0:
            return False
        _map_ids(user, group)
    try:
        _mount(None, "/", _MS_REC | _MS_PRIVATE)
        _mount(folder, folder, _MS_BIND)
        for target, flags in _mounts():
            if target != folder:
                _mount(None, target, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | flags)
        os.chdir(folder)
        _give_up_capabilities()
    except OSError:
        return False
    return not os.access(os.path.dirname(folder), os.W_OK) and os.access(folder, os.W_OK)


def become_another_user() -> int | None:
    """Become a user that owns nothing, if this one is root; return its number, else None.

    What it may write is what it is given; the caller sees to that. It is not done if that user
    could not read what lies beside the working directory, as tasks' files do.
    """
    user = _free_user() if os.geteuid() == 0 else None
    if user is None or not _would_work(user):
        return None
    _change_to(user)
    return user


def _would_work(user: int) -> bool:
    """Try it in a process that ends at once: there is no way back."""
    child = os.fork()
    if child == 0:
        code = 1
        with suppress(OSError):
            _change_to(user)
            reads = all(os.access(place, os.R_OK | os.X_OK) for place in (os.pardir, os.curdir))
            code = 0 if reads and not os.access(os.curdir, os.W_OK) else 1
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _change_to(user: int) -> None:
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)  # from root to another user, this gives up all capabilities
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _free_user() -> int | None:
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    return next((number for number in _USERS if number not in taken), None)


def _map_ids(user: int, group: int) -> None:
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _mounts() -> list[tuple[str, int]]:
    """Return where something is mounted, and the flags to be kept."""
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            fields = line.split(" ")
            target, options = fields[4], fields[5].split(",")
            for code, character in _SPACE.items():
                target = target.replace(code, character)
            flags = sum(_KEPT.get(option, 0) for option in options)
            found.append((target, flags | (_RELATIME if "relatime" in options else 0)))
    return found


def _mount(source: str | None, target: str, flags: int) -> None:
    names = [None if name is None else os.fsencode(name) for name in (source, target)]
    if _libc.mount(names[0], names[1], None, ctypes.c_ulong(flags), None) != 0:
        number = ctypes.get_errno()
        # what another mount hides, or is gone, cannot be written to either
        if number not in (2, 22) or not flags & _MS_REMOUNT:
            raise OSError(number, os.strerror(number), target)


def _give_up_capabilities() -> None:
    """Without these nothing can be mounted again."""
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    if _libc.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        raise OSError(ctypes.get_errno(), "capset")
