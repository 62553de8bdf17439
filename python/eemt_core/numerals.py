"""Whole numbers in texts from outside: digits of ASCII, few enough to reckon with.

``str.isdigit`` takes superscripts, which ``int`` refuses; ``int`` takes the digits of every script
and refuses more than 4300 of them. No size, port, count or time has more than 18.
"""

from __future__ import annotations

import re

DIGITS = "[0-9]{1,18}"
"""A regular expression of such a number."""

_WHOLE = re.compile(rf"\s*({DIGITS})\s*")


def whole(text: str) -> int | None:
    """Return the whole number that a text is, None where it is none or is too long.

    Examples
    --------
    >>> whole(" 12 "), whole("1\N{SUPERSCRIPT TWO}"), whole("9" * 5000), whole("-1")
    (12, None, None, None)
    """
    match = _WHOLE.fullmatch(text)
    return None if match is None else int(match[1])
