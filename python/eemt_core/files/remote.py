"""What a server answers over HTTP, of bearable length and within bearable time.

As with files, nothing that somebody else holds is waited for without an end: a byte now and then
would outlast any wait for one.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPResponse

from ..errors import InputError

PATIENCE_S = 20.0
_LARGEST_BYTES = 64_000_000


def fetch(url: str, remedy: str, token: str = "") -> bytes | None:
    """Return what `url` answers with, None if it has no such page.

    Parameters
    ----------
    token
        What it wants to see before it answers; nobody else is shown it.

    Raises
    ------
    InputError
        With `remedy` if it answers with an error, too long, too slowly or not at all.
    """
    try:
        request = urllib.request.Request(url)
        if token:  # not where the answer leads to another place, which may be a stranger's
            request.add_unredirected_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            content = _read(answer)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 404:
            return None
        if error.code == 401:
            raise InputError(
                f"{url} {'does not take this token' if token else 'wants a token'}",
                remedy="ask the one who runs it for one, and give it with <<token_file>>",
                field="token_file",
            ) from None
        raise InputError(f"{url} answers with error {error.code}", remedy=remedy) from None
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise InputError(f"{url} does not answer ({reason})", remedy=remedy) from None
    if len(content) > _LARGEST_BYTES:
        raise InputError(
            f"{url} answers with more than {_LARGEST_BYTES // 10**6} MB", remedy=remedy
        )
    return content


def fetch_json(url: str, remedy: str, token: str = "") -> object:
    """Return the JSON value that `url` answers with, None for anything else; errors as `fetch`."""
    content = fetch(url, remedy, token)
    try:
        value: object = None if content is None else json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value


def _read(response: HTTPResponse) -> bytes:
    content, deadline = bytearray(), time.monotonic() + PATIENCE_S
    while len(content) <= _LARGEST_BYTES and (chunk := response.read1(2**16)):
        content += chunk
        if time.monotonic() > deadline:
            raise TimeoutError(f"its answer takes longer than {PATIENCE_S:g} s")
    return bytes(content)
