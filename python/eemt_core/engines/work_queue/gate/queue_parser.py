"""Reads what the queue says to a worker.

The queue is ours and believed, so its bytes are passed on unchanged. They are read because the gate
has to know which result files a task leaves, how large they may be, and what the queue asks for.
"""

from __future__ import annotations

from dataclasses import dataclass

from .protocol import (
    SLACK_BYTES,
    FileRequest,
    Passthrough,
    QueueMessage,
    ResultsRequest,
    TaskAssigned,
    TaskDescription,
    TaskKilled,
)

_MB = 1 << 20


@dataclass
class QueueParser:
    """Splits the queue's bytes into messages, however they are cut when they arrive."""

    _rest: bytes = b""  # a line that has no end yet
    _following: int = 0
    _task: TaskDescription | None = None

    @property
    def is_within_message(self) -> bool:
        """Whether the bytes passed on so far end in the middle of a file or of a task's lines.

        A worker takes whatever comes there for a part of it, and hangs up where that cannot be.
        """
        return self._following > 0 or self._task is not None

    def feed(self, content: bytes) -> list[QueueMessage]:
        """Return the messages that these bytes complete, in order."""
        content, self._rest = self._rest + content, b""
        place, end = 0, len(content)
        found: list[QueueMessage] = []
        passing = bytearray()  # collected, so that few large parts are passed on

        def add(message: QueueMessage) -> None:
            if passing:
                found.append(Passthrough(bytes(passing)))
                passing.clear()
            found.append(message)

        while place < end:
            if self._following:
                count = min(self._following, end - place)
                passing += memoryview(content)[place : place + count]
                self._following -= count
                place += count
                continue
            line_end = content.find(b"\n", place)
            if line_end < 0:
                self._rest = content[place:]
                break
            line = content[place:line_end]
            place = line_end + 1
            message = self._read(line.decode("latin-1").split(" "))
            if not isinstance(message, ResultsRequest | FileRequest):
                passing += line + b"\n"
            if message is not None:
                add(message)
        if passing:
            found.append(Passthrough(bytes(passing)))
        return found

    def _read(self, words: list[str]) -> QueueMessage | None:
        match words:
            case ["send_results", *_]:
                return ResultsRequest()
            case ["get", name, *_]:
                return FileRequest(name)
            case ["put", _, size, *_] | ["cmd", size]:
                self._following = int(size)
            case ["task", number]:
                self._task = TaskDescription(int(number))
            case ["disk", size] if self._task:
                self._task.most_bytes = int(float(size)) * _MB + SLACK_BYTES
            case ["outfile", name, *_] if self._task:
                self._task.outputs.append(name)
            case ["end"] if self._task:
                task, self._task = self._task, None
                return TaskAssigned(task)
            case ["kill", number]:
                return TaskKilled(int(number))
        return None
