"""Options of ``eemt-run`` for a run on many machines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ..config import read_config, read_variables
from ..config_keys import parse_catalog
from ..machine import usable_cores
from ..manager.ranges import TASK_CORES
from ..numerals import DIGITS
from ..sizes import parse_seconds, port_in
from .numbers import Processes, Whole
from .options import GivenPath, Parsed, given_text

if TYPE_CHECKING:
    from ..manager.request import ClusterRequest

_FILE, _NAME = GivenPath(), Parsed("text", given_text)
_STARTING = ("manager_port", "workers", "max_workers", "project")
_ONLY_CLUSTER = (
    "catalog", "password_file", "min_workers", "worker_timeout", "keepalive", "runtime", "image",
    "task_cores", "bind", "ssl_cert", "ssl_key", "shared_dir",
)  # fmt: skip
CLUSTER_NAMES = (*_STARTING, *_ONLY_CLUSTER, "config")
"""Names of all options of this file."""


class Ports(click.ParamType):  # type: ignore[type-arg]
    """A port, a range of ports, or 0 for any free one."""

    name = "PORT|LOW-HIGH|0"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Return the lowest and the highest port."""
        if isinstance(value, tuple):
            return value
        # Kubernetes sets EEMT_MANAGER_PORT so for a service that is called eemt-manager
        text = port_in(str(value).strip())
        match = re.fullmatch(rf"({DIGITS})(?:-({DIGITS}))?", text)
        if match is None:
            self.fail(f"{value!r} is no port: write 9123, 9123-9200 or 0", param, ctx)
        low, high = int(match[1]), int(match[2] or match[1])
        if high > 65535 or low > high or (low == 0) != (high == 0):
            self.fail(f"{value} is not within 1 to 65535, lowest first", param, ctx)
        return low, high


POOL_OPTIONS: tuple[Any, ...] = (
    click.option(
        "--manager-port",
        type=Ports(),
        help="Hand tiles to workers that connect to this port (0: any free one).",
    ),
    click.option("--workers", type=Processes(), help="Start so many workers on this machine."),
    click.option(
        "--min-workers",
        type=Processes(),
        help="Fewest workers to keep on this machine.  [default: as --max-workers]",
    ),
    click.option(
        "--max-workers",
        type=Processes(),
        help="Most workers to start on this machine, as the tiles left make use of them.",
    ),
    click.option(
        "--worker-timeout",
        type=Parsed("time", parse_seconds),
        help="Time without work after which a worker of this machine leaves: seconds, or 15min.  "
        "[default: 15min]",
    ),
    click.option(
        "--keepalive",
        type=Parsed("time", parse_seconds),
        help="Silence after which a worker must show that it lives: seconds, or 2min.  "
        "[default: 1min]",
    ),
    click.option("--project", type=_NAME, help="Name that workers find this run by, in --catalog."),
    click.option(
        "--catalog",
        type=Parsed("host:port", parse_catalog),
        metavar="HOST[:PORT]",
        help="Catalog server that tells workers the project's host and port.",
    ),
    click.option(
        "--runtime",
        type=click.Choice(["installed", "wheel", "container"]),
        help="How workers have eemt-core: installed there, sent along, or in --image.  "
        "[default: installed]",
    ),
    click.option("--image", type=_NAME, help="Container image for --runtime container."),
    click.option(
        "--task-cores",
        type=Whole.of(TASK_CORES),
        help="Cores of each task.  [default: 1]",
    ),
    click.option(
        "--bind",
        type=_NAME,
        help="Address of this machine to listen on alone.  [default: all]",
    ),
    click.option(
        "--shared-dir",
        type=_FILE,
        help="Folder that workers see too, under the same path: tiles' inputs and results lie "
        "there instead of travelling.",
    ),
)
"""Options of every command whose runs go to workers."""

CONFIG = click.option(
    "--config",
    type=_FILE,
    help="File of these options.  [default: master.conf in the user's or the system's "
    "configuration folder]",
)
OPTIONS: tuple[Any, ...] = (
    *POOL_OPTIONS,
    click.option("--password-file", type=_FILE, help="File whose content workers must have too."),
    click.option("--ssl-cert", type=_FILE, help="Certificate to encrypt with, where it can."),
    click.option("--ssl-key", type=_FILE, help="Key of the certificate."),
    CONFIG,
)


def cluster_request(options: dict[str, Any]) -> ClusterRequest | None:
    """Return what is asked of other machines, or None for a run that stays on this one."""
    given = {name: value for name, value in options.items() if value is not None}
    if "config" not in given and not any(name in given for name in _STARTING):
        strays = [name for name in _ONLY_CLUSTER if name in given]
        if strays:
            name = strays[0].replace("_", "-")
            raise click.UsageError(f"--{name} is for a run on many machines: add --manager-port")
        return None
    path = given.pop("config", None)
    file = read_config("master", path).under(read_variables("master"))
    return request_of(file.values, given)


def starting_options(options: Mapping[str, Any]) -> list[str]:
    """Return those of the options given that make a run one for many machines."""
    given = [name for name in (*_STARTING, "config") if options[name] is not None]
    return [f"--{name.replace('_', '-')}" for name in given]


def pool_request(file: Mapping[str, Any], options: Mapping[str, Any]) -> ClusterRequest | None:
    """Return the worker pool to which a service sends its runs, None where none is named.

    Each run has a port of its own: one of a range, or any, where the catalog tells workers which.

    Parameters
    ----------
    file
        What the configuration file and the variables say.
    options
        The options of this file that the service has.
    """
    given = {name: value for name, value in options.items() if value is not None}
    named = {**file, **given}
    is_listed = "project" in named and "catalog" in named
    if not (any(name in given for name in _STARTING) or is_listed or "manager_port" in file):
        strays = [name for name in _ONLY_CLUSTER if name in given]
        if strays:
            name = strays[0].replace("_", "-")
            raise click.UsageError(f"--{name} is for a pool of workers: add --manager-port")
        return None
    if is_listed and "manager_port" not in named:
        given["manager_port"] = (0, 0)
    return request_of(file, given)


def request_of(file: Mapping[str, Any], given: Mapping[str, Any]) -> ClusterRequest:
    """Return what is asked of other machines, by options, and by a file where these say nothing."""
    from ..engines.runtimes.container import image_from_here
    from ..manager.request import ClusterRequest

    settings = {**file, **given}
    port = settings.get("manager_port")
    if isinstance(port, int):
        settings["manager_port"] = (port, port)
    if "project" not in given and not settings.get("catalog"):
        settings.pop("project", None)  # from a file, and no catalog to publish it in
    _check(settings)
    most = settings.get("workers", settings.get("max_workers", 0))
    if "workers" not in given and "max_workers" not in given:
        # a limit that was set for a whole cluster must not bring this machine down
        most = min(most, usable_cores())
    fewest = settings.get("min_workers", most)
    catalog = settings.get("catalog")
    certificate, key = settings.get("ssl_cert"), settings.get("ssl_key")
    return ClusterRequest(
        ports=settings.get("manager_port", (0, 0) if most else (9123, 9123)),
        bind=settings.get("bind", ""),
        project=settings.get("project", ""),
        catalog=(catalog.host, catalog.port) if catalog else None,
        password_file=settings.get("password_file"),
        is_private=bool(most) and "manager_port" not in settings and not catalog,
        keepalive_s=settings.get("keepalive", ClusterRequest.keepalive_s),
        fewest_workers=min(fewest, most),
        most_workers=most,
        worker_timeout_s=settings.get("worker_timeout", ClusterRequest.worker_timeout_s),
        runtime=settings.get("runtime", ClusterRequest.runtime),
        image=image_from_here(settings.get("image", "")),
        task_cores=settings.get("task_cores", 1),
        tls=(key, certificate) if certificate and key else None,
        shared_dir=settings.get("shared_dir"),
    )


def _check(settings: dict[str, Any]) -> None:
    if ("ssl_cert" in settings) != ("ssl_key" in settings):
        raise click.UsageError("--ssl-cert and --ssl-key go together")
    if "workers" in settings and "max_workers" in settings:
        raise click.UsageError("give --workers, or --min-workers and --max-workers")
    if settings.get("runtime") == "container" and not settings.get("image"):
        raise click.UsageError("--runtime container needs --image")
    if settings.get("project") and not settings.get("catalog"):
        raise click.UsageError(
            "--project needs --catalog HOST:PORT, where workers look for it; no public catalog is "
            "told of your run unless you name one"
        )
