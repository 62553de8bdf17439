"""What a user chooses of the port that workers come to, and of the queue behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...errors import ArgumentError


@dataclass(frozen=True)
class PortOptions:
    """The port that workers come to.

    Attributes
    ----------
    ports
        Lowest and highest port to listen on; (0, 0) for any.
    bind
        The address to listen on alone; empty for all.
    loopback
        Whether workers of this machine come too, which needs 127.0.0.1 beside that address.
    password
        What workers must know; empty for none.
    catalog
        The catalog server that lists the project, (host, port), or None.
    tls
        Files of the certificate and of its key, or None for connections in clear text.
    """

    ports: tuple[int, int] = (9123, 9123)
    bind: str = ""
    loopback: bool = False
    password: str = ""
    catalog: tuple[str, int] | None = None
    tls: tuple[str, str] | None = None


@dataclass(frozen=True)
class QueueOptions:
    """A queue and the port in front of it.

    Attributes
    ----------
    project
        Name to be found by in the port's catalog; both or neither.
    keepalive_s
        After how long a silent worker is asked whether it lives, and how long it may take to
        answer [s].
    """

    port: PortOptions = field(default_factory=PortOptions)
    project: str = ""
    keepalive_s: tuple[int, int] = (120, 30)


@dataclass(frozen=True)
class GateOptions:
    """What the gate's process is told at its start.

    Attributes
    ----------
    protocol
        Number of Work Queue's protocol.
    patience_s
        How long a transfer to or from a worker may stand still [s].
    folder
        Where waits what workers are sent, in files that have no names; in a folder of it results
        arrive, for the manager to take them from.
    """

    port: PortOptions
    protocol: int
    patience_s: float
    folder: str

    @classmethod
    def from_dict(cls, read: dict[str, Any]) -> GateOptions:
        """Return the options that `dataclasses.asdict` made a dict of and JSON has carried."""
        port: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in read["port"].items()
        }
        return cls(**{**read, "port": PortOptions(**port)})


def check_options(options: QueueOptions) -> None:
    """Raise `ArgumentError` where options do not fit together."""
    if bool(options.project) != (options.port.catalog is not None):
        raise ArgumentError(
            "<<project>> and <<catalog>> go together",
            remedy="the catalog is where workers look for the project, and no public one is "
            "asked unless you name it",
            field="catalog",
        )
