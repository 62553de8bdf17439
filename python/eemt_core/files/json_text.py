"""JSON, read strictly: what different programs would read differently is refused.

The json module takes NaN and numbers beyond a double's range, and of a name that is given twice the
last value. Our own files hold none of these; in a file of a user they are mistakes.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any


class _RefusedError(ValueError):
    """One of our own reasons."""


def parse_json(content: bytes) -> Any:
    """Return the value that a JSON text in UTF-8 holds; a byte order mark before it is passed over.

    Raises
    ------
    ValueError
        With a short reason, if it is no JSON, names a field twice, or holds a number that is not
        finite.

    Examples
    --------
    >>> parse_json(b'{"rows": 2}')
    {'rows': 2}
    """
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            parse_constant=_no_number,
            parse_float=_finite,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError:
        raise ValueError("it is no text in UTF-8") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except (json.JSONDecodeError, _RefusedError) as error:
        raise ValueError(str(error) if content.strip() else "it is empty") from None
    except ValueError:  # Python's limit, which bounds the time that the conversion takes
        raise ValueError("it holds a number of thousands of digits") from None


def _no_number(word: str) -> float:
    raise _RefusedError(f"{word} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _RefusedError(f"{text:.40} is too large a number")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise _RefusedError(f"{twice!r:.60} is given twice")
    return found
