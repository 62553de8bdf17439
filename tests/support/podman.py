"""A podman of our own: its images, networks and containers are in a folder and gone at the end.

As root it has a network and mounts of its own too, so that nothing of this machine's is touched.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from images import podman_environment
from network_hosts import Namespaces

_LIMIT_S = 1200  # a build takes a minute, and many where the machine is busy
_ROOM_BYTES = 6 * 10**9
# where podman and its networks keep what is the same for all folders: another one's names of hosts
# would be told in ours
_OWN = """
ip link set lo up
for place in containers libpod netns runc; do
    mkdir -p "/run/$place"
    mount -t tmpfs none "/run/$place"
done"""


class Podman:
    """Podman in a folder of its own, as a context; all of it ends with it."""

    def __init__(self):
        # images are thousands of files: in memory they take seconds, on most disks minutes
        memory = Path("/dev/shm")
        is_roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM_BYTES
        self.folder = Path(tempfile.mkdtemp(prefix="podman-", dir=memory if is_roomy else None))
        self.environment = podman_environment(self.folder)
        settings = Path(self.environment["CONTAINERS_CONF"])
        settings.write_text(
            f"{settings.read_text()}"
            '[network]\nnetwork_backend = "netavark"\n'
            f'network_config_dir = "{self.folder}/networks"\n'
        )
        self._namespaces = None

    def __enter__(self):
        if os.geteuid() == 0:  # as another user podman makes them itself
            self._namespaces = Namespaces([], ["--mount", "--net", "--uts"], _OWN)
            if _overlays(self.folder, self._mounts):
                storage = Path(self.environment["CONTAINERS_STORAGE_CONF"])
                storage.write_text(storage.read_text().replace('"vfs"', '"overlay"'))
        return self

    def __exit__(self, *_):
        try:
            self.remove_containers()
        finally:
            if self._namespaces is not None:
                self._namespaces.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def remove_containers(self):
        """End and remove all containers, with their volumes."""
        self.run("pod", "rm", "--all", "--force", "--time", "0")
        for container in self.run("ps", "--all", "--quiet").split():
            # those that share its network go with it
            self.run("rm", "--force", "--depend", "--ignore", "--time", "0", container)
        self.run("volume", "prune", "--force")

    @property
    def prefix(self):
        """What a command is started by to be where the containers are."""
        return [] if self._namespaces is None else self._namespaces.enter

    def run(self, *arguments, code=0, prefix=None, **options):
        """Run podman and return what it prints."""
        options = {"env": self.environment, "timeout": _LIMIT_S, **options}
        command = [*(self.prefix if prefix is None else prefix), "podman", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, **options)
        assert done.returncode == code, f"{command}:\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def tries(self, *arguments):
        """Run podman and say whether it ends well."""
        command = [*self.prefix, "podman", *map(str, arguments)]
        return subprocess.run(command, env=self.environment, capture_output=True).returncode == 0

    def run_outside(self, *arguments, **options):
        """Run podman with this machine's network, which builds need."""
        return self.run(*arguments, prefix=self._mounts, **options)

    def logs(self, container):
        """All that a container has said."""
        command = [*self.prefix, "podman", "logs", container]
        done = subprocess.run(
            command,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return done.stdout

    @property
    def _mounts(self):
        if self._namespaces is None:
            return []
        return ["nsenter", "-t", str(self._namespaces.pid), "--mount", "--"]


def _overlays(folder, prefix):
    """Say whether layers may be laid over each other there, which is far quicker than copies."""
    places = [folder / "probe" / name for name in ("lower", "upper", "work", "merged")]
    for place in places:
        place.mkdir(parents=True)
    lower, upper, work, merged = places
    options = f"lowerdir={lower},upperdir={upper},workdir={work}"
    mount = [*prefix, "mount", "-t", "overlay", "overlay", "-o", options, merged]
    return subprocess.run(mount, capture_output=True).returncode == 0
