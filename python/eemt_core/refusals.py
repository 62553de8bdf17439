"""Why no task can run on a worker, told to the worker itself: whoever started it reads that.

A task tells the manager by its files. Work Queue's worker passes them on and reads none, so
`eemt-worker` names a file of its own to its tasks, in which they leave their sentence as well.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path

_VARIABLE = "EEMT_REFUSALS"
_MOST_BYTES = 1 << 16


def listen(environment: MutableMapping[str, str], path: Path) -> None:
    """Let tasks that are started with an environment leave their sentences in a file."""
    environment[_VARIABLE] = str(path)


def tell(sentence: str) -> None:
    """Leave a sentence where `listen` said; do nothing where nobody listens."""
    path = os.environ.get(_VARIABLE)
    if path:
        with suppress(OSError), open(path, "a", encoding="utf-8") as file:
            file.write(" ".join(sentence.split()) + "\n")


def told(path: Path) -> list[str]:
    """Return the sentences that tasks have left, each once."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    # whatever would move a terminal's cursor is left out
    plain = ("".join(c for c in line if c.isprintable()) for line in text.splitlines())
    return list(dict.fromkeys(line for line in plain if line))
