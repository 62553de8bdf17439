"""Workers of this machine, kept running as long as there is work for them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import ArgumentError, EemtError, InputError, ResourceError, VersionError
from ..machine.parent import let_go

_GRACE_S = 15.0
_SOON_S = 10.0
_MOST_EARLY_ENDS = 3
_TAIL_BYTES = 4096
_KINDS = {kind.exit_code: kind for kind in (ArgumentError, InputError, ResourceError, VersionError)}


@dataclass
class _Running:
    process: subprocess.Popen[bytes]
    log: Path
    started_s: float


class LocalWorkers:
    """Starts workers with one command, replaces those that end, ends all that are left.

    Each holds a pipe from this process and ends when that does, even if this process is killed.
    Its output is kept in a file below `logs`.

    A worker may end at any time. Only if several in a row end as soon as they have started, no more
    are started.
    """

    def __init__(self, command: Sequence[str], logs: Path) -> None:
        # once: where the folder is gone later, the run is, and nothing may be made in its place
        logs.mkdir(parents=True, exist_ok=True)
        self._command, self._logs = list(command), logs
        self._running: list[_Running] = []
        self._early_ends = 0
        self._has_given_up = False

    def __len__(self) -> int:
        return len(self._running)

    def keep(self, count: int) -> EemtError | None:
        """Start workers until `count` run.

        Return the error, once, if no more will be started, with the last words of one of them.
        """
        ended = [worker for worker in self._running if worker.process.poll() is not None]
        self._running = [worker for worker in self._running if worker not in ended]
        for worker in ended:
            let_go(worker.process)
            lived_s = time.monotonic() - worker.started_s
            early = worker.process.returncode != 0 and lived_s < _SOON_S
            self._early_ends = self._early_ends + 1 if early else 0
        if self._has_given_up:
            return None
        if self._early_ends >= _MOST_EARLY_ENDS:
            self._has_given_up = True
            return _why(ended[-1])
        while len(self._running) < count:
            self._start()
        return None

    def close(self) -> None:
        """End all workers and wait for them."""
        for worker in self._running:
            let_go(worker.process)
        deadline = time.monotonic() + _GRACE_S
        for worker in self._running:
            try:
                worker.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
        self._running.clear()

    def _start(self) -> None:
        taken = {worker.log for worker in self._running}
        places = (self._logs / f"worker-{number}.txt" for number in range(len(taken) + 1))
        log = next(place for place in places if place not in taken)
        with log.open("wb") as said:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.append(_Running(process, log, time.monotonic()))


def _why(worker: _Running) -> EemtError:
    code, said = worker.process.returncode, b""
    with suppress(OSError):
        said = worker.log.read_bytes()[-_TAIL_BYTES:]
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    words = lines[-1].strip().removeprefix("Error: ") if lines else f"exit code {code}, no word"
    kind = ResourceError if code < 0 else _KINDS.get(code, EemtError)
    return kind(f"{_MOST_EARLY_ENDS} workers of this machine ended as soon as they began: {words}")
