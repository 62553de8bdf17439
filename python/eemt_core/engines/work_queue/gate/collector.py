"""Fetches the results of one worker's tasks before the queue is told that there are any.

The queue has one thread: having asked a worker for a result it waits for nobody else until it has
it. So the gate asks in its place, file by file as the task was described, and when all is there it
shows the queue a worker that answers at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .buffers import ReceivedFile
from .protocol import (
    FileBegin,
    FileContent,
    FileEnd,
    FileMissing,
    ProtocolError,
    ResultsAvailable,
    ResultsEnd,
    TaskDescription,
    TaskReport,
    WorkerMessage,
)
from .worker_parser import Allowance, WorkerParser

ANNOUNCEMENT = b"available_results\n"
_ASK = b"send_results -1\n"
_NOT_FOUND = 2


@dataclass
class Collector:
    """What a worker has been given, and what it has given back.

    Attributes
    ----------
    speech
        SelfReport of each question, so that it knows the answers.
    """

    speech: WorkerParser
    folder: Path
    _tasks: dict[int, TaskDescription] = field(default_factory=dict)
    _fetching: bool = False
    _again: bool = False  # it has announced more in the meantime
    _reported: set[int] = field(default_factory=set)
    _batch: list[TaskReport] = field(default_factory=list)
    _ready: list[TaskReport] = field(default_factory=list)
    _open: int = 0  # files that have been asked for
    _parcel: ReceivedFile | None = None  # the one that is arriving
    _files: dict[str, ReceivedFile | int] = field(
        default_factory=dict
    )  # or the number of its error
    _shown: bool = False

    def ordered(self, task: TaskDescription) -> None:
        """The queue has given the worker a task."""
        self._tasks[task.number] = task

    def killed(self, number: int) -> None:
        """The queue has done with a task: its results and files are of no use any more."""
        task = self._tasks.pop(number, None)
        self._reported.discard(number)
        self._ready = [result for result in self._ready if result.task != number]
        for name in task.outputs if task else ():
            self._drop(name)

    def hear(self, word: WorkerMessage) -> tuple[bytes, bytes]:
        """Take an answer; return what to say to the worker and what to the queue."""
        match word:
            case ResultsAvailable():
                if self._fetching:
                    self._again = True
                    return b"", b""
                return self._ask(), b""
            case TaskReport():
                self._note(word)
            case ResultsEnd():
                return self._fetch()
            case FileBegin():
                self._parcel = ReceivedFile(self.folder)
            case FileContent(content):
                assert self._parcel is not None
                self._parcel.add(content)
            case FileEnd(name):
                assert self._parcel is not None
                self._files[name], self._parcel = self._parcel, None
                return self._arrived()
            case FileMissing(name, error):
                self._files[name] = error
                return self._arrived()
        return b"", b""

    def results_wanted(self) -> bytes:
        """Return the answer to the queue that asks for results."""
        told = bytearray()
        for result in self._ready:
            told += b"result %s\n" % " ".join(map(str, result.numbers)).encode() + result.output
        self._ready.clear()
        self._shown = False
        return bytes(told) + b"end\n"

    def file_wanted(self, name: str) -> tuple[bytes, ReceivedFile | None]:
        """Return the answer to the queue that asks for a file: its first line, its content."""
        file = self._files.pop(name, _NOT_FOUND)
        if isinstance(file, ReceivedFile):
            return f"file {name} {file.size}\n".encode(), file
        return f"missing {name} {file}\n".encode(), None

    def close(self) -> None:
        """Let go of everything."""
        for name in list(self._files):
            self._drop(name)
        if self._parcel is not None:
            self._parcel.close()

    def _ask(self) -> bytes:
        self._fetching, self._again = True, False
        self.speech.expect_results()
        return _ASK

    def _note(self, result: TaskReport) -> None:
        if result.task not in self._tasks:
            return  # the queue has taken it back in the meantime
        if result.task in self._reported:
            raise ProtocolError("it told of one task twice")
        self._reported.add(result.task)
        self._batch.append(result)

    def _fetch(self) -> tuple[bytes, bytes]:
        """Ask for the files of all tasks that have ended."""
        asking = bytearray()
        for result in self._batch:
            if (task := self._tasks.get(result.task)) is None:
                continue
            allowance = Allowance(task.most_bytes)
            for name in task.outputs:
                self.speech.expect_file(name, allowance)
                asking += f"get {name} 1\n".encode()
                self._open += 1
        return (bytes(asking), b"") if self._open else self._complete()

    def _arrived(self) -> tuple[bytes, bytes]:
        self._open -= 1
        return (b"", b"") if self._open else self._complete()

    def _complete(self) -> tuple[bytes, bytes]:
        """All of a batch is there: announce it, and fetch what has ended meanwhile."""
        self._ready += [result for result in self._batch if result.task in self._tasks]
        self._batch.clear()
        wanted = {name for task in self._tasks.values() for name in task.outputs}
        for name in self._files.keys() - wanted:
            self._drop(name)
        announcement = ANNOUNCEMENT if self._ready and not self._shown else b""
        self._shown = self._shown or bool(announcement)
        self._fetching = False
        return self._ask() if self._again else b"", announcement

    def _drop(self, name: str) -> None:
        file = self._files.pop(name, None)
        if isinstance(file, ReceivedFile):
            file.close()
