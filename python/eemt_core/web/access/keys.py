"""The files of the password and of tokens, read again when they have changed.

So a new password, or a token that was removed, counts at once, without a restart.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from ...errors import ArgumentError
from .changes import state_of
from .password import PasswordHash, read_hash
from .tokens import hash_of, read_tokens

_log = logging.getLogger("eemt_core.web")

_T = TypeVar("_T")


class Keys:
    """What opens the service.

    Raises
    ------
    ArgumentError
        If one of the files cannot be used.
    """

    def __init__(self, password_file: Path | None = None, tokens_file: Path | None = None) -> None:
        self._password = _Kept(password_file, read_hash) if password_file else None
        self._tokens = _Kept(tokens_file, read_tokens) if tokens_file else None

    @property
    def are_needed(self) -> bool:
        """Whether anybody must show a key at all."""
        return self._password is not None or self._tokens is not None

    @property
    def password(self) -> PasswordHash | None:
        """The password's hash; None if there is none, so nobody can log in."""
        return self._password.value() if self._password else None

    def has_token(self, token: str) -> bool:
        """Say whether this is one of the tokens."""
        tokens = self._tokens.value() if self._tokens else None
        return tokens is not None and hash_of(token) in tokens


class _Kept(Generic[_T]):
    """What a file says; None once it cannot be used any more, so that it opens nothing."""

    def __init__(self, path: Path, read: Callable[[Path], _T]) -> None:
        self._path, self._read = path, read
        self._state = state_of(path)
        self._value: _T | None = read(path)

    def value(self) -> _T | None:
        state = state_of(self._path)
        if state != self._state:
            self._state = state
            try:
                self._value = self._read(self._path)
            except ArgumentError as error:
                self._value = None
                _log.warning("nobody can log in by it: %s", error)
        return self._value
