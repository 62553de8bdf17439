"""Fields named within a sentence, for each face to show in its own words.

A library must not name an option: a notebook has no options, a web page has labels. So a
sentence names a field by a mark, ``<<elevation_unit>>``, or with the value that is proposed,
``<<runtime=wheel>>``, and whoever shows the sentence replaces the marks. They are plain ASCII, so
they outlive logs, JSON and the way from a worker.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_MARK = re.compile(r"<<([a-z_]+)(?:=([^<>\"\\]*))?>>")


def in_words(sentence: str, words: Callable[[str, str], str]) -> str:
    """Return a sentence with `words(field, value)` for each mark; the value may be empty.

    Examples
    --------
    >>> in_words("add <<resume>>", lambda field, value: field.upper())
    'add RESUME'
    """
    return _MARK.sub(lambda mark: words(mark[1], mark[2] or ""), sentence)


def in_python(sentence: str) -> str:
    """Return a sentence as somebody reads it who writes Python: fields by their own names.

    Examples
    --------
    >>> in_python("say its unit with <<elevation_unit>>, or use <<runtime=wheel>>")
    'say its unit with elevation_unit, or use runtime=wheel'
    """
    return in_words(sentence, lambda field, value: f"{field}={value}" if value else field)
