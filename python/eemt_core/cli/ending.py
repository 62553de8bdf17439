"""How a command ends when it is told to: by Ctrl-C, SIGTERM or SIGHUP."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from .signals import WORDS, hear_nothing, leave_at_once, listen

_PATIENCE_S = {signal.SIGINT: 60.0, signal.SIGTERM: 10.0, signal.SIGHUP: 10.0}
"""How long what is nearly done may take. Who sends SIGTERM sends SIGKILL soon after: docker in
10 s, Slurm and Kubernetes in 30 s, systemd in 90 s."""

_AGAIN_AFTER_S = 0.01
"""When an interrupt that was lost is tried again: what lost it, a finalizer, is done by then."""


_ECHO_S = 1.0
"""How long after a signal the same one again is taken for it: a batch system tells all processes of
a job, and ``srun`` and shells among them pass on what they hear."""


class Ending:
    """The first signal ends the command in order, a later one ends the process at once.

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
        self._since_s = 0.0
        self._has_begun = False
        self._is_lost = False
        self._is_over = False

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
        # the interpreter takes handlers away before it takes the rest of itself apart
        atexit.register(hear_nothing)
        before = sys.unraisablehook

        def hook(unraisable: sys.UnraisableHookArgs) -> None:
            if unraisable.exc_type is KeyboardInterrupt and self._number is not None:
                self._try_again(self._number)
            else:
                before(unraisable)

        sys.unraisablehook = hook

    def begin(self) -> None:
        """Say that from here on there is something to bring in order."""
        self._has_begun = True

    def over(self) -> None:
        """Say that the exit code stands: the process is about to end in order anyway."""
        self._is_over = True

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        if not self._has_begun and not self._is_over:
            leave_at_once(number)
        if self._is_lost:
            self._is_lost = False
            if not self._is_over:
                raise KeyboardInterrupt
            return
        if self._number is not None:
            if number == self._number and time.monotonic() - self._since_s < _ECHO_S:
                return
            os._exit(128 + number)
        self._number, self._since_s = signal.Signals(number), time.monotonic()
        if not self._is_over and not self._may_wait(_PATIENCE_S[self._number]):
            raise KeyboardInterrupt

    def _try_again(self, number: signal.Signals) -> None:
        """Interrupt once more, for Python drops what is raised in finalizers and C's callbacks."""
        main = threading.main_thread().ident
        if main is None or self._is_over:
            return

        def interrupt() -> None:
            self._is_lost = True
            signal.pthread_kill(main, number)

        timer = threading.Timer(_AGAIN_AFTER_S, interrupt)
        timer.daemon = True
        timer.start()
