"""A user's shells on the hosts of a network, in which the blocks of a page are typed."""

import shutil
import subprocess
from contextlib import contextmanager

from clusters import kill_group, wait_for
from network_hosts import Network
from pages import DOCS, ROOT, blocks, environment
from stopped_tasks import stop_one

_VARIABLES = ("EEMT_", "MASTER_", "WORKER_", "WORK_QUEUE_", "SLURM_", "PBS_", "XDG_")
_TIMEOUT_S = 120
_UNPACKED = ROOT / "build"  # programs that scripts/setup_debian.sh has put there
PASSWORD = "correct horse battery staple"


class Started:
    """A command that goes on in its shell."""

    def __init__(self, process, log):
        self.process, self._log = process, log

    @property
    def said(self):
        """All output so far."""
        return self._log.read_text(errors="replace").replace("\r\033[K", "\n")

    def says(self, text):
        """Wait until it has printed a text."""
        wait_for(lambda: text in self.said or self.process.poll() is not None, what=text)
        assert text in self.said, self.said

    def ends(self, code=0):
        """Wait for its end and check its exit code."""
        wait_for(lambda: self.process.poll() is not None, what="its end")
        assert self.process.returncode == code, self.said


class Shell:
    """A shell on a host, whose home is the host's folder.

    Parameters
    ----------
    host
        Of a network.
    variables
        Of its environment, beside the usual ones.
    """

    def __init__(self, host, **variables):
        self.host = host
        usual = {n: text for n, text in environment().items() if not n.startswith(_VARIABLES)}
        self._environment = {
            **usual,
            "PATH": f"{usual['PATH']}:/usr/sbin:/sbin:{_UNPACKED}/stunnel4/usr/bin",
            "HOME": str(host.folder),
            "TMPDIR": str(host.folder),
            "EEMT_PICTURES": "false",
            **variables,
        }
        self._started = []

    def run(self, text, *, code=0):
        """Type a text, wait for its end, check its exit code, and return what it prints."""
        done = subprocess.run(
            self._command(f"set -e\n{text}"),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_TIMEOUT_S,
        )
        assert done.returncode == code, f"{text}\nends with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def start(self, text):
        """Type a text and go on; it ends with the host, or before."""
        log = self.host.folder / f"shell-{len(self._started)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                self._command(text),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self._started.append(Started(process, log))
        return self._started[-1]

    def _command(self, text):
        # who enters a host's file systems is at their root
        return [*self.host.enter, "sh", "-c", f'cd "$HOME"\n{text}']

    def type(self, words):
        """Type a block of the page and go on, see `block`."""
        host, text = block(words)
        assert host == self.host.name
        return self.start(text)

    def close(self):
        """End what was started here."""
        for started in reversed(self._started):
            kill_group(started.process)


@contextmanager
def users(folder, dem, options, *names):
    """Open shells on hosts of a network of their own; the first is that of the manager.

    All have the same password file, where the pages have it. The manager has the DEM as DEM.tif,
    and runs have `options`; workers are small, and soon look whether their manager is back.
    """
    flags = {"--no-pictures"}
    words = [word for word in options if word not in flags]
    asked = {
        f"EEMT_{option.removeprefix('--').replace('-', '_').upper()}": value
        for option, value in zip(words[::2], words[1::2], strict=True)
    }
    small = {"WORKER_CORES": "1", "WORKER_MEMORY": "1G", "WORKER_DISK": "1G"}
    with Network(folder, *names) as hosts:
        opened = [Shell(host, **asked, **small, EEMT_RECONNECT_DELAY="1") for host in hosts]
        shutil.copy(dem, hosts[0].folder / "DEM.tif")
        for host in hosts:
            secret = host.folder / ".config" / "eemt" / "password"
            secret.parent.mkdir(parents=True)
            secret.write_text(f"{PASSWORD}\n")
            secret.chmod(0o600)
        try:
            yield opened
        finally:
            for shell in opened:
                shell.close()


def stopped_task(host):
    """Stop a task on a host in the midst of its work; return its process."""
    return stop_one(
        lambda: host.processes("eemt_core.tiles --guest"), what=f"a task on {host.name}"
    )


def block(words, page="deploy/across-hosts.md"):
    """Return the block of a page that contains some words, with the host that it is typed on.

    Returns
    -------
    host, text
        The host's name, from the first line (``# on alpha``), and the lines after it.
    """
    (text,) = (b.text for b in blocks(DOCS / page) if b.is_run and words in b.text)
    first, rest = text.split("\n", 1)
    assert first.startswith("# on "), text
    return first.removeprefix("# on "), rest
