"""Workers of this machine, kept running as long as there is work for them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence

_GRACE_S = 15.0
_SOON_S = 10.0
_MOST_EARLY_ENDS = 5


class LocalWorkers:
    """Starts workers with one command, replaces those that end, ends all that are left.

    Each holds a pipe from this process and ends when that does, even if this process is killed.

    A worker may end at any time; only if several in a row end as soon as they are started is no
    other one started.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._processes: dict[subprocess.Popen[bytes], float] = {}
        self._early_ends = 0

    def __len__(self) -> int:
        return len(self._processes)

    def keep(self, count: int) -> str:
        """Start workers until `count` run; return a sentence if none will be started any more."""
        before = self._early_ends
        for process in [p for p in self._processes if p.poll() is not None]:
            started = self._processes.pop(process)
            _close_pipe(process)
            early = process.returncode != 0 and time.monotonic() - started < _SOON_S
            self._early_ends = self._early_ends + 1 if early else 0
        if self._early_ends >= _MOST_EARLY_ENDS:
            if before >= _MOST_EARLY_ENDS:
                return ""
            return (
                f"{_MOST_EARLY_ENDS} workers of this machine ended at once; no more are started. "
                f"See what they say with: {' '.join(self._command)} --dry-run"
            )
        while len(self._processes) < count:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._processes[process] = time.monotonic()
        return ""

    def close(self) -> None:
        """End all workers and wait for them."""
        for process in self._processes:
            _close_pipe(process)
            process.terminate()
        deadline = time.monotonic() + _GRACE_S
        for process in self._processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()


def _close_pipe(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
