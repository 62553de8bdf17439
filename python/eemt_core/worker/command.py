"""The command lines of Work Queue's worker and of our own, as lists of arguments."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import ResourceError
from ..sizes import Address

PROGRAM = "work_queue_worker"
PYTHON_VARIABLE = "EEMT_PYTHON"
"""Names the Python that runs the tasks of this worker."""

CONTAINER_VARIABLE = "EEMT_CONTAINER_RUNTIME"
"""Names the program that runs containers on this worker, or ``auto``."""

NOWHERE = Path(os.devnull)
"""As a configuration file: no setting at all."""

_ENGINE_SIZES = ("CORES", "MEMORY", "DISK", "GPUS")
# the worker would leave a manager that has no task for it for 15 minutes
_FOR_EVER_S = 10 * 365 * 86400


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker offers and whom it works for.

    Attributes
    ----------
    managers
        Where managers listen; empty where `project` is looked up in `catalog`, or where the manager
        says so in `manager_file`.
    idle_timeout_s, wall_time_s
        When to leave without work, and in any case; None for never.
    password
        What manager and worker share; None for none.
    attempts
        How many attempts in a row may fail to reach a manager; 0 for any number.
    """

    managers: tuple[Address, ...]
    cores: int
    memory_mb: int
    disk_mb: int
    work_dir: Path
    encrypted: bool = False
    project: str | None = None
    catalog: Address | None = None
    manager_file: Path | None = None
    password: str | None = None
    container_runtime: str | None = None
    idle_timeout_s: int | None = None
    wall_time_s: int | None = None
    attempts: int = 5
    delay_s: int = 10


def find_program() -> str:
    """Return the path of ``work_queue_worker``: on the PATH, or beside this Python.

    Raises
    ------
    ResourceError
        If this machine has none.
    """
    beside = Path(sys.executable).parent
    found = shutil.which(PROGRAM) or shutil.which(PROGRAM, path=str(beside))
    if found is None:
        raise ResourceError(
            f"{PROGRAM} is not installed",
            remedy="install Debian's coop-computing-tools or conda-forge's ndcctools",
        )
    return found


def work_queue_worker_command(
    program: str,
    settings: WorkerSettings,
    managers: Sequence[Address],
    *,
    folder: Path,
    password_file: str | None = None,
    wall_time_s: int | None = None,
) -> list[str]:
    """Return the arguments that start Work Queue's worker for one connection.

    It ends when the connection does; `supervise` starts the next. What it does is written to its
    standard error, line by line.
    """
    command = [program, "--single-shot", "--parent-death", "--connect-timeout", "1"]
    for subsystem in ("wq", "auth"):
        command += ["-d", subsystem]
    command += ["-o", ":stderr", "-s", str(folder)]
    command += ["--cores", str(settings.cores), "--memory", str(settings.memory_mb)]
    command += ["--disk", str(settings.disk_mb), "--gpus", "0"]  # tasks use none
    command += ["--idle-timeout", str(settings.idle_timeout_s or _FOR_EVER_S)]
    if wall_time_s is not None:
        command += ["--wall-time", str(wall_time_s)]
    if settings.encrypted:
        command.append("--ssl")
    if password_file is not None:
        command += ["--password", password_file]
    if len(managers) == 1:
        return [*command, managers[0].host, str(managers[0].port)]
    return [*command, ";".join(map(str, managers))]


def work_queue_worker_environment(
    settings: WorkerSettings, environ: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment of Work Queue's worker and its tasks.

    Sizes that we inherit would be taken for promises of this worker; the tasks are told which
    Python has this package.
    """
    environment = {name: text for name, text in environ.items() if name not in _ENGINE_SIZES}
    environment[PYTHON_VARIABLE] = sys.executable
    environment.pop(CONTAINER_VARIABLE, None)
    if settings.container_runtime is not None:
        environment[CONTAINER_VARIABLE] = settings.container_runtime
    return environment


def far_worker_command(host: str, port: int, *, with_password: bool) -> str:
    """Return what to type on another machine so that it works for a manager here.

    Examples
    --------
    >>> far_worker_command("node1", 9123, with_password=False)
    'eemt-worker --manager-host node1 --manager-port 9123'
    """
    password = " --password-file FILE" if with_password else ""
    return f"eemt-worker --manager-host {host} --manager-port {port}{password}"


def project_worker_command(project: str, catalog: str, *, with_password: bool) -> str:
    """Return what to type on another machine so that it works for all managers of a project.

    Examples
    --------
    >>> project_worker_command("eemt", "node1:9097", with_password=False)
    'eemt-worker --project eemt --catalog node1:9097'
    """
    password = " --password-file FILE" if with_password else ""
    return f"eemt-worker --project {shlex.quote(project)} --catalog {catalog}{password}"


def local_worker_command(
    port: int,
    cores: int,
    memory_mb: int,
    disk_mb: int,
    work_dir: Path,
    password_file: Path | None = None,
    idle_timeout_s: int | None = None,
) -> list[str]:
    """Return the arguments that start an ``eemt-worker`` on this machine, for its own manager.

    It takes nothing from configuration files, and ends when its standard input does: whoever
    starts it gives it a pipe and holds the other end.
    """
    command = [sys.executable, "-P", "-m", "eemt_core.cli.worker", "--config", str(NOWHERE)]
    command += ["--end-with-parent", "--quiet", "--manager", f"127.0.0.1:{port}"]
    command += ["--reconnect-delay", "1"]  # if it cannot work here, that is known soon
    command += ["--cores", str(cores), "--memory", str(memory_mb), "--disk", str(disk_mb)]
    command += ["--work-dir", str(work_dir)]
    if password_file is not None:
        command += ["--password-file", str(password_file)]
    if idle_timeout_s is not None:
        command += ["--idle-timeout", str(idle_timeout_s)]
    return command
