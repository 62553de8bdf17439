"""A form as it arrives: files go to the disk piece by piece, never into memory as a whole.

The framework's own way keeps a file in memory or in the system's temporary folder until all of it
has come; neither can be bounded there while it comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from ...errors import ArgumentError, EemtError
from ...errors.system import cannot_write
from .names import shown_name

_MOST_FIELDS, _MOST_TEXT_BYTES = 200, 2**16
_PIECE_BYTES = 2**20
_DRAINED_BYTES, _DRAINED_S = 2**26, 10.0
"""So much of a refused form is still taken: a client that sends reads no answer before its end."""

_AROUND_FILES_BYTES = 2**20
"""What a form's text and the lines between its parts may add to its files."""


@dataclass(frozen=True)
class ReceivedFile:
    """A file that has come whole.

    Attributes
    ----------
    field
        The form's field.
    original_name
        What the sender calls it: text to be shown, never a path.
    path
        Where it lies, under a name of ours.
    size
        Its bytes.
    """

    field: str
    original_name: str
    path: Path
    size: int


@dataclass
class Form:
    """What a form holds."""

    texts: dict[str, str] = field(default_factory=dict)
    files: list[ReceivedFile] = field(default_factory=list)


@dataclass(frozen=True)
class Limits:
    """What may come.

    Attributes
    ----------
    file_fields
        Names of the fields that may hold a file.
    most_bytes
        Of all files of the form together.
    most_files
        How many files.
    require_room
        Called with the number of bytes that are still to come, before and while they come;
        raises if the disk has no room for them.
    """

    file_fields: Collection[str]
    most_bytes: int
    most_files: int
    require_room: Callable[[int], None]


async def receive_form(
    headers: Mapping[str, str], stream: AsyncIterator[bytes], folder: Path, limits: Limits
) -> Form:
    """Take a form from the network; its files are written to `folder` as they come.

    Parameters
    ----------
    headers
        Of the request, by their names in lower case.
    stream
        Its body.

    Raises
    ------
    ArgumentError
        If it is no form, too long, or holds a file in another field; the field is named.
    ResourceError
        If the disk has no room for it.
    """
    try:
        kind, options = parse_options_header(headers.get("content-type"))
        announced = _announced(headers)
        if announced > limits.most_bytes + _AROUND_FILES_BYTES:
            raise _too_long(limits)
        if kind == b"multipart/form-data":
            limits.require_room(announced)
            receiver = _Receiver(options.get(b"boundary", b""), folder, limits)
            return await receiver.take(stream)
        if kind in (b"application/x-www-form-urlencoded", b""):
            return Form(texts=_from_url(await _all_of(stream)))
    except EemtError:
        await _drain(stream)
        raise
    await _drain(stream)
    raise ArgumentError(
        "the request holds no form",
        remedy="send it as multipart/form-data or as application/x-www-form-urlencoded",
        field="form",
    )


def _announced(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _too_long(limits: Limits) -> ArgumentError:
    return ArgumentError(
        f"more than {limits.most_bytes / 2**20:.0f} MiB were sent, which is the most that is taken",
        remedy="cut the data to the region that matters, or store it compressed",
        field=min(limits.file_fields, default="form"),
    )


async def _all_of(stream: AsyncIterator[bytes]) -> bytes:
    content = bytearray()
    async for piece in stream:
        content += piece
        if len(content) > _MOST_TEXT_BYTES:
            raise ArgumentError(
                f"the form has more than {_MOST_TEXT_BYTES} bytes of text",
                remedy="send files as multipart/form-data",
                field="form",
            )
    return bytes(content)


async def _drain(stream: AsyncIterator[bytes]) -> None:
    taken = 0
    with suppress(Exception):  # the answer is known already, whatever becomes of the rest
        async with asyncio.timeout(_DRAINED_S):
            async for piece in stream:
                taken += len(piece)
                if taken > _DRAINED_BYTES:
                    return


def _from_url(content: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            content.decode("ascii"), keep_blank_values=True, strict_parsing=bool(content),
            errors="strict", max_num_fields=_MOST_FIELDS,
        )  # fmt: skip
    except ValueError:  # also where it is no UTF-8
        raise _no_form() from None
    texts: dict[str, str] = {}
    for name, text in pairs:
        _add(texts, name, text)
    return texts


def _add(texts: dict[str, str], name: str, text: str) -> None:
    """Add a text; boxes of one name that were ticked come as a list."""
    texts[name] = f"{texts[name]},{text}" if name in texts else text


def _no_form() -> ArgumentError:
    return ArgumentError("the form cannot be read", remedy="send it again", field="form")


class _Receiver:
    """Takes one multipart form; the parser calls its methods with pieces of the body."""

    def __init__(self, boundary: bytes, folder: Path, limits: Limits) -> None:
        self._folder, self._limits = folder, limits
        self._form = Form()
        self._header, self._value = bytearray(), bytearray()
        self._disposition = b""
        self._name, self._file_name = "", ""
        self._text, self._text_bytes, self._parts = bytearray(), 0, 0
        self._file: IO[bytes] | None = None
        self._file_bytes, self._all_bytes = 0, 0
        self._waiting, self._is_over = bytearray(), False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": lambda d, i, j: self._header.extend(d[i:j]),
                    "on_header_value": lambda d, i, j: self._value.extend(d[i:j]),
                    "on_header_end": self._header_ends,
                    "on_headers_finished": self._headers_end,
                    "on_part_data": self._data,
                    "on_part_end": self._part_ends,
                    "on_end": self._ends,
                },
            )
        except FormParserError:
            raise _no_form() from None
        if not boundary:
            raise _no_form()

    async def take(self, stream: AsyncIterator[bytes]) -> Form:
        """Take all of it."""
        try:
            async for piece in stream:
                try:
                    self._parser.write(piece)
                except FormParserError:
                    raise _no_form() from None
                if len(self._waiting) >= _PIECE_BYTES:
                    await asyncio.to_thread(self._write)
            if not self._is_over:
                raise _no_form()
        finally:
            if self._file is not None:
                self._file.close()
        return self._form

    def _write(self) -> None:
        """Bring to the disk what has come of a file, while there is room."""
        if self._file is None or not self._waiting:
            return
        self._limits.require_room(0)
        try:
            self._file.write(self._waiting)
            self._file.flush()
        except OSError as error:
            raise cannot_write(self._file_name, error) from None
        self._waiting = bytearray()

    def _part_begins(self) -> None:
        self._parts += 1
        if self._parts > _MOST_FIELDS:
            raise _no_form()
        self._disposition, self._name, self._text = b"", "", bytearray()

    def _header_ends(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header, self._value = bytearray(), bytearray()

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            raise _no_form()
        self._name = shown_name(options[b"name"])
        if b"filename" not in options:
            return
        self._file_name = shown_name(options[b"filename"])
        if self._name not in self._limits.file_fields:
            raise ArgumentError(
                f"{self._name} is no field for a file",
                remedy=f"use {' or '.join(sorted(self._limits.file_fields))}",
                field=self._name,
            )
        number = len(self._form.files)
        if number >= self._limits.most_files:
            raise ArgumentError(
                f"more than {self._limits.most_files} files were sent at once",
                remedy="send fewer",
                field=self._name,
            )
        path = self._folder / f"{number}.part"
        try:
            self._file = path.open("xb")
        except OSError as error:
            raise cannot_write(path, error) from None
        self._file_bytes = 0

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            self._text_bytes += end - start
            if self._text_bytes > _MOST_TEXT_BYTES:
                raise ArgumentError(
                    f"the form has more than {_MOST_TEXT_BYTES} bytes of text",
                    remedy="send files in a field for files",
                    field=self._name,
                )
            self._text += data[start:end]
            return
        self._file_bytes += end - start
        self._all_bytes += end - start
        if self._all_bytes > self._limits.most_bytes:
            raise _too_long(self._limits)
        self._waiting += data[start:end]

    def _part_ends(self) -> None:
        if self._file is None:
            try:
                text = self._text.decode("utf-8")
            except UnicodeDecodeError:
                raise ArgumentError(
                    f"{self._name} is not in UTF-8", remedy="write it anew", field=self._name
                ) from None
            _add(self._form.texts, self._name, text)
            return
        self._write()
        path = Path(self._file.name)
        self._file.close()
        self._file = None
        if not self._file_name and not self._file_bytes:  # a form whose field was left empty
            path.unlink()
            return
        name = self._file_name or "file"
        self._form.files.append(ReceivedFile(self._name, name, path, self._file_bytes))

    def _ends(self) -> None:
        self._is_over = True
