"""The first lines of every command: what may happen before it is loaded.

Loading takes some tenths of a second. Nothing has been made by then, so whoever wants the command
to end in that time is obeyed at once and without a traceback.
"""

from __future__ import annotations

from .signals import leave_at_once, listen


def run() -> None:
    """Start ``eemt-run``."""
    listen(leave_at_once)
    from .run import main

    main()


def worker() -> None:
    """Start ``eemt-worker``."""
    listen(leave_at_once)
    from .worker import main

    main()


def status() -> None:
    """Start ``eemt-status``."""
    listen(leave_at_once)
    from .status import main

    main()


def submit() -> None:
    """Start ``eemt-submit``."""
    listen(leave_at_once)
    from .submit import main

    main()


def tile() -> None:
    """Start ``eemt-tile``."""
    listen(leave_at_once)
    from .tile import main

    main()


def web() -> None:
    """Start ``eemt-web``."""
    listen(leave_at_once)
    from .web import main

    main()
