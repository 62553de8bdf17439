"""Encrypted connections to a manager, as Work Queue's worker makes them.

It takes any certificate and never looks whose it is, so the questions that we ask in its place do
the same: they see what it would see.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress

from ..errors import ArgumentError
from ..sizes import Address

_HANDSHAKE_S = 5.0


def encrypted(connection: socket.socket, host: str) -> ssl.SSLSocket:
    """Return a connection with TLS on it, or close it and raise `OSError`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    patience_s = connection.gettimeout()
    connection.settimeout(_HANDSHAKE_S)
    try:
        wrapped = context.wrap_socket(connection, server_hostname=host)
    except OSError:
        connection.close()
        raise
    wrapped.settimeout(patience_s)
    return wrapped


def is_offered(address: Address) -> bool:
    """Say whether whoever listens at an address answers in TLS."""
    with suppress(OSError):
        connection = socket.create_connection((address.host, address.port), _HANDSHAKE_S)
        encrypted(connection, address.host).close()
        return True
    return False


def missing(where: Address | str) -> ArgumentError:
    """Return the error of a manager that encrypts where the worker does not."""
    return ArgumentError(
        f"whoever listens at {where} encrypts, and this worker does not",
        remedy="give <<encrypted>> if that is the manager",
        field="encrypted",
    )


def needless(where: Address | str) -> ArgumentError:
    """Return the error of a worker that encrypts where the manager does not."""
    return ArgumentError(
        f"the manager at {where} does not encrypt",
        remedy="start it with <<ssl_cert>> and <<ssl_key>>, or leave out <<encrypted>> here",
        field="encrypted",
    )
