"""Keys of configuration files and names of variables: the option that each sets, and its parser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from .errors import ArgumentError
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


def _parse_words(text: str) -> tuple[str, ...]:
    return tuple(_parse_text(word.strip()) for word in text.split(","))


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
SECTIONS: Mapping[Kind, Mapping[str, Mapping[str, tuple[str, Parse]]]] = {
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
            "tokens_file": ("web_tokens_file", _parse_path),
            "server_names": ("web_server_names", _parse_words),
            "trusted_proxy": ("web_trusted_proxy", _parse_text),
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
            "wall_time": ("wall_time", parse_auto(parse_seconds)),
            "idle_timeout": ("idle_timeout", parse_seconds),
        },
        "security": _SECURITY_FILE,
        "logging": {
            "level": ("log_level", _one_of(LEVELS)),
            "file": ("log_file", _parse_path),
        },
    },
}
"""Option and parser for each key of each section of the two files."""

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
