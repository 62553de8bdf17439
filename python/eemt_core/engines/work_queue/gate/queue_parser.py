"""What the queue says to a worker: passed on as it is, and read along.

This side is ours and believed. It is read so that the gate knows which files a task leaves, how
large they may be, and what the queue asks for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_MB = 1 << 20
_SLACK = 1 << 20  # a log beside the results


@dataclass
class TaskOrder:
    """A task that the worker was given.

    Attributes
    ----------
    outputs
        Names of its files, as they are asked for.
    most_bytes
        What they may have together.
    """

    number: int
    outputs: list[str] = field(default_factory=list)
    most_bytes: int = _SLACK


@dataclass(frozen=True)
class Passed:
    """Bytes for the worker."""

    content: bytes


@dataclass(frozen=True)
class Ordered:
    """A task has been described completely."""

    task: TaskOrder


@dataclass(frozen=True)
class ResultsWanted:
    """The queue asks for results."""


@dataclass(frozen=True)
class FileWanted:
    """The queue asks for a file."""

    name: str


@dataclass(frozen=True)
class Killed:
    """The queue has done with a task."""

    task: int


@dataclass(frozen=True)
class Unlinked:
    """The queue has done with a file."""

    name: str


Order = Passed | Ordered | ResultsWanted | FileWanted | Killed | Unlinked


@dataclass
class Orders:
    """Takes the queue's bytes apart, in whatever pieces they come."""

    _rest: bytearray = field(default_factory=bytearray)
    _following: int = 0
    _task: TaskOrder | None = None

    def feed(self, content: bytes) -> list[Order]:
        """Return what the queue wants with these bytes, in order."""
        self._rest += content
        found: list[Order] = []
        passing = bytearray()  # what is passed on goes in as few pieces as may be

        def add(order: Order) -> None:
            if passing:
                found.append(Passed(bytes(passing)))
                passing.clear()
            found.append(order)

        while self._rest:
            if self._following:
                piece = self._rest[: self._following]
                del self._rest[: len(piece)]
                self._following -= len(piece)
                passing += piece
                continue
            line, newline, _ = self._rest.partition(b"\n")
            if not newline:
                break
            del self._rest[: len(line) + 1]
            order = self._read(line.decode("latin-1").split(" "))
            if not isinstance(order, ResultsWanted | FileWanted):
                passing += line + b"\n"
            if order is not None:
                add(order)
        if passing:
            found.append(Passed(bytes(passing)))
        return found

    def _read(self, words: list[str]) -> Order | None:
        match words:
            case ["send_results", *_]:
                return ResultsWanted()
            case ["get", name, *_]:
                return FileWanted(name)
            case ["put", _, size, *_] | ["cmd", size]:
                self._following = int(size)
            case ["task", number]:
                self._task = TaskOrder(int(number))
            case ["disk", size] if self._task:
                self._task.most_bytes = int(float(size)) * _MB + _SLACK
            case ["outfile", name, *_] if self._task:
                self._task.outputs.append(name)
            case ["end"] if self._task:
                task, self._task = self._task, None
                return Ordered(task)
            case ["kill", number]:
                return Killed(int(number))
            case ["unlink", name]:
                return Unlinked(name)
        return None
