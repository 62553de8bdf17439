"""How a command ends when it is told to: by Ctrl-C, SIGTERM or SIGHUP."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType

from .start import WORDS, leave_at_once, listen

_PATIENCE_S = {signal.SIGINT: 60.0, signal.SIGTERM: 10.0, signal.SIGHUP: 10.0}
"""How long what is nearly done may take. Who sends SIGTERM sends SIGKILL soon after: docker in
10 s, Slurm and Kubernetes in 30 s, systemd in 90 s."""


class Ending:
    """The first signal ends the command in order, the second ends the process at once.

    Before the command has `begun` there is nothing to bring in order. Later, in order means by
    KeyboardInterrupt, unless the command says that it needs none. Task processes end with this
    one, and what has no final name yet is removed by the next run.

    Parameters
    ----------
    may_wait
        Asked at the first signal, with the time that is left [s]: whether the command will end in
        order by itself.
    """

    def __init__(self, may_wait: Callable[[float], bool] = lambda _: False) -> None:
        self._may_wait = may_wait
        self._number: signal.Signals | None = None
        self._has_begun = False

    @property
    def is_asked(self) -> bool:
        """Whether a signal has come."""
        return self._number is not None

    @property
    def word(self) -> str:
        """What there is to say of it."""
        return WORDS[self._number or signal.SIGINT]

    @property
    def exit_code(self) -> int:
        """128 and the number of the first signal."""
        return 128 + (self._number or signal.SIGINT)

    def listen(self) -> None:
        """Take the signals from here on."""
        listen(self)

    def begin(self) -> None:
        """Say that from here on there is something to bring in order."""
        self._has_begun = True

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        if not self._has_begun:
            leave_at_once(number)
        if self._number is not None:
            os._exit(128 + number)
        self._number = signal.Signals(number)
        if not self._may_wait(_PATIENCE_S[self._number]):
            raise KeyboardInterrupt
