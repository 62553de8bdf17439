"""Tokens, by which programs come in: ``Authorization: Bearer TOKEN``.

A token is 256 random bits, which nobody guesses, so a fast hash keeps it as well as a slow one
would. The file has a line for each, the hash and a name; a line that is removed ends its token.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path

from ...errors import ArgumentError
from .password import read_secret, write_secret

_PREFIX = "eemt_"
_LINE = re.compile(r"([0-9a-f]{64})(?: (.*))?")


def hash_of(token: str) -> str:
    """Return what is kept of a token or of a session's key."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def read_tokens(path: Path) -> dict[str, str]:
    """Return the name of each token, by its hash.

    Raises
    ------
    ArgumentError
        If the file cannot be read, is open to others, or has a line of another kind.
    """
    tokens = {}
    for number, line in enumerate(
        read_secret(path, "tokens_file", "<<new_token>>").splitlines(), 1
    ):
        match = _LINE.fullmatch(line.strip())
        if match is None and line.strip() and not line.startswith("#"):
            raise ArgumentError(
                f"{path}:{number} is no token's hash with its name",
                remedy="remove the line, and add a token with <<new_token>>",
                field="tokens_file",
                value=path,
            )
        if match:
            tokens[match[1]] = match[2] or ""
    return tokens


def add_token(path: Path) -> str:
    """Add a new token's hash to a file, which is made if there is none, and return the token.

    Its name is the day; whoever wants another one writes it behind the hash.

    Raises
    ------
    ArgumentError
        If the file holds something else.
    InputError, ResourceError
        If it cannot be written.
    """
    lines = []
    if path.exists():
        read_tokens(path)
        lines = read_secret(path, "tokens_file", "<<new_token>>").splitlines()
    token = _PREFIX + secrets.token_urlsafe(32)
    line = f"{hash_of(token)} of {datetime.now(UTC):%Y-%m-%d}"
    write_secret(path, "\n".join([*lines, line, ""]))
    return token
