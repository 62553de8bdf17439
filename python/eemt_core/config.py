"""Settings of our commands from configuration files and environment variables.

``master.conf`` is for ``eemt-run`` and ``eemt-web``, ``worker.conf`` for ``eemt-worker``. The file
is the one named on the command line, else that in the user's folder (``$XDG_CONFIG_HOME/eemt`` or
``~/.config/eemt``), else that in ``/etc/eemt``. The command line takes precedence over environment
variables, these over the file, and the file over the defaults.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .errors import ArgumentError
from .files import read_file
from .numerals import whole
from .sizes import (
    AUTO,
    CATALOG_PORT,
    parse_addresses,
    parse_cores,
    parse_mb,
    parse_port,
    parse_seconds,
)

Kind = Literal["master", "worker"]
Parse = Callable[[str], Any]

LEVELS = ("debug", "info", "warning", "error")
RUNTIMES = ("docker", "podman", "apptainer", "auto", "none")
_MOST = 10**9
_SYSTEM_FOLDER = Path("/etc/eemt")


@dataclass(frozen=True)
class Setting:
    """A value and its origin: ``FILE:LINE`` or the name of an environment variable."""

    value: Any
    origin: str


@dataclass(frozen=True)
class Settings:
    """Values by name of the command-line option for which each is the default.

    Attributes
    ----------
    path
        The configuration file that was read; None without one.
    """

    path: Path | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """The values without their origins, in the form of click's ``default_map``."""
        return {name: setting.value for name, setting in self.settings.items()}

    def origin(self, name: str) -> str | None:
        """Return where an option's value was set, or None if it was not set."""
        return self.settings[name].origin if name in self.settings else None

    def under(self, other: Settings) -> Settings:
        """Return these settings, overridden by those of `other`."""
        return Settings(self.path, {**self.settings, **other.settings})


def read_config(
    kind: Kind, path: Path | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings of a configuration file.

    Parameters
    ----------
    kind
        ``master`` or ``worker``, which decides the allowed sections and keys.
    path
        The file; by default ``KIND.conf`` in the user's folder, else in ``/etc/eemt``.
    environ
        Environment variables from which the user's folder is found; by default this process's.

    Raises
    ------
    ArgumentError
        If the file cannot be read, or has a wrong section, key or value; the message names the
        line.
    """
    if path is None:
        path = _find(kind, os.environ if environ is None else environ)
        if path is None:
            return Settings()
    if path == Path(os.devnull):  # the usual way to ask for no file
        return Settings()
    try:
        text = read_file(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise ArgumentError(
            f"the configuration file {path} cannot be read ({reason})",
            remedy="check <<config>>",
            field="config",
            value=path,
        ) from None
    settings: dict[str, Setting] = {}
    for section, key, value, line in _lines(path, text, _SECTIONS[kind]):
        origin = f"{path}:{line}"
        option, parse = _SECTIONS[kind][section][key]
        if option in settings:
            raise ArgumentError(
                f"{origin}: {key} is set in {settings[option].origin} already",
                field=option,
                value=value,
            )
        try:
            parsed = parse(value)
        except ArgumentError as error:
            raise ArgumentError(
                f"{origin}: {key}: {error.what}", remedy=error.remedy, field=option, value=value
            ) from None
        if isinstance(parsed, Path):  # relative to the file, not the current folder
            parsed = path.absolute().parent / parsed
        settings[option] = Setting(parsed, origin)
    return Settings(path, settings)


def read_variables(kind: Kind, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings from environment variables, as used for containers and batch jobs.

    An empty variable is ignored.

    Raises
    ------
    ArgumentError
        If a value is wrong; the message names the variable.
    """
    environ = os.environ if environ is None else environ
    settings: dict[str, Setting] = {}
    for name, (option, parse) in VARIABLES[kind].items():
        text = environ.get(name, "").strip()
        if not text or option in settings:
            continue
        try:
            settings[option] = Setting(parse(text), name)
        except ArgumentError as error:
            raise ArgumentError(
                f"the variable {name}: {error.what}",
                remedy=error.remedy,
                field=option,
                value=text,
            ) from None
    return Settings(None, settings)


def parse_auto(parse: Callable[[str], int]) -> Callable[[str], int | str]:
    """Return a parser that also accepts ``auto``."""

    def parse_or_auto(text: str) -> int | str:
        return AUTO if text.strip().lower() == AUTO else parse(text)

    return parse_or_auto


def parse_catalog(text: str) -> Any:
    """Return the address of a single catalog server, or raise `ArgumentError`."""
    addresses = parse_addresses(text, CATALOG_PORT)
    if len(addresses) != 1:
        raise ArgumentError(
            f"{text!r} is more than one catalog", remedy="write HOST:PORT", value=text
        )
    return addresses[0]


def parse_count(text: str) -> int:
    """Return a whole number, 0 or more, or raise `ArgumentError`."""
    number = whole(text)
    if number is None or number > _MOST:
        raise ArgumentError(f"{text!r} is no whole number", remedy="write 0 or more", value=text)
    return number


def _parse_ports(text: str) -> int | tuple[int, int]:
    """Return a port, or the lowest and the highest of a range such as ``9123-9130``."""
    low, dash, high = text.partition("-")
    if not dash or text.startswith("tcp:"):
        return parse_port(text)
    ports = parse_port(low.strip()), parse_port(high.strip())
    if ports[0] > ports[1]:
        raise ArgumentError(
            f"{text!r} does not rise", remedy="write the lowest port first", value=text
        )
    return ports


def _parse_some(text: str) -> int:
    number = parse_count(text)
    if number < 1:
        raise ArgumentError(f"{text!r} is less than 1", remedy="write 1 or more", value=text)
    return number


def parse_delay(text: str) -> int:
    """Return a duration in seconds, 0 or more, or raise `ArgumentError`."""
    return 0 if text.strip() == "0" else parse_seconds(text)


def _parse_switch(text: str) -> bool:
    word = text.lower()
    if word in ("true", "yes", "on", "1"):
        return True
    if word in ("false", "no", "off", "0"):
        return False
    raise ArgumentError(f"{text!r} is neither true nor false", value=text)


def _parse_text(text: str) -> str:
    if not text:
        raise ArgumentError("the value is missing", value=text)
    return text


def _parse_path(text: str) -> Path:
    try:
        return Path(_parse_text(text)).expanduser()
    except RuntimeError:  # no such user, or one without a home
        raise ArgumentError(
            f"{text!r} is in a home that nobody has here", remedy="write it out", value=text
        ) from None


def _one_of(words: tuple[str, ...]) -> Parse:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ArgumentError(f"{text!r} is none of {', '.join(words)}", value=text)
        return text.lower()

    return parse


_CORES, _MB = parse_auto(parse_cores), parse_auto(parse_mb)
_SECURITY_FILE = {"password_file": ("password_file", _parse_path)}
_SECTIONS: Mapping[Kind, Mapping[str, Mapping[str, tuple[str, Parse]]]] = {
    "master": {
        "master": {
            "port": ("manager_port", _parse_ports),
            "manager_port": ("manager_port", _parse_ports),
            "project": ("project", _parse_text),
            "catalog": ("catalog", parse_catalog),
            "max_workers": ("max_workers", parse_cores),
            "worker_timeout": ("worker_timeout", parse_seconds),
            "heartbeat_interval": ("keepalive", parse_seconds),
            "keepalive": ("keepalive", parse_seconds),
        },
        "web_interface": {
            "enabled": ("web_enabled", _parse_switch),
            "port": ("web_port", parse_port),
            "host": ("web_host", _parse_text),
            "slots": ("web_slots", _parse_some),
            "password_file": ("web_password_file", _parse_path),
            "ssl_cert": ("web_ssl_cert", _parse_path),
            "ssl_key": ("web_ssl_key", _parse_path),
        },
        "security": {
            **_SECURITY_FILE,
            "ssl_cert": ("ssl_cert", _parse_path),
            "ssl_key": ("ssl_key", _parse_path),
        },
        "storage": {
            "shared_dir": ("shared_dir", _parse_path),
            "data_dir": ("data_dir", _parse_path),
            "results_dir": ("results_dir", _parse_path),
            "uploads_dir": ("uploads_dir", _parse_path),
            "climate_dir": ("climate_dir", _parse_path),
            "largest_upload": ("largest_upload", parse_mb),
            "most_uploads": ("most_uploads", _parse_some),
            "most_waiting": ("most_waiting", _parse_some),
            "least_free": ("least_free", parse_mb),
            "clean_below": ("clean_below", parse_mb),
            "success_retention_days": ("success_retention_days", _parse_some),
            "failed_retention_hours": ("failed_retention_hours", _parse_some),
        },
    },
    "worker": {
        "worker": {
            "master_host": ("manager_host", _parse_text),
            "manager_host": ("manager_host", _parse_text),
            "master_port": ("manager_port", parse_port),
            "manager_port": ("manager_port", parse_port),
            "project": ("project", _parse_text),
            "catalog": ("catalog", parse_catalog),
            "cores": ("cores", _CORES),
            "memory": ("memory", _MB),
            "disk": ("disk", _MB),
        },
        "runtime": {
            "work_dir": ("work_dir", _parse_path),
            "container_runtime": ("container_runtime", _one_of(RUNTIMES)),
            "reconnect_attempts": ("reconnect_attempts", parse_count),
            "reconnect_delay": ("reconnect_delay", parse_delay),
            "wall_time": ("wall_time", parse_seconds),
            "idle_timeout": ("idle_timeout", parse_seconds),
        },
        "security": _SECURITY_FILE,
        "logging": {
            "level": ("log_level", _one_of(LEVELS)),
            "file": ("log_file", _parse_path),
        },
    },
}

VARIABLES: Mapping[Kind, Mapping[str, tuple[str, Parse]]] = {
    "master": {
        "MASTER_PORT": ("manager_port", parse_port),
        "WORK_QUEUE_PORT": ("manager_port", parse_port),
        "WORK_QUEUE_PROJECT": ("project", _parse_text),
        "MAX_WORKERS": ("max_workers", parse_cores),
    },
    "worker": {
        "MASTER_HOST": ("manager_host", _parse_text),
        "MASTER_PORT": ("manager_port", parse_port),
        "WORK_QUEUE_PORT": ("manager_port", parse_port),
        "WORK_QUEUE_PROJECT": ("project", _parse_text),
        "WORKER_CORES": ("cores", _CORES),
        "WORKER_MEMORY": ("memory", _MB),
        "WORKER_DISK": ("disk", _MB),
    },
}
"""Option and parser for each environment variable; of two for the same option the first is used."""


def _find(kind: Kind, environ: Mapping[str, str]) -> Path | None:
    for folder in (*_user_folders(environ), _SYSTEM_FOLDER):
        path = folder / f"{kind}.conf"
        if path.is_file():
            return path
    return None


def _user_folders(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the user's configuration folder, if any; in a container users may have no home."""
    if environ.get("XDG_CONFIG_HOME"):
        yield Path(environ["XDG_CONFIG_HOME"], "eemt")
        return
    home = environ.get("HOME")
    with suppress(RuntimeError):
        yield (Path(home) if home else Path.home()) / ".config" / "eemt"


def _lines(
    path: Path, text: str, sections: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, str, str, int]]:
    """Yield section, key, value and line number of each setting."""
    section: str | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = re.sub(r"(^|\s)[#;].*", "", raw).strip()
        if not line:
            continue
        where = f"{path}:{number}"
        if line.startswith("["):
            section = line.strip("[]").strip().lower()
            if not line.endswith("]") or section not in sections:
                known = ", ".join(f"[{name}]" for name in sections)
                raise ArgumentError(
                    f"{where}: {line} is no section here",
                    remedy=f"use {known}",
                    field=section,
                    value=line,
                )
            continue
        if section is None:
            first = next(iter(sections))
            raise ArgumentError(
                f"{where}: a section such as [{first}] must come before it",
                field="config",
                value=path,
            )
        key, sign, value = line.partition("=")
        key = key.strip().lower().replace("-", "_")
        if not sign:
            raise ArgumentError(
                f"{where}: {line!r} is no setting",
                remedy="write KEY = VALUE",
                field=section,
                value=line,
            )
        if key not in sections[section]:
            known = ", ".join(sections[section])
            raise ArgumentError(
                f"{where}: [{section}] has no key {key}",
                remedy=f"use {known}",
                field=key,
                value=value,
            )
        yield section, key, value.strip(), number
