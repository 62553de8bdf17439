"""Several hosts on this machine: network namespaces with addresses and host names of their own.

A bridge in a namespace of its own joins them, so nothing of this machine's network is touched and
two runs of the tests never meet. A host sees its own folder and not those of the others: what one
has of another's came over the network. Namespaces last as long as a process in them; all are ended
at the end, and by themselves if the test's process is killed.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
_NEEDED = (
    "hosts of their own need iproute2 (ip, tc), util-linux (unshare, nsenter) and root, or a "
    "kernel that lets users make namespaces (sysctl user.max_user_namespaces above 0, and where "
    "they exist kernel.unprivileged_userns_clone=1 and kernel.apparmor_restrict_unprivileged_userns"
    "=0): "
)
_NETWORK = "10.77.0"
_NOBODY_WRITES = "cat >/dev/null"  # ends when the test's process does
# then whatever was started in there, which nobody else would end
_ENDS_ALL = """
for process in /proc/[0-9]*; do
    if [ "$(readlink $process/ns/net)" = "$here" ] && [ $process != /proc/$$ ]; then
        kill -9 ${process#/proc/} || true
    fi
done 2>/dev/null
"""


class Namespaces:
    """Namespaces, held by a process that waits in them."""

    def __init__(self, prefix, options, script):
        outside = os.readlink("/proc/self/ns/net")
        script += f"; here=$(readlink /proc/self/ns/net); [ $here != '{outside}' ]"
        script += f"; echo; {_NOBODY_WRITES}; {_ENDS_ALL}"
        command = [*prefix, "unshare", *options, "sh", "-ec", script]
        self._user = ["--user", "--preserve-credentials"] if os.geteuid() else []
        self._holder = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PATH": _PATH},
        )
        if self._holder.stdout.readline() != b"\n":
            why = self._holder.stderr.read().decode(errors="replace").strip()
            self.close()
            pytest.fail(_NEEDED + why)

    @property
    def pid(self):
        """The process that holds them."""
        return self._holder.pid

    @property
    def enter(self):
        """The prefix for a command to run in these namespaces."""
        return ["nsenter", "-t", str(self.pid), *self._user, "--net", "--uts", "--mount", "--"]

    def run(self, *command):
        """Run a command there and return what it prints."""
        done = subprocess.run(
            [*self.enter, *map(str, command)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**os.environ, "PATH": _PATH},
        )
        if done.returncode:
            pytest.fail(f"{_NEEDED}{' '.join(map(str, command))}: {done.stderr.strip()}")
        return done.stdout

    def processes(self, words=""):
        """Return the processes there whose command line contains `words`, without the holder."""
        there = os.stat(f"/proc/{self.pid}/ns/net").st_ino
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has ended meanwhile, or is somebody else's
                inside = (folder / "ns" / "net").stat().st_ino == there
                is_ours = os.getpgid(int(folder.name)) == self.pid
                if not inside or is_ours:
                    continue
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if words in line and _NOBODY_WRITES not in line:
                    found.append(int(folder.name))
        return found

    def close(self):
        """End what runs there, and with it the namespaces."""
        while self._holder.poll() is None and (running := self.processes()):
            for pid in running:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._holder.wait()
        for pipe in (self._holder.stdin, self._holder.stdout, self._holder.stderr):
            pipe.close()


class Host(Namespaces):
    """A host of a network.

    Attributes
    ----------
    name, address
        What it is called and where it is reached.
    folder
        Its own; the other hosts do not see what is in it.
    """

    def __init__(self, middle, name, address, folder, others, names):
        self.name, self.address, self.folder = name, address, folder
        self._middle, self._port = middle, f"to-{name}"
        cover = "; ".join(f"mount -t tmpfs none '{other}'" for other in others)
        super().__init__(
            middle.enter,
            ["--net", "--uts", "--mount"],
            f"hostname {name}; mount --bind '{names}' /etc/hosts; {cover}; ip link set lo up",
        )
        middle.run(
            *("ip", "link", "add", self._port, "type", "veth"),
            *("peer", "name", "eth0", "netns", self.pid),
        )
        middle.run("ip", "link", "set", self._port, "master", "bridge", "up")
        self.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
        self.run("ip", "link", "set", "eth0", "up")

    def cut_off(self):
        """Disconnect the host: packets are lost both ways, without any error at either end."""
        self._middle.run("ip", "link", "set", self._port, "down")

    def rejoin(self):
        """Connect the host again."""
        self._middle.run("ip", "link", "set", self._port, "up")

    def slow_down(self, kilobit_per_s):
        """Limit the host's bandwidth in each direction."""
        rate = ("root", "tbf", "rate", f"{kilobit_per_s}kbit", "burst", "5kb", "latency", "400ms")
        self._middle.run("tc", "qdisc", "replace", "dev", self._port, *rate)
        self.run("tc", "qdisc", "replace", "dev", "eth0", *rate)

    def speed_up(self):
        """Remove the limit of bandwidth."""
        self._middle.run("tc", "qdisc", "delete", "dev", self._port, "root")
        self.run("tc", "qdisc", "delete", "dev", "eth0", "root")

    @property
    def received_bytes(self):
        """Bytes received by the host so far."""
        return self._statistics()["rx"]["bytes"]

    @property
    def sent_bytes(self):
        """Bytes sent by the host so far."""
        return self._statistics()["tx"]["bytes"]

    def _statistics(self):
        return json.loads(self.run("ip", "-json", "-s", "link", "show", "eth0"))[0]["stats64"]

    def python(self, *, barrier=None, fails=False):
        """Return the path of a Python for tasks here: they wait at a barrier, fail, or neither."""
        path = self.folder / f"python-{len(list(self.folder.iterdir()))}"
        wait = "" if barrier is None else f"{barrier.wait}\n"
        then = "exit 1" if fails else f"exec '{sys.executable}' \"$@\""
        path.write_text(f"#!/bin/sh\n{wait}{then}\n")
        path.chmod(0o755)
        return path


class Barrier:
    """Holds up tiles on a host until a test lets them go on; the wetness index is held by none."""

    def __init__(self, host):
        self._open, self._pass = host.folder / "gate-open", host.folder / "gate-pass"
        self.wait = (
            """grep -q '"name": "wetness' tile/task.json || """
            f"until [ -e '{self._open}' ] || rm '{self._pass}' 2>/dev/null; do sleep 0.02; done"
        )

    def open(self):
        """Let all tasks continue, now and later."""
        self._open.touch()

    def let_one_through(self):
        """Let the next task continue."""
        self._pass.touch()


class Network:
    """Hosts that reach each other by their names; a context manager.

    Parameters
    ----------
    folder
        Where each host gets a folder of its own.
    names
        Of the hosts.
    """

    def __init__(self, folder, *names):
        self._folder, self._names = Path(folder), names
        self._held = []

    def __enter__(self):
        missing = [
            tool
            for tool in ("ip", "tc", "unshare", "nsenter", "mount")
            if not shutil.which(tool, path=_PATH)
        ]
        if missing:
            pytest.fail(f"{_NEEDED}{', '.join(missing)} not found")
        try:
            return self._make()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for namespaces in reversed(self._held):
            namespaces.close()
        self._held.clear()

    def _make(self):
        user = ["--user", "--map-root-user"] if os.geteuid() else []
        middle = Namespaces(
            [],
            [*user, "--net", "--uts", "--mount"],
            "ip link set lo up; ip link add bridge type bridge; ip link set bridge up",
        )
        self._held.append(middle)
        addresses = {name: f"{_NETWORK}.{i}" for i, name in enumerate(self._names, 1)}
        known = self._folder / "names"
        known.write_text(
            "127.0.0.1 localhost\n" + "".join(f"{a} {name}\n" for name, a in addresses.items())
        )
        folders = {name: self._folder / name for name in self._names}
        for folder in folders.values():
            folder.mkdir()
        hosts = []
        for name, folder in folders.items():
            others = [other for other in folders.values() if other != folder]
            hosts.append(Host(middle, name, addresses[name], folder, others, known))
            self._held.append(hosts[-1])
        return hosts
