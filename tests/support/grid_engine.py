"""A Grid Engine of our own on this machine: one node with four slots, gone with the tests.

It has its own cell, ports and folders, all below one folder. Its programs were unpacked by
``scripts/setup_debian.sh``; nothing of a Grid Engine that this machine has is used, started or
changed.
"""

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

from clusters import wait_for
from eemt_core.machine.parent import be_killed_with_parent
from eemt_core.submit.schedulers.sge import SGE
from free_ports import free_port

HOST, SLOTS, NOTICE_S = "localhost", 4, 20
_UNPACKED = Path(__file__).parents[2] / "build" / "gridengine" / "usr"
_PROGRAMS, _DEFAULTS = _UNPACKED / "lib" / "gridengine", _UNPACKED / "share" / "gridengine"
_BOOTSTRAP = """\
admin_user none
default_domain none
ignore_fqdn false
spooling_method classic
spooling_lib libspoolc
spooling_params {spool}
binary_path {programs}
qmaster_spool_dir {folder}/qmaster
security_mode none
listener_threads 2
worker_threads 2
scheduler_threads 1
"""
# what differs from the values that Grid Engine begins with
_CONFIGURATION = {
    "execd_spool_dir": "{folder}/execd",
    "mailer": "/bin/true",
    "administrator_mail": "none",
    "min_uid": "0",
    "min_gid": "0",
    # else jobs would read what the user's shell begins with, whatever that does
    "login_shells": "none",
    "load_report_time": "00:00:01",
    "reporting_params": "accounting=true reporting=false flush_time=00:00:01 joblog=false "
    "sharelog=00:00:00",
}
_SCHEDULER = {"schedule_interval": "0:0:1", "flush_submit_sec": "1", "flush_finish_sec": "1"}
_QUEUE = {
    "qname": "main.q",
    "hostlist": HOST,
    "load_thresholds": "NONE",  # this machine is as busy as it is
    "pe_list": "smp",
    "slots": str(SLOTS),
    "notify": f"00:00:{NOTICE_S}",
}


class GridEngine:
    """A node and its master, as a context; what is submitted within it ends with it."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sge-"))
        self._daemons = []
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("SGE_")},
            "PATH": f"{_PROGRAMS}:{os.environ['PATH']}",
            "SGE_ROOT": str(self.folder),
            "SGE_CELL": "default",
            "SGE_QMASTER_PORT": str(free_port()),
            "SGE_EXECD_PORT": str(free_port()),
            "SGE_ND": "1",  # its daemons stay the children that they are
        }

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        self._end()

    def run(self, *command):
        """Run one of Grid Engine's programs and return what it prints."""
        done = subprocess.run(
            [*map(str, command)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def jobs(self, number):
        """The jobs of an array that have not ended, by their places in it."""
        return {place: job for place, job in self._told(number).items() if job.state != "ended"}

    def wait_for(self, number, place, state, limit_s=120.0):
        """Wait until one of an array is in a state, and return it."""

        def job():
            found = self.jobs(number).get(place)
            return found if found is not None and found.state == state else None

        return wait_for(job, limit_s, f"job {number}.{place} to be {state}")

    def wait_for_end(self, number, limit_s=120.0):
        """Wait until all of an array have ended; return what the accounts say of each."""
        try:
            wait_for(lambda: not self.jobs(number), limit_s, f"the end of {number}")
        except pytest.fail.Exception as failure:
            stands = self.run("qstat", "-f", "-explain", "aAE") + self.run("qstat", "-j", number)
            raise AssertionError(f"{failure}\n{stands}") from None
        places = set(self._told(number))
        wait_for(lambda: set(self.accounts(number)) == places, 60, f"the accounts of {number}")
        return self.accounts(number)

    def accounts(self, number):
        """What is known of ended jobs of an array, by their places in it."""
        done = subprocess.run(
            ["qacct", "-j", number],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        told = SGE.past(done.stdout)
        return {int(job.id.partition("_")[2]): job for job in told}

    def processes(self, number=None, place=None):
        """Command lines of processes of all jobs, or of one, without its shepherd."""
        found = {}
        wanted = [f"SGE_ROOT={self.folder}"]
        wanted += [] if number is None else [f"JOB_ID={number}", f"SGE_TASK_ID={place}"]
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                variables = (path / "environ").read_bytes().split(b"\0")
                if all(text.encode() in variables for text in wanted):
                    text = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found[int(path.name)] = text
        return found

    def _told(self, number):
        told = SGE.jobs(self.run(*SGE.jobs_command([number])))
        ids = {job.id.partition("_"): job for job in told}
        return {int(place): job for (array, _, place), job in ids.items() if array == number}

    def _start(self):
        self._write_cell()
        master = self._daemon("sge_qmaster", prefix=self._with_libraries())
        wait_for(lambda: self._answers("qconf", "-sss") or master.poll() is not None, 60, "qmaster")
        self.run("qconf", "-as", HOST)
        self._change("qconf", "-ssconf", "-Msconf", _SCHEDULER)
        self.run("qconf", "-Ap", _DEFAULTS / "util" / "resources" / "pe" / "smp")
        self._daemon("sge_execd")
        wait_for(lambda: self._answers("qconf", "-sel"), 60, "the node of Grid Engine")
        self._change("qconf", "-sq", "-Aq", _QUEUE)
        ready = f"main.q@{HOST} "
        wait_for(lambda: self._is_up(self.run("qstat", "-f"), ready), 60, "the queue")

    def _write_cell(self):
        folder, common = self.folder, self.folder / "default" / "common"
        common.mkdir(parents=True)
        for name in ("qmaster/job_scripts", "execd"):
            (folder / name).mkdir(parents=True)
        (folder / "util").symlink_to(_DEFAULTS / "util")
        spool = f"{common};{folder}/qmaster"
        text = _BOOTSTRAP.format(folder=folder, programs=_PROGRAMS, spool=spool)
        (common / "bootstrap").write_text(text)
        (common / "act_qmaster").write_text(f"{HOST}\n")
        # whatever else this machine is called, it is one
        (common / "host_aliases").write_text(f"{HOST} {os.uname().nodename}\n")
        configuration = {name: text.format(folder=folder) for name, text in _CONFIGURATION.items()}
        begun = (_DEFAULTS / "default-configuration").read_text()
        (folder / "configuration").write_text(_replaced(begun, configuration))
        resources = _DEFAULTS / "util" / "resources"
        for command in (
            ("spoolinit", "classic", "libspoolc", spool, "init"),
            ("spooldefaults", "configuration", folder / "configuration"),
            ("spooldefaults", "complexes", resources / "centry"),
            ("spooldefaults", "usersets", resources / "usersets"),
            ("spooldefaults", "managers", getpass.getuser()),
        ):
            self.run(*self._with_libraries(), *command)

    def _with_libraries(self):
        """A prefix that starts a program where it finds its libraries, under /usr/lib alone."""
        assert _PROGRAMS.is_dir(), "Grid Engine is missing: scripts/setup_debian.sh test unpacks it"
        mount = (
            f'mount -t overlay -o lowerdir={_UNPACKED}/lib:/usr/lib overlay /usr/lib && exec "$@"'
        )
        become = [] if os.geteuid() == 0 else ["--map-root-user"]
        return ["unshare", "--mount", *become, "sh", "-c", mount, "sh"]

    def _daemon(self, program, prefix=()):
        with (self.folder / f"{program}.out").open("ab") as log:
            process = subprocess.Popen(
                [*prefix, _PROGRAMS / program],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                start_new_session=True,
                preexec_fn=be_killed_with_parent,
            )
        self._daemons.append(process)
        return process

    def _answers(self, *command):
        done = subprocess.run(command, env=self.environment, capture_output=True, timeout=60)
        return done.returncode == 0

    def _change(self, program, show, take, values):
        """Have Grid Engine take a configuration that it shows, with some other values."""
        path = self.folder / "changed"
        path.write_text(_replaced(self.run(program, show), values))
        self.run(program, take, path)

    @staticmethod
    def _is_up(said, queue):
        """Whether a queue is there whose last column tells of no trouble."""
        lines = [line.split() for line in said.splitlines() if line.startswith(queue)]
        return bool(lines) and len(lines[0]) == 5 and lines[0][3] != "-NA-"

    def _end(self):
        """End all of it, whatever state it is in, and remove its folder."""
        for process in self._daemons:  # nobody needs what they would write down at their end
            process.kill()
            process.wait()
        deadline = time.monotonic() + 30
        while (left := self.processes()) and time.monotonic() < deadline:
            for number in left:
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            time.sleep(0.05)
        shutil.rmtree(self.folder, ignore_errors=True)
        assert not left, f"still there: {left}"


def _replaced(text, values):
    """A configuration with other values, one in each line."""
    lines = []
    for line in text.splitlines():
        name = line.split(maxsplit=1)[0] if line.strip() else ""
        lines.append(f"{name} {values[name]}" if name in values else line)
    return "\n".join(lines) + "\n"
