"""Which releases of Work Queue understand each other, by the number of their protocol.

Release numbers tell nothing ("9.9" is older than 7.5), and a manager drops every worker of another
protocol without a message. So whoever notices it says what to install.
"""

from __future__ import annotations

import re
import socket
import subprocess
import tempfile
import time

from ..errors import VersionError

VERSIONS = {
    8: "CCTools 7.0.0 to 7.1.5",
    9: "CCTools 7.1.6 to 7.4.16, and 9.9 of Debian 12",
    11: "CCTools 7.5.0 and newer, such as conda-forge's ndcctools",
}
"""Releases by the number of the protocol that they speak."""

ENCRYPTING_PROTOCOL = 11
_FIRST_WORDS_S, _TICK_S = 20.0, 0.2


def speaking(protocol: int | None) -> str:
    """Return a protocol's number with the releases that speak it."""
    if protocol is None:
        return "another protocol"
    return f"protocol {protocol} ({VERSIONS.get(protocol, 'an unknown release')})"


def mismatch(manager_protocol: int | None, worker_protocol: int | None) -> VersionError:
    """Return the error of a manager and a worker that do not understand each other.

    None stands for a protocol that could not be found out.
    """
    known = {p for p in (manager_protocol, worker_protocol) if p is not None}
    ways = []
    if known - {11}:
        ways.append(
            "Debian 12's python3-workqueue for the manager and coop-computing-tools for the worker"
        )
    if known != {8, 9}:
        ways.append("conda-forge's ndcctools on both sides")
    return VersionError(
        f"the manager speaks {speaking(manager_protocol)} and the worker "
        f"{speaking(worker_protocol)}",
        remedy="install the same release of Work Queue on both sides, such as "
        f"{', or '.join(ways)}",
    )


def check_encryption(program: str) -> None:
    """Raise `VersionError` if a ``work_queue_worker`` cannot encrypt; it came with protocol 11.

    (Between the two, 7.4 could as well, but nothing tells it from 7.3.)
    """
    protocol = installed_protocol(program)
    if protocol < ENCRYPTING_PROTOCOL:
        raise VersionError(
            f"{program} speaks {speaking(protocol)} and cannot encrypt",
            remedy="leave out <<encrypted>> and use a private network, an SSH tunnel or a VPN, "
            "or install conda-forge's ndcctools on both sides",
            field="encrypted",
        )


def installed_protocol(program: str) -> int:
    """Return the protocol that a ``work_queue_worker`` speaks, from its own first words.

    Raises
    ------
    VersionError
        If it does not say.
    """
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        server.settimeout(_TICK_S)
        size = ("--cores", "1", "--memory", "1", "--disk", "1")
        address = ("127.0.0.1", str(server.getsockname()[1]))
        process = subprocess.Popen(
            [program, "--single-shot", "-s", folder, *size, *address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            words = _first_line(server, process)
        finally:
            process.kill()  # it holds no task, and its folder is removed by us
            process.wait()
    match = re.match(r"workqueue (\d+) ", words)
    if match is None:
        raise VersionError(
            f"{program} does not introduce itself as a worker of Work Queue",
            remedy="install Debian's coop-computing-tools or conda-forge's ndcctools",
        )
    return int(match[1])


def _first_line(server: socket.socket, process: subprocess.Popen[bytes]) -> str:
    """Return what a program says first to our server; nothing if it ends or takes too long."""
    deadline = time.monotonic() + _FIRST_WORDS_S
    while time.monotonic() < deadline:
        try:
            connection, _ = server.accept()
        except TimeoutError:
            if process.poll() is not None:
                break
            continue
        with connection, connection.makefile("rb") as stream:
            connection.settimeout(_FIRST_WORDS_S)
            try:
                return stream.readline().decode(errors="replace")
            except OSError:
                break
    return ""
