"""systemd: a unit of which each instance is a worker, on one machine."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ...errors import ArgumentError
from ..order import Order, Tiles, Workers
from ..work import disk_to_offer, memory_to_offer
from .target import refuse_lacking, refuse_run, refuse_web
from .values import plain

_TEMPLATE = Path(__file__).with_name("systemd.service")
_LACKS = (
    "time_s", "account", "queue", "qos", "constraint", "parallel_env", "setup", "log_folder",
)  # fmt: skip
_UNIT_NAME = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_UNQUOTED = re.compile(r"[A-Za-z0-9_./:=+,@-]+")
_HOMES = ("/home", "/root", "/run/user")
_TEMPORARY = ("/tmp", "/var/tmp")
_PASSWORD = "${CREDENTIALS_DIRECTORY}/password"


@dataclass(frozen=True)
class SystemdTarget:
    """systemd on one machine: no batch system, so much of an order means nothing to it."""

    name: str = "systemd"

    def render(self, order: Order) -> str:
        """Return the unit of an order's workers. Nothing is read, written or started for it.

        Raises
        ------
        ArgumentError
            If a part of the order cannot stand in a unit, or means nothing there.
        """
        refuse_web("systemd", order)
        refuse_run("systemd", order)
        work = order.work
        if isinstance(work, Tiles):
            raise ArgumentError(
                "systemd starts workers, and has no arrays of jobs for tiles",
                remedy="compute <<tiles>> by a batch system, or leave them to a run",
                field="tiles",
                value=work.folder,
            )
        assert isinstance(work, Workers)
        refuse_lacking("systemd", _LACKS, order)
        self._check(order, work)
        unit = f"{order.name}-worker"
        credentials = []
        if work.password_file is not None:
            path = plain("systemd", "password_file", str(work.password_file), special=":")
            credentials = [f"LoadCredential=password:{path.replace('%', '%%')}"]
        text = Template(_TEMPLATE.read_text(encoding="utf-8")).safe_substitute(
            unit=unit,
            instances=f"{unit}@1" if work.count == 1 else f"{unit}@{{1..{work.count}}}",
            work=" \\\n    ".join(_command(order, work)),
            credentials="\n".join(credentials),
            limits="\n".join(_limits(order)),
            extra="\n".join(order.extra_directives),
        )
        for skipped in order.skipped_directives:
            text = _without(text, skipped)
        return re.sub(r"\n{3,}", "\n\n", text)

    def _check(self, order: Order, work: Workers) -> None:
        if order.runtime != "installed":
            raise ArgumentError(
                f"a unit of systemd runs what is installed, not {order.runtime}",
                remedy="use <<runtime=installed>>",
                field="runtime",
                value=order.runtime,
            )
        if not _UNIT_NAME.fullmatch(order.name):
            raise ArgumentError(
                f"{order.name!r:.60} cannot be in a unit's name",
                remedy="write <<name>> in letters, digits, dots, hyphens and underscores",
                field="name",
                value=order.name,
            )
        if "$" in str(order.programs):
            raise ArgumentError(
                f"systemd can start nothing in {order.programs}",
                remedy="install eemt-core in a folder whose name has no $",
                field="programs",
                value=order.programs,
            )
        if work.count > 1 and (order.cores is None or order.memory_mb is None):
            raise ArgumentError(
                f"{work.count} workers on one machine would each take all of it",
                remedy="give <<cores>> and <<memory>> of each, or one worker for the machine",
                field="cores",
            )


def unseen(order: Order, python: Path = Path(sys.base_prefix)) -> list[Path]:
    """Return what a worker's command needs and its unit keeps it from seeing.

    Parameters
    ----------
    python
        Where the Python of this installation lies.
    """
    hidden = [
        folder
        for setting, folders in (("ProtectHome", _HOMES), ("PrivateTmp", _TEMPORARY))
        if setting not in order.skipped_directives
        for folder in folders
    ]
    return [
        path
        for path in (order.programs, python)
        if any(path.resolve().is_relative_to(folder) for folder in hidden)
    ]


def _command(order: Order, work: Workers) -> list[str]:
    """Return the worker's command, the words of one line together."""
    lines = [[str(order.programs / "eemt-worker")]]
    lines += [["--manager", str(address)] for address in work.managers]
    if work.project:
        lines.append(["--project", work.project, "--catalog", str(work.catalog)])
    quoted = [" ".join(map(_quoted, line)) for line in lines]
    if work.password_file is not None:
        quoted.append(f"--password-file {_PASSWORD}")
    cores = "auto" if order.cores is None else order.cores
    memory, disk = "auto", "auto"
    if order.memory_mb is not None:
        memory = memory_to_offer(order.memory_mb)
    if order.disk_mb is not None:
        disk = disk_to_offer(order.disk_mb)
    quoted.append(f"--cores {cores} --memory {memory} --disk {disk} --work-dir /var/tmp")
    return quoted


def _limits(order: Order) -> list[str]:
    limits = [] if order.cores is None else [f"CPUQuota={100 * order.cores}%"]
    return limits if order.memory_mb is None else [*limits, f"MemoryMax={order.memory_mb}M"]


def _quoted(word: str) -> str:
    r"""Return a word of a command as systemd reads it.

    Examples
    --------
    >>> print(_quoted("node1:9123"), _quoted('50% "$HOME"'))
    node1:9123 "50%% \"$$HOME\""
    """
    if _UNQUOTED.fullmatch(word):
        return word
    escaped = re.sub(r'(["\\])', r"\\\1", word).replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def _without(unit: str, name: str) -> str:
    """Return a unit without the settings of a name; the command is no setting to do without."""
    left = re.sub(rf"^{re.escape(name)}=.*\n", "", unit, flags=re.MULTILINE)
    if left == unit or name == "ExecStart":
        raise ArgumentError(
            f"no setting that can be left out is called {name!r:.60}",
            remedy="skip one that stands in the unit, by its name before the =",
            field="skip_directive",
            value=name,
        )
    return left


SYSTEMD = SystemdTarget()
