"""A real systemd that is the first process of a host of its own, on this machine's files.

It has process numbers, mounts and control groups of its own, knows no units but those that a test
gives it, and starts none of this machine's. Of the network it has this machine's, so that services
reach what tests start.
"""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from clusters import wait_for

_UNITS = ("basic", "default", "multi-user", "network-online", "shutdown", "sysinit")
_START = """
set -e
mount --make-rprivate / && mount --make-rshared /
mount -t proc proc /proc
mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys
mount --bind /dev/null /dev/console
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs tmpfs /var/tmp
mount -t tmpfs -o mode=755 tmpfs /etc/systemd
mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec env -i container=tests PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_LOG_TARGET=null \
    SYSTEMD_UNIT_PATH="$1/units" SYSTEMD_GENERATOR_PATH="$1/none" \
    /lib/systemd/systemd --system --show-status=0
"""
# What services say goes to files, as there is no journal.
_SAID = "[Service]\nStandardOutput=append:{folder}/said/%n\nStandardError=inherit\n"


class SystemdHost:
    """systemd as it runs, until the block ends."""

    def __init__(self):
        # where every user may look, as pytest's folders are root's alone
        self.folder = Path(tempfile.mkdtemp(prefix="systemd-host-"))
        self.folder.chmod(0o755)
        self._numbers = itertools.count(1)

    def __enter__(self):
        for name in ("units", "said", "none"):
            (self.folder / name).mkdir()
        for name in _UNITS:
            unit = f"[Unit]\nDescription={name}\nDefaultDependencies=no\n"
            (self.folder / "units" / f"{name}.target").write_text(unit)
        self._group = _control_groups() / self.folder.name
        self._group.mkdir()
        join = f'echo $$ > {self._group}/cgroup.procs; exec "$@"'
        apart = [
            "unshare",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount",
            "--cgroup",
            "--uts",
            "--ipc",
        ]
        with open(self.folder / "log", "wb") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", join, "sh", *apart, "sh", "-c", _START, "sh", str(self.folder)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            self.pid = wait_for(self._first_process, what="systemd")
            wait_for(self._is_up, what="systemd to start")
        except BaseException:
            print((self.folder / "log").read_text())
            self._end()
            raise
        return self

    def __exit__(self, *_):
        # so that it removes what it has made for services
        with suppress(subprocess.TimeoutExpired):
            self._systemctl("stop", "eemt-*", limit_s=60)
        self._end()

    def add(self, name, text, *settings):
        """Add or replace a unit; settings are lines for its section of the service."""
        (self.folder / "units" / name).write_text(text)
        more = self.folder / "units" / f"{name}.d"
        more.mkdir(exist_ok=True)
        lines = _SAID.format(folder=self.folder) + "".join(f"{line}\n" for line in settings)
        (more / "tests.conf").write_text(lines)
        self.systemctl("daemon-reload")

    def systemctl(self, *words):
        """Run systemctl there; return what it prints."""
        done = self._systemctl(*words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def show(self, unit, name):
        """A property of a unit."""
        return self.systemctl("show", "--value", "--property", name, unit).strip()

    def wait_for(self, unit, state):
        """Wait until a unit is ``active``, ``failed`` or ``inactive``."""
        wait_for(lambda: self.show(unit, "ActiveState") == state, what=f"{unit} to be {state}")

    def said(self, unit):
        """What a service has said, over all its starts."""
        path = self.folder / "said" / unit
        return path.read_text() if path.exists() else ""

    def processes(self, unit):
        """Processes of a service by their numbers here: command line and environment."""
        inside, found = self.show(unit, "ControlGroup"), {}
        if not inside:  # it is not running
            return found
        group = self._group / inside.lstrip("/")
        for number in _numbers_in(group):
            with suppress(OSError):
                place = Path("/proc", number)
                found[int(number)] = tuple(
                    (place / name).read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    for name in ("cmdline", "environ")
                )
        return found

    def main(self, unit):
        """Number, here, of a service's main process."""
        inside = self.show(unit, "MainPID")
        for number in self.processes(unit):
            with suppress(OSError):
                status = Path(f"/proc/{number}/status").read_text()
                if f"\nNSpid:\t{number}\t{inside}\n" in status:
                    return number
        raise AssertionError(f"{unit} has no main process")

    def _systemctl(self, *words, limit_s=60):
        enter = [
            "nsenter",
            "--target",
            str(self.pid),
            "--mount",
            "--pid",
            "--cgroup",
            "--uts",
            "--ipc",
        ]
        return subprocess.run(
            [*enter, "systemctl", "--no-pager", *map(str, words)],
            capture_output=True, text=True, timeout=limit_s,
        )  # fmt: skip

    def _first_process(self):
        assert self._process.poll() is None, (self.folder / "log").read_text()
        # unshare's child: a shell at first, which becomes systemd
        us = self._process.pid
        for child in Path(f"/proc/{us}/task/{us}/children").read_text().split():
            with suppress(OSError):
                if b"/lib/systemd/systemd" in Path("/proc", child, "cmdline").read_bytes():
                    return int(child)
        return None

    def _is_up(self):
        return self._systemctl("is-active", "default.target").stdout.strip() == "active"

    def _end(self):
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        wait_for(lambda: _removed(self._group), what="the end of all its processes")
        shutil.rmtree(self.folder)


def _numbers_in(group):
    """Numbers of the processes in a control group and in those right below it."""
    found = []
    with suppress(OSError):  # a group may go while it is looked at
        for file in [group / "cgroup.procs", *group.glob("*/cgroup.procs")]:
            with suppress(OSError):
                found += file.read_text().split()
    return found


def _removed(group):
    """Remove a control group and those in it; say whether they were free of processes."""
    try:
        for inner in sorted(group.rglob("*/"), reverse=True):
            inner.rmdir()
        group.rmdir()
    except OSError:
        return False
    return True


def _control_groups():
    """Where this machine's control groups of the second version are."""
    places = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    found = [Path(words[1]) for words in places if words[2] == "cgroup2"]
    assert found, "this machine has no control groups of version 2, which systemd needs"
    return found[0]
