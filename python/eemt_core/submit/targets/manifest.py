"""Targets that are told in YAML what shall be there: a template with our values in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ...errors import ArgumentError
from ..order import Order, Workers, passwords
from ..web_pool import PORTS, WebPool
from ..work import disk_to_offer
from .target import refuse_lacking, refuse_run

_HERE = Path(__file__).parent
_LACKS = (
    "time_s", "account", "queue", "qos", "constraint", "parallel_env", "setup", "log_folder",
    "extra_directives", "skipped_directives",
)  # fmt: skip
_NAME = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")
_RUNTIMES = ("podman", "docker")
_SECRETS = {
    "password_file": "password",
    "web_password_file": "web_password",
    "web_tokens_file": "web_tokens",
}


@dataclass(frozen=True)
class Parts:
    """What an order puts into a template.

    Attributes
    ----------
    shown
        Names of the template's parts that stand in the text.
    values
        What stands in place of ``$name``, in several lines where that is alone in its own.
    """

    shown: Collection[str]
    values: Mapping[str, str]


@dataclass(frozen=True)
class ManifestTarget:
    """An orchestrator: it keeps containers as they were described.

    Attributes
    ----------
    name
        What users call it; its template is the file of this name beside this one.
    parts
        Says what an order puts there.
    kinds
        Of work, those that it can do.
    """

    name: str
    parts: Callable[[Order], Parts]
    kinds: tuple[str, ...] = (Workers.kind, WebPool.kind)

    def render(self, order: Order) -> str:
        """Return the manifest of an order. Nothing is read, written or started for it.

        Raises
        ------
        ArgumentError
            If a part of the order cannot stand in it, or means nothing there.
        """
        refuse_run(self.name, order)
        refuse_lacking(self.name, _LACKS, order)
        if order.work.kind not in self.kinds:
            raise ArgumentError(
                f"{self.name} keeps containers going, and {order.work.kind} are done some time",
                remedy="have a batch system or Kubernetes compute <<tiles>>",
                field="tiles",
            )
        if order.runtime not in _RUNTIMES:
            raise ArgumentError(
                f"{self.name} starts containers, and {order.runtime} is no such thing there",
                remedy="name an <<image>>, with <<runtime=podman>> or docker, or without one",
                field="runtime",
                value=order.runtime,
            )
        if not _NAME.fullmatch(order.name):
            raise ArgumentError(
                f"{order.name!r:.60} cannot be a name there",
                remedy="write <<name>> in small letters, digits and hyphens, 40 at most",
                field="name",
                value=order.name,
            )
        template = (_HERE / f"{self.name}.yaml").read_text(encoding="utf-8")
        return filled(template, self.parts(order))


def filled(template: str, parts: Parts) -> str:
    r"""Return a template's text with the parts that are shown, and values in their places.

    A part begins with a line of its names in brackets, all of which must be shown, and ends with
    empty ones. Lines of values are indented like the place that they stand in.

    Examples
    --------
    >>> print(filled("a: $b\n#[c]\nd:\n  $e\n#[]", Parts({"c"}, {"b": "1", "e": "f: 2\ng: 3"})))
    a: 1
    d:
      f: 2
      g: 3
    <BLANKLINE>
    """
    lines: list[str] = []
    is_shown = True
    for line in template.splitlines():
        if mark := re.fullmatch(r" *#\[([\w ]*)\]", line):
            is_shown = set(mark[1].split()) <= set(parts.shown)
        elif not is_shown:
            continue
        elif place := re.fullmatch(r"( *)\$(\w+)", line):
            lines += [place[1] + each for each in parts.values[place[2]].splitlines()]
        else:
            lines.append(Template(line).substitute(parts.values))
    return "".join(f"{line}\n" for line in lines)


def quoted(text: str) -> str:
    r"""Return a text as YAML reads it, and as orchestrators do, which put variables in place of $.

    Examples
    --------
    >>> print(quoted('a "b" $HOME'))
    "a \"b\" $$HOME"
    """
    return json.dumps(text, ensure_ascii=False).replace("$", "$$")


def command(lines: Sequence[Sequence[str]]) -> str:
    """Return a command as a list, the words of one option together."""
    return "\n".join(" ".join(f"{quoted(word)}," for word in line) for line in lines)


def secrets(work: Workers | WebPool) -> dict[str, Path]:
    """Return the files with passwords and tokens, by the names that containers know them by."""
    given = passwords(work)
    return {_SECRETS[field]: path for field, path in given.items() if path is not None}


def worker_command(order: Order, folder: str, page: str) -> list[list[str]]:
    """Return a worker's command.

    Parameters
    ----------
    folder
        Where the container finds secrets.
    page
        Under which name it finds the page, if that is ordered.
    """
    work = order.work
    assert isinstance(work, (Workers, WebPool))
    lines = [["eemt-worker"]]
    if isinstance(work, WebPool):
        lines.append(["--manager", ",".join(f"{page}:{port}" for port in PORTS)])
    else:
        lines += [["--manager", str(address)] for address in work.managers]
        if work.project:
            lines += [["--project", work.project], ["--catalog", str(work.catalog)]]
    if work.password_file is not None:
        lines.append(["--password-file", f"{folder}/password"])
    if order.disk_mb is not None:
        lines.append(["--disk", disk_to_offer(order.disk_mb)])
    # managers come and go, and a worker is there for the next
    return [*lines, ["--work-dir", "/data", "--reconnect-attempts", "0"]]


def web_command(order: Order, folder: str) -> list[list[str]]:
    """Return the page's command, with the folder where its container finds secrets."""
    work = order.work
    assert isinstance(work, WebPool)
    lines = [
        ["eemt-web", "--data", "/data", "--host", "0.0.0.0"],
        ["--password-file", f"{folder}/web_password"],
        ["--manager-port", f"{PORTS[0]}-{PORTS[-1]}"],
    ]
    if work.password_file is not None:
        lines.append(["--worker-password-file", f"{folder}/password"])
    if work.web_tokens_file is not None:
        lines.append(["--tokens-file", f"{folder}/web_tokens"])
    if work.server_name:
        lines.append(["--server-name", work.server_name])
    return lines


def reach_check(work: Workers | WebPool, page: str) -> str:
    """Return what finds out, in bash, whether a worker reaches one of those whom it works for."""
    if isinstance(work, WebPool):
        places = [f"{page}/5000"]
    else:
        told = (work.catalog,) if work.catalog is not None else work.managers
        places = [f"{address.host}/{address.port}" for address in told]
    return " || ".join(f"(exec 3<>/dev/tcp/{place})" for place in places)


def refuse_storage(target: str, work: Workers | WebPool) -> None:
    """Refuse what only a cluster's storage and scaling can do.

    Raises
    ------
    ArgumentError
        If it was ordered.
    """
    for name in ("storage_mb", "most"):
        if isinstance(work, WebPool) and (value := getattr(work, name)) is not None:
            called = {"storage_mb": "storage", "most": "autoscale"}[name]
            raise ArgumentError(
                f"{target} knows nothing like {called} {value}",
                remedy=f"leave <<{called}>> out",
                field=called,
                value=value,
            )
