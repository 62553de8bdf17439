"""Python's search for objects that hold each other, left out where it takes time and finds nothing.

Loading makes some hundred thousand objects that all stay, and each search goes through those that
there are: a tenth of what loading takes. At the end of the process it would go through all that is
left, which goes with the process anyway.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """Search for none within a `with` block, and never among what is there at its end."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def leave_without_collection() -> None:
    """Search for none when the process ends, in a program that leaves no file open by then.

    What functions registered with `atexit` and `weakref.finalize` do is done as always.
    """
    atexit.register(gc.freeze)
