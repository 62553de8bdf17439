"""Names of fields in messages, which each user interface shows in its own form.

A message of the library must not name command-line options, since notebooks have no options and
web pages have labels. So a message names a field by a mark such as ``<<elevation_unit>>`` or, with
a proposed value, ``<<runtime=wheel>>``. The code that shows the message replaces the marks. Marks
are plain ASCII, so logs, JSON and messages from workers do not alter them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_MARK = re.compile(r"<<([a-z_]+)(?:=([^<>\"\\]*))?>>")


def in_words(sentence: str, words: Callable[[str, str], str]) -> str:
    """Return a sentence with each mark replaced by `words(field, value)`; `value` may be empty.

    Examples
    --------
    >>> in_words("add <<resume>>", lambda field, value: field.upper())
    'add RESUME'
    """
    return _MARK.sub(lambda mark: words(mark[1], mark[2] or ""), sentence)


def in_python(sentence: str) -> str:
    """Return a sentence for users of the Python library, with fields under their Python names.

    Examples
    --------
    >>> in_python("say its unit with <<elevation_unit>>, or use <<runtime=wheel>>")
    'say its unit with elevation_unit, or use runtime=wheel'
    """
    return in_words(sentence, lambda field, value: f"{field}={value}" if value else field)
