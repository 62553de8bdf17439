"""Ports that nobody listens on, and that nobody but who asked for one will."""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

_FIRST, _END = 10_240, 20_000  # lower ones belong to services, some tests name ranges above
_GIVEN_LAST = Path(tempfile.gettempdir(), f"eemt-tests-port-{os.geteuid()}")


def free_port():
    """Return a port that nobody listens on, on any address.

    The system gives it to nobody who asks for any port, such as to a connection that leaves; and
    tests get theirs in turn, in whatever process, so that it is still free when a program comes to
    listen there.
    """
    with _GIVEN_LAST.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        port = int(file.read() or random.randrange(_FIRST, _END))
        while True:
            port = port + 1 if port + 1 < _END else _FIRST
            with socket.socket() as probe:
                try:
                    probe.bind(("", port))
                except OSError:
                    continue
            file.truncate(0)
            file.write(str(port))
            return port
