"""Checks what a worker says, line by line; lets through nothing that the protocol does not have.

Work Queue's own manager believes its workers: it writes files wherever they name them and copies
what they say into its logs. Here every line is text from a stranger, bounded in length and number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .protocol import (
    LONGEST_LINE,
    FileBegin,
    FileContent,
    FileEnd,
    FileMissing,
    Hello,
    IntroductionEnd,
    ProtocolError,
    ResultsAvailable,
    ResultsEnd,
    SelfReport,
    TaskReport,
    WorkerId,
    WorkerMessage,
)

LONGEST_OUTPUT = 1 << 20
"""Most bytes that a task may print; ours print into a file."""

SIZES = frozenset({b"cores", b"memory", b"disk"})
"""What a worker must tell before its introduction is complete."""

_HELLO = re.compile(rb"workqueue (\d{1,4}) (.+) ([\w.+~-]{1,64}) ([\w.+~-]{1,64}) ([\w.+~-]{1,64})")
_HOST = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9._:-]{0,252}")
_INFO = re.compile(rb"info ([a-z_-]{1,40}) ([\x21-\x7e]{1,255})")
_WORKER_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")
# of a worker with a GPU it is the name of that, whose last byte is a line feed written as "% A"
_FEATURE = re.compile(rb"feature [\x20-\x7e]{1,255}")
_RESOURCE = re.compile(rb"resource ([a-z]{1,16})((?: \d{1,12}(?:\.\d{1,9})?){3})")
_TAG = re.compile(rb"resource tag \d{1,18}")
_RESULT = re.compile(rb"result (\d{1,9}) (-?\d{1,9}) (\d{1,18}) (\d{1,18}) (\d{1,15})")
_FILE = re.compile(rb"file ([\x21-\x7e]{1,1024}) (\d{1,18})(?: 0?[0-7]{1,6})?")
_MISSING = re.compile(rb"missing ([\x21-\x7e]{1,1024}) (\d{1,9})")
# no machine has so many cores, or so many MB of memory or disk
_MOST = {b"cores": 1 << 16, b"gpus": 1 << 16, b"workers": 1 << 20, b"memory": 1 << 30,
         b"disk": 1 << 40}  # fmt: skip
_MOST_FEATURES = 64


@dataclass
class Allowance:
    """How many bytes the files of a task may have together."""

    left: int

    def take(self, size: int) -> None:
        """Subtract a size, or raise `ProtocolError` if it is too large."""
        if size > self.left:
            raise ProtocolError(
                f"it sent a result of {size} bytes, more than its task may have on disk"
            )
        self.left -= size


@dataclass
class WorkerParser:
    """Splits a worker's bytes into messages, however they are cut when they arrive.

    It is told what the worker was asked for, in order, and refuses whatever was not.
    """

    _rest: bytes = b""  # what is no whole line or output yet
    _asked: list[tuple[str, Allowance] | None] = field(default_factory=list)
    _following: int = 0  # bytes of a file or of what a task printed
    _result: tuple[int, tuple[int, ...]] | None = None
    _file: str | None = None
    _wants_end: bool = False
    _greeted: bool = False
    _sizes: set[bytes] = field(default_factory=set)
    _features: int = 0

    def expect_results(self) -> None:
        """Note that the worker was asked for results."""
        self._asked.append(None)

    def expect_file(self, name: str, allowance: Allowance) -> None:
        """Note that the worker was asked for a file of at most so many bytes."""
        self._asked.append((name, allowance))

    @property
    def owes(self) -> bool:
        """Whether the worker owes an answer."""
        return bool(self._asked)

    @property
    def file_bytes_left(self) -> int:
        """How many bytes of a file are still to come; nothing else is heard before them."""
        return self._following if self._result is None else 0

    def feed(self, content: bytes | memoryview) -> list[WorkerMessage]:
        """Return the messages that these bytes complete, or raise `ProtocolError`.

        Bytes of files are not copied: they are to be used before `content` changes.
        """
        view = memoryview(self._rest + content if self._rest else content)
        self._rest = b""
        messages: list[WorkerMessage] = []
        while view:
            if self.file_bytes_left:
                of_file = view[: self._following]
                messages.append(FileContent(of_file))
                self._following -= len(of_file)
                view = view[len(of_file) :]
                continue
            if self._result is not None:  # what a task printed is passed on in one content
                if len(view) < self._following:
                    break
                task, numbers = self._result
                messages.append(TaskReport(task, numbers, bytes(view[: self._following])))
                view = view[self._following :]
                self._following, self._result = 0, None
                continue
            line, newline, _ = bytes(view[: LONGEST_LINE + 1]).partition(b"\n")
            if not newline:
                if len(view) > LONGEST_LINE:
                    raise ProtocolError("it sent a line that has no end")
                break
            view = view[len(line) + 1 :]
            messages += self._hear(line)
        self._rest = bytes(view)
        return messages

    def _hear(self, line: bytes) -> list[WorkerMessage]:
        if not self._greeted:
            self._greeted = True
            return [self._hello(line)]
        if self._wants_end:
            return self._end_of_file(line)
        verb = line.split(b" ", 1)[0]
        if verb in (b"result", b"end", b"file", b"missing", b"dir", b"symlink", b"error"):
            return self._answer(verb, line)
        return self._about_itself(verb, line)

    def _hello(self, line: bytes) -> Hello:
        match = _HELLO.fullmatch(line)
        if match is None:
            raise ProtocolError("its first line is no worker's")
        # a worker that cannot resolve its machine's name sends arbitrary bytes
        host = match[2].decode() if _HOST.fullmatch(match[2]) else ""
        return Hello(int(match[1]), host, b" ".join(match.group(3, 4, 5)).decode())

    def _about_itself(self, verb: bytes, line: bytes) -> list[WorkerMessage]:
        if line == b"alive":
            return [SelfReport(line)]
        if line == b"available_results":
            return [ResultsAvailable()]
        if verb == b"info":
            return [self._info(line)]
        if verb == b"resource":
            return [self._resource(line)]
        if verb == b"feature" and _FEATURE.fullmatch(line):
            self._features += 1
            if self._features > _MOST_FEATURES:
                raise ProtocolError("it has more features than anything has")
            return [SelfReport(line)]
        raise ProtocolError(f"it said {_shown(line)}, which no worker says")

    def _info(self, line: bytes) -> WorkerMessage:
        match = _INFO.fullmatch(line)
        if match is None:
            raise ProtocolError(f"it said {_shown(line)}, which no worker says")
        if match[1] == b"worker-id":
            if not _WORKER_ID.fullmatch(match[2]):
                raise ProtocolError(
                    f"it calls itself {_shown(match[2])}, which is no worker's name"
                )
            return WorkerId(match[2].decode())
        if match[1] == b"end_of_resource_update":
            lacking = sorted(SIZES - self._sizes)
            if lacking:
                raise ProtocolError(f"it did not say how much {lacking[0].decode()} it has")
            return IntroductionEnd(line)
        return SelfReport(line)

    def _resource(self, line: bytes) -> WorkerMessage:
        if _TAG.fullmatch(line):
            return SelfReport(line)
        match = _RESOURCE.fullmatch(line)
        if match is None or match[1] not in _MOST:
            raise ProtocolError(
                f"it said {_shown(line)}, which is no number of anything it may have"
            )
        if any(float(number) > _MOST[match[1]] for number in match[2].split()):
            raise ProtocolError(f"it said {_shown(line)}, more than any machine has")
        self._sizes.add(match[1])
        return SelfReport(line)

    def _answer(self, verb: bytes, line: bytes) -> list[WorkerMessage]:
        if not self._asked:
            raise ProtocolError(f"it said {_shown(line)}, which nobody had asked for")
        asked = self._asked[0]
        if asked is None:
            if line == b"end":
                self._asked.pop(0)
                return [ResultsEnd()]
            return self._begin_result(line)
        name, allowance = asked
        if verb in (b"dir", b"symlink"):
            kind = "directory" if verb == b"dir" else "link"
            raise ProtocolError(f"it answered with a {kind} where a plain file was asked for")
        if verb == b"missing" and (match := _MISSING.fullmatch(line)):
            self._file, self._wants_end = None, True
            self._check_name(match[1], name)
            return [FileMissing(name, int(match[2]))]
        match = _FILE.fullmatch(line)
        if match is None:
            raise ProtocolError(f"asked for a file it said {_shown(line)}")
        self._check_name(match[1], name)
        size = int(match[2])
        allowance.take(size)
        self._file, self._following, self._wants_end = name, size, True
        return [FileBegin(name, size)]

    def _check_name(self, given: bytes, asked: str) -> None:
        if given != asked.encode():
            raise ProtocolError(f"it named a file {_shown(given)} that nobody had asked for")

    def _begin_result(self, line: bytes) -> list[WorkerMessage]:
        match = _RESULT.fullmatch(line)
        if match is None:
            raise ProtocolError(f"asked for results it said {_shown(line)}")
        status, exit_code, length, time_us, task = map(int, match.groups())
        if length > LONGEST_OUTPUT:
            raise ProtocolError(
                f"one of its tasks printed {length} bytes, and ours print next to none"
            )
        self._result, self._following = (task, (status, exit_code, length, time_us, task)), length
        if length:
            return []
        self._result = None
        return [TaskReport(task, (status, exit_code, 0, time_us, task), b"")]

    def _end_of_file(self, line: bytes) -> list[WorkerMessage]:
        if line != b"end":
            raise ProtocolError(f"after a file it said {_shown(line)} instead of its end")
        self._asked.pop(0)
        self._wants_end = False
        name, self._file = self._file, None
        return [] if name is None else [FileEnd(name)]


def _shown(line: bytes) -> str:
    """Return a stranger's messages for our users: short, and printable."""
    return ascii(line[:60].decode("latin-1")) + ("..." if len(line) > 60 else "")
