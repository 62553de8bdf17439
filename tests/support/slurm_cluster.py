"""A Slurm of our own on this machine: nodes that are processes, gone with the tests.

It has its own key, ports and folders. Nothing of a Slurm or munge that this machine has is used,
started or changed, and none of it needs root's rights.
"""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from clusters import wait_for
from eemt_core.machine.parent import be_killed_with_parent
from eemt_core.submit.schedulers.slurm import jobs, jobs_command
from free_ports import free_port

NODES, CORES, MEMORY_MB = ("n1", "n2"), 2, 4000
_CONFIGURATION = """
ClusterName=eemt-tests
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
SwitchType=switch/none
MpiDefault=none
# without cgroups, which need rights that tests may lack
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
# the nodes are as large as they say, not as this machine is
SlurmdParameters=config_overrides
# jobs start at once, and have the time to end that they have elsewhere
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
KillWait=30
MailProg=/bin/true
NodeName=DEFAULT CPUs={cores} RealMemory={memory_mb} TmpDisk=100000
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=1:00:00 State=UP
"""


class SlurmCluster:
    """Two nodes and their controller, as a context; what is submitted within it ends with it."""

    def __init__(self):
        # short, since sockets' names are; not below /tmp/pytest-of-..., which others cannot enter
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        self._daemons = []
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("SLURM")},
            "SLURM_CONF": str(self.folder / "slurm.conf"),
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
        """Run one of Slurm's programs and return what it prints."""
        done = subprocess.run(
            [*map(str, command)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def jobs(self, number):
        """The jobs of an array, by their places in it."""
        told = jobs(self.run(*jobs_command([number])))
        return {int(job.id.partition("_")[2] or 0): job for job in told}

    def id_of(self, number, place):
        """The number of its own that Slurm gives one of an array when it begins."""
        return self.run("squeue", "-h", "-t", "all", "-o", "%A", "-j", f"{number}_{place}").strip()

    def node_of(self, number, place):
        """The node that one of an array runs on."""
        return self.run("squeue", "-h", "-o", "%N", "-j", f"{number}_{place}").strip()

    @contextmanager
    def drained(self, node):
        """A node that goes on with what it has and gets nothing new."""
        self.run("scontrol", "update", f"NodeName={node}", "State=DRAIN", "Reason=test")
        try:
            yield
        finally:
            self.run("scontrol", "update", f"NodeName={node}", "State=RESUME")

    def exit_code(self, number, place):
        """What the script of one of an array has ended with."""
        said = self.run("scontrol", "--oneliner", "show", "job", f"{number}_{place}")
        return int(said.split(" ExitCode=")[1].split(":")[0])

    def wait_for(self, number, place, state, limit_s=120.0):
        """Wait until one of an array is in a state, and return it."""

        def job():
            found = self.jobs(number)[place]
            return found if found.state == state else None

        return wait_for(job, limit_s, f"job {number}_{place} to be {state}")

    def wait_for_end(self, number, limit_s=120.0):
        """Wait until all of an array have ended; return Slurm's words for how."""
        wait_for(
            lambda: all(job.state == "ended" for job in self.jobs(number).values()),
            limit_s,
            f"the end of {self.jobs(number)}",
        )
        return {place: job.word for place, job in self.jobs(number).items()}

    def processes(self, job=None):
        """Command lines of processes of all jobs, or of one, by their numbers."""
        found = {}
        wanted = f"SLURM_CONF={self.environment['SLURM_CONF']}".encode()
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                variables = (path / "environ").read_bytes().split(b"\0")
                is_of_job = job is None or f"SLURM_JOB_ID={job}".encode() in variables
                if wanted in variables and is_of_job:
                    text = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found[int(path.name)] = text
        return found

    def _start(self):
        folder = self.folder
        for name in ("state", *NODES):
            (folder / name).mkdir()
        (folder / "munge.key").write_bytes(os.urandom(1024))
        (folder / "munge.key").chmod(0o600)
        host = socket.gethostname()
        nodes = "\n".join(
            f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={free_port()}"
            for name in NODES
        )
        (folder / "slurm.conf").write_text(
            _CONFIGURATION.format(
                host=host,
                user=getpass.getuser(),
                port=free_port(),
                folder=folder,
                cores=CORES,
                memory_mb=MEMORY_MB,
                nodes=nodes,
            )
        )
        names = {"key-file": "munge.key", "seed-file": "munge.seed", "pid-file": "munge.pid"}
        files = [f"--{option}={folder / name}" for option, name in names.items()]
        # forced, since nobody else may enter the folder of its socket, and none but we shall
        self._daemon("munged", "--foreground", "--force", f"--socket={folder}/munge.socket", *files)
        wait_for((folder / "munge.socket").exists, 30, "munged")
        self._daemon("slurmctld", "-D", "-i")
        for name in NODES:
            self._daemon("slurmd", "-D", "-N", name)
        idle = "\n".join(f"{name} idle" for name in NODES)
        wait_for(lambda: self._nodes() == idle, 60, "the nodes of Slurm")

    def _daemon(self, program, *arguments):
        path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        assert path, f"{program} is not installed: scripts/setup_debian.sh test installs it"
        with (self.folder / f"{program}.out").open("ab") as log:
            process = subprocess.Popen(
                [path, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                start_new_session=True,
                preexec_fn=be_killed_with_parent,
            )
        self._daemons.append(process)

    def _nodes(self):
        done = subprocess.run(
            ["sinfo", "--noheader", "--Node", "--format=%N %T"],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout.strip()

    def _end(self):
        """End all of it, whatever state it is in, and remove its folder."""
        for process in reversed(self._daemons):
            process.terminate()
        for process in self._daemons:
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
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
