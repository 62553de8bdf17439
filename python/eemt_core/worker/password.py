"""The password that manager and worker share.

Work Queue reads its file byte by byte, a newline at the end included, so a file written by
``echo`` on one side and ``printf`` on the other does not fit. We read the file ourselves, on both
sides alike, and hand over the password alone.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import ArgumentError
from ..files import read_file

LONGEST_BYTES = 900
"""Longer ones do not fit into the buffers of Work Queue."""


def read_password(path: Path) -> str:
    """Return the password in a file, without one newline at its end.

    Raises
    ------
    ArgumentError
        If the file cannot be read, or holds no password that Work Queue can use.
    """
    try:
        content = read_file(path)
    except OSError as error:
        raise ArgumentError(
            f"the password file {path} cannot be read ({error.strerror})",
            remedy="name a file that holds the password",
            field="password_file",
            value=path,
        ) from None
    password = content.removesuffix(b"\n").removesuffix(b"\r")
    if not password.strip():
        raise ArgumentError(
            f"the password file {path} is empty",
            remedy=f"write a password into it, for example with openssl rand -hex 32 > {path}",
            field="password_file",
            value=path,
        )
    if len(password) > LONGEST_BYTES:
        raise ArgumentError(
            f"the password in {path} has {len(password)} bytes and {LONGEST_BYTES} is the most",
            remedy="use a shorter one",
            field="password_file",
            value=path,
        )
    if b"\0" in password:
        raise ArgumentError(
            f"the password in {path} holds a zero byte",
            remedy="use one of plain text",
            field="password_file",
            value=path,
        )
    try:
        return password.decode()
    except UnicodeDecodeError:
        raise ArgumentError(
            f"the password in {path} is no text in UTF-8",
            remedy=f"write one, for example with openssl rand -hex 32 > {path}",
            field="password_file",
            value=path,
        ) from None


def others_can_read(path: Path) -> str:
    """Return a sentence of warning if a file can be read by others than its owner, else ''."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & 0o044:
        return ""
    return f"the password file {path} can be read by others: chmod 600 {path}"


@contextmanager
def password_descriptor(password: str | None) -> Iterator[int | None]:
    """Keep a password in memory, where a child process can read it as a file.

    A child that is given the descriptor finds the file under `descriptor_path`; it is gone with the
    last process that holds it, however that ends.
    """
    if password is None:
        yield None
        return
    descriptor = os.memfd_create("password")
    try:
        os.write(descriptor, os.fsencode(password))
        yield descriptor
    finally:
        os.close(descriptor)


def descriptor_path(descriptor: int) -> str:
    """Return the name under which a process opens a file that it was given as a descriptor."""
    return f"/dev/fd/{descriptor}"
