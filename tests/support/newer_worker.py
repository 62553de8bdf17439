"""A stand-in for the worker of Work Queue's protocol 11, which no package here has.

It connects, encrypts, answers for the password and introduces itself as that does, and writes the
lines that `tests/data/work_queue/protocol_11` has of each; it takes no task.

    newer_worker.py [--ssl] [--password FILE] ... HOST PORT
"""

import hashlib
import os
import secrets
import socket
import ssl
import stat
import sys
import time
from itertools import pairwise
from pathlib import Path

GREETING = "auth password sha1"


def install(folder):
    """Make a folder with this program in it under the worker's name; return the folder."""
    folder.mkdir()
    program = folder / "work_queue_worker"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).resolve()} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return folder


def _log(text, kind="wq"):
    now = time.strftime("%Y/%m/%d %H:%M:%S")
    print(f"{now}.00 work_queue_worker[{os.getpid()}]{kind}: {text}", file=sys.stderr, flush=True)


class _Manager:
    def __init__(self, line):
        self._line, self._stream = line, line.makefile("rb")

    def say(self, text, *, log=True):
        self._line.sendall(text.encode() + b"\n")
        if log:
            _log(f"tx: {text}")

    def hear(self):
        """Return a line; None when the connection is over."""
        try:
            line = self._stream.readline()
        except OSError:
            line = b""
        return line.decode().strip() if line.endswith(b"\n") else None


def _authenticate(manager, password):
    """Say whether each side has shown that it knows the password."""
    _log("authenticating to manager")
    manager.say(GREETING, log=False)
    if manager.hear() != GREETING:
        _log("peer is not using password authentication.", "auth")
        return False
    own = secrets.token_hex(32)
    for step in (
        "sending challenge data",
        "receiving peer's challenge data",
        "sending my response",
    ):
        _log(step, "auth")
    manager.say(own, log=False)
    theirs = manager.hear() or ""
    manager.say(hashlib.sha1(f"{password} {theirs}".encode()).hexdigest(), log=False)
    _log("getting peer's response", "auth")
    knows = manager.hear() == hashlib.sha1(f"{password} {own}".encode()).hexdigest()
    _log("peer sent correct response" if knows else "peer did not send correct response", "auth")
    manager.say("ok" if knows else "failure", log=False)
    accepted = manager.hear() == "ok"
    _log(f"peer {'accepted' if accepted else 'did not accept'} my response", "auth")
    return knows and accepted


def main():
    *options, host, port = sys.argv[1:]
    given = dict(pairwise([*options, ""]))  # each word with the next, which may be its value
    place = f"{host}:{port}"
    line = socket.create_connection((host, int(port)))
    if "--ssl" in given:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        line = context.wrap_socket(line)
    own = ":".join(map(str, line.getsockname()[:2]))
    _log(f"connected to manager {place} via local address {own}")
    manager = _Manager(line)
    file = given.get("--password")
    if file and not _authenticate(manager, Path(file).read_text()):
        sys.exit(f"work_queue_worker: wrong password for manager {place}")
    manager.say("workqueue 11 vm Linux x86_64 8.0.0")
    manager.say("info worker-id worker-0")
    manager.say("alive")
    for name, size in (("disk", 1), ("memory", 1), ("gpus", 0), ("cores", 1)):
        manager.say(f"resource {name}" + f" {size:f}" * 3, log=False)
    for line in ("end_of_resource_update 0", "tasks_running 0", "worker-end-time 0"):
        manager.say(f"info {line}")
    _log(f"working for manager at {place}.")
    while (words := manager.hear()) is not None:
        _log(f"rx: {words}")
        if words == GREETING:
            print("work_queue_worker: this manager requires a password.", file=sys.stderr)
            break
    else:
        _log("Failed to read from manager.")
    _log(f"disconnecting from manager {place}")


if __name__ == "__main__":
    main()
