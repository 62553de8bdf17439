"""Fetches the results of one worker's tasks before the queue is told that there are any.

The queue has one thread: once it has asked a worker for a result, it serves no other worker until
the result is there. So the gate asks in the queue's place, file by file as the task was described,
and announces the results when all of them have arrived. The queue's own questions are then
answered at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .arrivals import ArrivingFile, forget
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
    """One worker's tasks and results.

    Attributes
    ----------
    parser
        Of the worker's messages; it is told what the worker was asked for.
    folder
        Where results arrive.
    report_full
        Called with the number of the system's error where a result cannot be written there.
    """

    parser: WorkerParser
    folder: Path
    report_full: Callable[[int], None]
    _tasks: dict[int, TaskDescription] = field(default_factory=dict)
    _fetching: bool = False
    _again: bool = False  # more results were announced meanwhile
    _reported: set[int] = field(default_factory=set)
    _batch: list[TaskReport] = field(default_factory=list)
    _ready: list[TaskReport] = field(default_factory=list)
    _files_asked: int = 0  # files that have been asked for
    _receiving: ArrivingFile | None = None  # the one that is arriving
    # by name; the number of an error for a file that the worker has not
    _files: dict[str, ArrivingFile | int] = field(default_factory=dict)
    _announced: bool = False  # to the queue, which has not asked yet

    def task_assigned(self, task: TaskDescription) -> None:
        """Note a task that the queue has given to the worker."""
        self._tasks[task.number] = task
        for name in task.outputs:  # of a worker that had it before, and was lost
            forget(self.folder, name)

    def task_killed(self, number: int) -> None:
        """Forget a task that the queue ends, with its results and files."""
        task = self._tasks.pop(number, None)
        self._reported.discard(number)
        self._ready = [result for result in self._ready if result.task != number]
        for name in task.outputs if task else ():
            self._drop(name)

    def hear(self, message: WorkerMessage) -> tuple[bytes, bytes]:
        """Handle a message of the worker; return bytes to send to the worker and to the queue."""
        match message:
            case ResultsAvailable():
                if self._fetching:
                    self._again = True
                    return b"", b""
                return self._ask(), b""
            case TaskReport():
                self._note(message)
            case ResultsEnd():
                return self._fetch()
            case FileBegin(size=size):
                self._receiving = ArrivingFile(self.folder, size)
            case FileContent(content):
                assert self._receiving is not None
                self._receiving.add(content)
            case FileEnd(name):
                assert self._receiving is not None
                self._receiving.complete()
                self._files[name], self._receiving = self._receiving, None
                return self._arrived()
            case FileMissing(name, error):
                self._files[name] = error
                return self._arrived()
        return b"", b""

    def results_answer(self) -> bytes:
        """Return the answer to the queue that asks for results."""
        told = bytearray()
        for result in self._ready:
            told += b"result %s\n" % " ".join(map(str, result.numbers)).encode() + result.output
        self._ready.clear()
        self._announced = False
        return bytes(told) + b"end\n"

    def file_answer(self, name: str) -> bytes:
        """Put a file where the manager takes it from; return the answer to the queue that asks.

        The queue gets a stand-in. An empty file needs none.
        """
        file = self._files.pop(name, _NOT_FOUND)
        if isinstance(file, ArrivingFile):
            stand_in = file.deliver(name)
            if stand_in is not None:
                content = stand_in.written() if stand_in.size else b""
                return f"file {name} {len(content)}\n".encode() + content + b"end\n"
            self.report_full(file.error)
            file = file.error
        return f"missing {name} {file}\nend\n".encode()

    def close(self) -> None:
        """Remove all that has arrived."""
        for name in list(self._files):
            self._drop(name)
        if self._receiving is not None:
            self._receiving.close()

    def _ask(self) -> bytes:
        self._fetching, self._again = True, False
        self.parser.expect_results()
        return _ASK

    def _note(self, result: TaskReport) -> None:
        if result.task not in self._tasks:
            return  # the queue has ended it meanwhile
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
                self.parser.expect_file(name, allowance)
                asking += f"get {name} 1\n".encode()
                self._files_asked += 1
        return (bytes(asking), b"") if self._files_asked else self._complete()

    def _arrived(self) -> tuple[bytes, bytes]:
        self._files_asked -= 1
        return (b"", b"") if self._files_asked else self._complete()

    def _complete(self) -> tuple[bytes, bytes]:
        """Announce a batch of which all files are there; ask for what has ended meanwhile."""
        self._ready += [result for result in self._batch if result.task in self._tasks]
        self._batch.clear()
        wanted = {name for task in self._tasks.values() for name in task.outputs}
        for name in self._files.keys() - wanted:
            self._drop(name)
        announcement = ANNOUNCEMENT if self._ready and not self._announced else b""
        self._announced = self._announced or bool(announcement)
        self._fetching = False
        return self._ask() if self._again else b"", announcement

    def _drop(self, name: str) -> None:
        file = self._files.pop(name, None)
        if isinstance(file, ArrivingFile):
            file.close()
