"""The status of a run somewhere else, asked over HTTP."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from ..errors import InputError
from ..files.remote import fetch_json
from .status import Status
from .status_document import from_document

_STATUS_PATH = "api/status"


def fetch_status(url: str) -> Status:
    """Return the status that `url`, or ``api/status`` below it, answers with.

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
        document = fetch_json(address, remedy)
        if document is not None:
            return from_document(document, address)
    raise InputError(f"{url} answers but is no status of eemt-run", remedy=remedy)
