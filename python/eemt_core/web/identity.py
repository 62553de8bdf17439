"""Identities of jobs and of uploads: 128 random bits in hexadecimal, so that nobody guesses one."""

from __future__ import annotations

import re
import secrets

PATTERN = "[0-9a-f]{32}"
"""What each of them looks like: such a text names no path and leads nowhere else."""


def new_id() -> str:
    """Return a new one."""
    return secrets.token_hex(16)


def is_id(text: str) -> bool:
    """Say whether a text has the form of one, whether or not anything is known by it.

    Examples
    --------
    >>> is_id(new_id()), is_id("../jobs.sqlite")
    (True, False)
    """
    return re.fullmatch(PATTERN, text) is not None
