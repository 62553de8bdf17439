"""Settings of our commands from configuration files and environment variables.

``master.conf`` is for ``eemt-run`` and ``eemt-web``, ``worker.conf`` for ``eemt-worker``. The file
is the one named on the command line, else that in the user's folder (``$XDG_CONFIG_HOME/eemt`` or
``~/.config/eemt``), else that in ``/etc/eemt``. The command line takes precedence over environment
variables, these over the file, and the file over the defaults.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .config_keys import SECTIONS, VARIABLES, Kind
from .errors import ArgumentError
from .files import read_file

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
    for section, key, value, line in _lines(path, text, SECTIONS[kind]):
        origin = f"{path}:{line}"
        option, parse = SECTIONS[kind][section][key]
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
