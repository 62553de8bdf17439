"""The dry run: everything that must be right before a worker can work, checked one by one."""

from __future__ import annotations

import platform
import re
import shlex
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import __version__
from ..errors import EemtError, InputError, ResourceError, VersionError
from ..machine import Offer
from ..sizes import Address
from . import probe
from .catalog import find_managers
from .command import WorkerSettings, find_program, work_queue_worker_command
from .manager_file import announced
from .password import others_can_read
from .versions import installed_protocol, mismatch, speaking

_TASKS_CODE = (
    "import eemt_core.tiles.compute, zstandard; from eemt_core.instruction_set import available; "
    "print(*available())"
)
_RUNTIMES = ("apptainer", "podman", "docker")
_ANSWERS = {"apptainer": "version", "podman": "info", "docker": "info"}
_PATIENCE_S = 30.0


@dataclass(frozen=True)
class Check:
    """What was checked, what was found, and the exit code of what is wrong (0 if nothing is)."""

    name: str
    found: str
    exit_code: int = 0

    @property
    def line(self) -> str:
        """What is printed of it; `checks_in` reads it."""
        mark = "WRONG" if self.exit_code else "note" if self.name == "warning" else "ok"
        return f"{mark:6}{self.name}: {self.found}"


def checks_in(text: str) -> list[Check]:
    r"""Return the checks in what a dry run printed, among other lines; all wrong ones have code 1.

    Examples
    --------
    >>> checks_in("module loaded\nWRONG port: n1:9123 cannot be reached\n")
    [Check(name='port', found='n1:9123 cannot be reached', exit_code=1)]
    """
    lines = re.findall(r"^(ok|note|WRONG) +([a-z ]+): (.*)$", text, re.MULTILINE)
    return [Check(name, found, int(mark == "WRONG")) for mark, name, found in lines]


def checks(settings: WorkerSettings, offer: Offer, password_file: Path | None) -> Iterator[Check]:
    """Yield one check after the other; those that need one that failed are left out."""
    yield Check("machine", f"{platform.node()}, which has eemt-core {__version__}")
    yield Check("sizes", _sizes(offer))
    for warning in offer.warnings:
        yield Check("warning", warning)
    if password_file is not None:
        warning = others_can_read(password_file)
        yield Check("warning" if warning else "password file", warning or str(password_file))
    yield _check("tasks", _tasks)
    if settings.container_runtime not in (None, "none"):
        yield _check("containers", lambda: _containers(str(settings.container_runtime)))
    program = _check("program", find_program)
    yield program
    protocol: int | None = None
    if not program.exit_code:
        try:
            protocol = installed_protocol(program.found)
            yield Check("its protocol", speaking(protocol))
        except VersionError as error:
            yield _failed("its protocol", error)
    managers = settings.managers
    if settings.project is not None and settings.catalog is not None:
        try:
            managers = find_managers(settings.project, settings.catalog)
            yield Check("catalog", f"project {settings.project} is at {_list(managers)}")
        except EemtError as error:
            yield _failed("catalog", error)
    if settings.manager_file is not None:
        try:
            managers = _announced(settings.manager_file)
            yield Check("manager file", f"{settings.manager_file} names {_list(managers)}")
        except EemtError as error:
            yield _failed("manager file", error)
    for address in managers:
        yield from _manager_checks(settings, address, program.found, protocol)
    if not program.exit_code:
        yield Check("command", _command(settings, program.found, managers, password_file))


def _manager_checks(
    settings: WorkerSettings, address: Address, program: str, protocol: int | None
) -> Iterator[Check]:
    name = _check("name", lambda: f"{address.host} is {', '.join(probe.resolve(address))}")
    yield name
    if name.exit_code:
        return
    port = _check("port", lambda: _reachable(address))
    yield port
    if port.exit_code:
        return
    if settings.encrypted:
        encryption = _check("encryption", lambda: _encryption(address))
        yield encryption
        if encryption.exit_code:
            return
    try:
        manager = probe.ask(address, encrypted=settings.encrypted)
    except EemtError as error:
        yield _failed("manager", error)
        return
    spoken = None if manager.wants_password and manager.protocol is None else manager.protocol
    if not manager.wants_password:
        fits = protocol is None or spoken == protocol
        if fits:
            yield Check("protocol", f"{address} speaks {speaking(spoken)}")
        else:
            yield _failed("protocol", mismatch(spoken, protocol))
    yield from _password_checks(settings, address, program, protocol, manager)


def _password_checks(
    settings: WorkerSettings,
    address: Address,
    program: str,
    protocol: int | None,
    manager: probe.ManagerReply,
) -> Iterator[Check]:
    if not manager.wants_password:
        if settings.password is None:
            yield Check("password", f"{address} wants none: everyone who reaches it may work")
        else:
            yield _failed("password", probe.password_needless(address))
        return
    if settings.password is None:
        yield _failed("password", probe.password_missing(address))
        return
    if protocol is None:
        return
    password, known = settings.password, protocol

    def fits() -> str:
        with tempfile.TemporaryDirectory(dir=settings.work_dir) as folder:
            probe.check_password(
                program, address, password, Path(folder), known, encrypted=settings.encrypted
            )
        return f"{address} takes it, and speaks {speaking(known)}"

    yield _check("password", fits)


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, look())
    except EemtError as error:
        return _failed(name, error)


def _failed(name: str, error: EemtError) -> Check:
    return Check(name, error.sentence, error.exit_code)


def _sizes(offer: Offer) -> str:
    found = (
        f"{offer.cores.amount} cores ({offer.cores.source})",
        f"{offer.memory_mb.amount} MB of memory ({offer.memory_mb.source})",
        f"{offer.disk_mb.amount} MB of disk ({offer.disk_mb.source})",
    )
    return ", ".join(found)


def _tasks() -> str:
    command = [sys.executable, "-P", "-c", _TASKS_CODE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ResourceError(
            f"{sys.executable} cannot run tasks ({last})",
            remedy="install eemt-core for this Python",
        )
    *lower, best = done.stdout.split()
    sets = f"{', '.join(lower)} and {best}" if lower else best
    return f"{sys.executable} can run them, on instruction set {sets}"


def _containers(runtime: str) -> str:
    names = _RUNTIMES if runtime == "auto" else (runtime,)
    found = next((name for name in names if shutil.which(name)), None)
    if found is None:
        raise ResourceError(
            f"{' or '.join(names)} is not installed",
            remedy="install it, or leave out <<container_runtime>>",
            field="container_runtime",
        )
    try:
        done = subprocess.run(
            [found, _ANSWERS[found]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
        works = done.returncode == 0
    except subprocess.TimeoutExpired:
        works = False
    if not works:
        raise ResourceError(
            f"{found} is installed but does not answer",
            remedy=f"try `{found} {_ANSWERS[found]}` as this user",
        )
    return f"{found} answers"


def _reachable(address: Address) -> str:
    probe.connect(address).close()
    return f"{address} takes connections"


def _encryption(address: Address) -> str:
    with probe.connect(address, encrypted=True) as connection:
        assert isinstance(connection, ssl.SSLSocket)
        return f"{address} speaks {connection.version()}; nobody checks whose certificate it is"


def _announced(path: Path) -> tuple[Address, ...]:
    found = announced(path)
    if found is None:
        raise InputError(
            f"there is no {path}",
            remedy="start the manager first, and see what its job has written",
            field="manager_file",
            value=path,
        )
    return (found.address,)


def _list(managers: tuple[Address, ...]) -> str:
    return ", ".join(map(str, managers))


def _command(
    settings: WorkerSettings,
    program: str,
    managers: tuple[Address, ...],
    password_file: Path | None,
) -> str:
    if not managers:
        return "no manager is known to start a worker for"
    file = None if password_file is None else str(password_file)
    command = work_queue_worker_command(
        program,
        settings,
        managers,
        folder=settings.work_dir,
        password_file=file,
        wall_time_s=settings.wall_time_s,
    )
    return shlex.join(command)
