"""The status of a run somewhere else, asked over HTTP."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ..errors import ArgumentError, InputError
from ..files import read_file
from ..files.remote import fetch_json
from .status import Status
from .status_document import from_document

_STATUS_PATH = "api/status"
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # of RFC 6750


def fetch_status(url: str, token: str = "") -> Status:
    """Return the status that `url`, or ``api/status`` below it, answers with.

    Parameters
    ----------
    token
        Of `read_token`, where the service wants one.

    Raises
    ------
    InputError
        If nothing answers there, or something else.
    VersionError
        If a version with another layout of the status answers.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InputError(
            f"{url!r} is no address", remedy="write http://HOST:PORT", value=url
        ) from None
    below = urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{_STATUS_PATH}"))
    remedy = "check the address and that eemt-web runs there"
    for address in (url, below):
        document = fetch_json(address, remedy, token)
        if document is not None:
            return from_document(document, address)
    raise InputError(f"{url} answers but is no status of eemt-run", remedy=remedy)


def read_token(path: Path) -> str:
    """Return the token for a service, as `eemt-web` printed it, from a file.

    Raises
    ------
    ArgumentError
        If the file cannot be read, is open to others, or holds something else.
    """
    try:
        is_open, content = path.stat().st_mode & 0o077, read_file(path)
    except OSError as error:
        raise ArgumentError(
            f"the token file {path} cannot be read ({error.strerror})",
            remedy="name a file that holds the token",
            field="token_file",
            value=path,
        ) from None
    if is_open:
        raise ArgumentError(
            f"{path} is open to other users of this machine",
            remedy=f"chmod 600 {path}",
            field="token_file",
            value=path,
        )
    token = content.decode("latin-1").strip()
    if not _TOKEN.fullmatch(token):
        raise ArgumentError(
            f"{path} holds no token",
            remedy="write the one into it that eemt-web has printed, and nothing else",
            field="token_file",
            value=path,
        )
    return token
