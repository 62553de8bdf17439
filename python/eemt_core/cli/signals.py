"""The signals that end a command.

Nothing is imported here but what the interpreter has loaded already, for this is read before all
else: even `signal` itself brings a dozen modules along.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

WORDS: dict[int, str] = {
    signal.SIGINT: "Interrupted",
    signal.SIGTERM: "Terminated",
    signal.SIGHUP: "Hung up",
}
"""The signals that end a command, and what it says then."""


def listen(handler: Callable[[int, FrameType | None], None]) -> None:
    """Let `handler` have the signals that end a command; SIGHUP not where nohup has it ignored."""
    for number in WORDS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def hear_nothing() -> None:
    """Ignore the signals from here on."""
    listen(signal.SIG_IGN)


def leave_at_once(number: int, _frame: FrameType | None = None) -> None:
    """End the process with one word and the exit code of the signal."""
    try:  # noqa: SIM105
        os.write(2, f"{WORDS[number]}.\n".encode())
    except OSError:
        pass
    os._exit(128 + number)
