"""Numbers in texts that come from outside: ASCII digits, finite, of at most 18 digits.

``str.isdigit`` takes superscripts, which ``int`` refuses; ``int`` takes the digits of every script
and refuses more than 4300 of them. No size, port, count or time has more than 18.
"""

from __future__ import annotations

import math
import re

DIGITS = "[0-9]{1,18}"
"""A regular expression of such a number."""

_REAL = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)\s*")
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


def real(text: str) -> float | None:
    """Return the finite number that a text is, None where it is none.

    Examples
    --------
    >>> real(" -1.5e2 "), real("-0"), real("1e400"), real("nan"), real("1_000")
    (-150.0, 0.0, None, None, None)
    """
    match = _REAL.fullmatch(text)
    number = math.inf if match is None else float(match[1])
    return number + 0.0 if math.isfinite(number) else None
