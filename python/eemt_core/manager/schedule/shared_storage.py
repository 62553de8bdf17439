"""Which workers see the storage that a run shares with them, and what is done about the others."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...engines.base import Engine
from ..inputs.shared_folder import SharedFolder

_BLOCKED_S = 86400.0


@dataclass
class SharedStorage:
    """Decides whether tasks go on to use the storage.

    Work Queue chooses the worker of a task, so files lie on the storage for all workers or travel
    to all of them. While fewer than half of the connected cores lack the storage, workers without
    it get no tasks; otherwise files travel from then on.

    Attributes
    ----------
    folder
        The run's folder there; None where it uses no such storage.
    """

    engine: Engine
    folder: SharedFolder | None
    _without: set[str] = field(default_factory=set)
    _hosts: set[str] = field(default_factory=set)
    _why: str = ""
    _is_told: bool = False

    def missed_by(self, worker: str, host: str, why: str) -> str:
        """Note that a task did not find the storage on a worker; return a sentence if it is news.

        Parameters
        ----------
        why
            What the task said.
        """
        if self.folder is None or not self.folder.is_used:
            return ""
        self._without.add(worker)
        self._why = why
        sentence = self.give_up()
        if sentence:
            return sentence
        self.engine.block_worker(worker, _BLOCKED_S)
        if host in self._hosts:
            return ""
        self._hosts.add(host)
        return (
            f"{host} gets no tasks, since {why}: mount {self.folder.directory} there under this "
            "name, or leave out <<shared_dir>>."
        )

    def give_up(self) -> str:
        """Let files travel if too many cores lack the storage; return a sentence if it is so."""
        if self.folder is None or self._is_told:
            return ""
        if self.folder.failure:
            self._is_told = True
            return (
                f"Nothing can be written to {self.folder.directory} ({self.folder.failure}): "
                "inputs and results travel by the network from now on."
            )
        pool = self.engine.pool
        lacking = [w for w in pool.workers if w.worker in self._without]
        if not lacking or 2 * sum(w.cores for w in lacking) < pool.cores:
            return ""
        self.folder.is_used, self._is_told = False, True
        for worker in lacking:
            self.engine.block_worker(worker.worker, 0.0)
        return (
            f"On {lacking[0].host} {self._why}: inputs and results travel by the network from now "
            "on."
        )
