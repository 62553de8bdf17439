"""Runs with real workers on this machine: started by tests, and gone when they end."""

import json
import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from free_ports import free_port
from runs import PROGRAM

WORKER = shutil.which("work_queue_worker") or "work_queue_worker"
PATIENCE_S = 120.0
# eight tiles of a few tenths of a second each
SHORT = ("--days", "1,172", "--step", "15", "--tile-size", "64", "--no-pictures")
# eight tiles of about half a second
LONGER = (
    "--days", "1-365", "--step", "1", "--directions", "720", "--tile-size", "64", "--no-pictures",
)  # fmt: skip
# eight tiles, each long enough that one can be met in the middle of it
MIDDLING = (
    "--days", "1-60", "--step", "2", "--directions", "720", "--tile-size", "64", "--no-pictures",
)  # fmt: skip
# hours of work
ENDLESS = (
    "--days", "1-365", "--step", "1", "--directions", "720", "--daily", "--tile-size", "256",
    "--no-pictures",
)  # fmt: skip


def wait_for(condition, limit_s=PATIENCE_S, what="it"):
    """Wait until a condition holds and return its value."""
    deadline = time.monotonic() + limit_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"waited in vain for {what}")
        time.sleep(0.02)
    return value


def processes():
    """Numbers and command lines of all running processes."""
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            text = command.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            yield int(command.parent.name), text


def processes_about(path):
    """Command lines of running processes that name a path."""
    return [text for _, text in processes() if str(path) in text]


def is_busy(worker):
    """Whether a worker runs a task."""
    with suppress(OSError):
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
        return any(b"eemt_core.tiles" in Path(f"/proc/{c}/cmdline").read_bytes() for c in children)
    return False


def kill_group(process):
    """End a process with all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


class RunningManager:
    """A run of ``eemt-run`` that waits for workers."""

    def __init__(self, dem, out, *arguments, port=None, env=None, prefix=(), **options):
        # not the default, which a run that may take any port takes first: workers of others might
        # connect to it
        port = free_port() if port is None else port
        self.out = Path(out)
        self.log = self.out.with_name(self.out.name + ".log")
        python, _, program = PROGRAM
        # tests started in the background ignore Ctrl-C, and so would processes they start
        listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *prefix, python, "-c", f"{listening}; {program}", str(dem), "-o", str(out),
                    "--manager-port", str(port), *map(str, arguments), "-v",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **(env or {})},
                **options,
            )  # fmt: skip

    @property
    def said(self):
        """All output so far, including that of earlier runs in the same folder."""
        return self.log.read_text(errors="replace").replace("\r\033[K", "\n")

    def port(self):
        """The port on which the manager listens, as soon as it does."""

        def read():
            if self.process.poll() is not None:
                pytest.fail(f"the manager ended:\n{self.said}")
            with suppress(OSError, ValueError):
                found = json.loads((self.out / "manager.json").read_text())
                return found["port"] if found["pid"] == self.process.pid else None
            return None

        return wait_for(read, what="manager.json")

    def hears(self, text):
        """Wait until the manager has printed a text."""
        wait_for(lambda: text in self.said or self.process.poll() is not None, what=text)
        assert text in self.said, self.said

    def ends(self, code=0, limit_s=PATIENCE_S):
        """Wait for the manager's end and check its exit code."""
        try:
            met = self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            pytest.fail(f"still at work after {limit_s} s:\n{self.said}")
        assert met == code, self.said

    def kill(self):
        """Kill only the manager's process."""
        self.process.kill()
        self.process.wait()


@contextmanager
def manager(dem, out, *arguments, **options):
    """Start a manager and make sure that it is gone at the end."""
    process = RunningManager(dem, out, *arguments, **options)
    try:
        yield process
    finally:
        kill_group(process.process)


def start_worker(
    port, *arguments, host="127.0.0.1", work_dir, cores=1, disk_mb=2000, env=None, prefix=()
):
    """Start the engine's own worker, which has this Python to run tasks with."""
    return subprocess.Popen(
        [
            *prefix, WORKER, "--cores", str(cores), "--memory", "2000", "--disk", str(disk_mb),
            "-i", "1", "-b", "2", "-s", str(work_dir), *map(str, arguments),
            *([host] if host else []), str(port),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "EEMT_PYTHON": sys.executable, **(env or {})},
    )  # fmt: skip


@contextmanager
def workers(port, count, work_dir, **options):
    """Start workers and make sure that they and their tasks are gone at the end."""
    arguments = options.pop("arguments", ())
    started = [start_worker(port, *arguments, work_dir=work_dir, **options) for _ in range(count)]
    try:
        yield started
    finally:
        for process in started:
            kill_group(process)


def python_that(folder, script):
    """A program that a worker takes for its Python: it does something, and is Python otherwise."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\nreal={sys.executable}\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"EEMT_PYTHON": str(path)}


def own_disk(folder, size, host="small"):
    """A prefix that starts a program on a host with a file system of its own on a folder."""
    folder.mkdir(exist_ok=True)
    names = folder.with_name(f"hosts-{host}")
    names.write_text(f"127.0.0.1 localhost {host}\n")
    mount = (
        f"mount -t tmpfs -o size={size} none {shlex.quote(str(folder))} && "
        f'mount --bind {shlex.quote(str(names))} /etc/hosts && hostname {host} && exec "$@"'
    )
    become = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", "--mount", "--uts", *become, "sh", "-c", mount, "sh"]
