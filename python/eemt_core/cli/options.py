"""Kinds of values that options take, each with an error that says what to write instead.

Nothing heavy is imported here: ``--help`` answers at once.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from ..errors import ArgumentError, InputError
from ..errors.system import explain
from ..numerals import real
from ..plausible import LINKE
from ..solar._parameters import VARIANTS
from .words import told

_FOR_OTHERS = (errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOTDIR)
# addresses such as s3://maps/dem.tif, and GDAL's names for them
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]+:/|/vsi\w+/")


class PathName(click.ParamType):  # type: ignore[type-arg]
    """A path that the system can name: text in UTF-8, not too long, no link in a circle.

    `is_input` tells a file that a run computes from, which is unusable (exit code 3), from a wrong
    option (2).
    """

    name = "path"

    def __init__(self, *, is_input: bool = False) -> None:
        self._is_input = is_input

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path."""
        text = str(value)
        if not text.strip():
            self.fail("the path is empty: give a name", param, ctx)
        if text.startswith("--"):
            self.fail(
                f"{text!r} looks like an option: give a path, or write ./{text} if you mean it",
                param,
                ctx,
            )
        if not self._is_input and _ELSEWHERE.match(text):
            self.fail(f"{text} lies on another machine: give a path of this one", param, ctx)
        try:
            text.encode()
            os.lstat(text)
            os.stat(text)
        except (UnicodeError, ValueError, OSError) as error:
            wrong = explain(error)
            # whether it exists and may be read is checked by whoever opens it
            if wrong and getattr(error, "errno", None) not in _FOR_OTHERS:
                if self._is_input:
                    field = (param.name if param else None) or ""
                    raise InputError(wrong[0], field=field, value=text) from None
                self.fail(told(wrong[0]), param, ctx)
        return Path(text)


class GivenPath(PathName):
    """A path, made absolute where it was given: not all our processes work in the same folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the absolute path."""
        return super().convert(value, param, ctx).absolute()


class Days(click.ParamType):  # type: ignore[type-arg]
    """Days of the year such as ``1-365`` or ``15,172``."""

    name = "days"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return day numbers, rising."""
        from ..calendar365 import parse_days
        from ..errors import ArgumentError

        if isinstance(value, tuple):
            return value
        try:
            return parse_days(str(value))
        except ArgumentError as error:
            self.fail(told(error.sentence), param, ctx)


class Linke(click.ParamType):  # type: ignore[type-arg]
    """Linke turbidity: a number, twelve numbers, a raster's path, or ``auto``."""

    name = "number|12 numbers|raster|auto"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a tuple of 1 or 12 numbers, a path, or ``"auto"``."""
        if isinstance(value, tuple) or value == "auto":
            return value
        numbers = [real(part) for part in str(value).split(",")]
        if None not in numbers:
            values = tuple(number for number in numbers if number is not None)
            if len(values) not in (1, 12):
                self.fail(f"give one number or twelve, not {len(values)}", param, ctx)
            if not all(LINKE.lowest <= number <= LINKE.highest for number in values):
                self.fail(f"{value} is outside {LINKE.lowest:g} to {LINKE.highest:g}", param, ctx)
            return values
        if _ELSEWHERE.match(str(value)):
            return Path(str(value))
        path = PathName().convert(value, param, ctx)
        if not os.path.lexists(path):
            self.fail(f"{value!r} is neither a number nor twelve, auto, or a raster", param, ctx)
        return path


class Variants(click.ParamType):  # type: ignore[type-arg]
    """Variants of EEMT, with commas between them."""

    name = "trad,topo,topo-veg"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the variants in the order of the science, each once."""
        if isinstance(value, tuple):
            return value
        asked = [part.strip().lower().replace("_", "-") for part in str(value).split(",")]
        for part in asked:
            if part not in VARIANTS:
                self.fail(f"{part!r} is none of {', '.join(VARIANTS)}", param, ctx)
        return tuple(variant for variant in VARIANTS if variant in asked)


class Parsed(click.ParamType):  # type: ignore[type-arg]
    """A value that `parse` makes of a text, with its own words where it cannot."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the parsed text; what is no text has been parsed already."""
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except ArgumentError as error:
            self.fail(told(error.sentence), param, ctx)


def given_text(text: str) -> str:
    """Return a name that an option gives, or raise `ArgumentError` where nothing is given."""
    if not text.strip() or not text.isprintable():
        raise ArgumentError(
            f"{text!r} is no name", remedy="write one, or leave the option out", value=text
        )
    return text


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from .. import __version__

        click.echo(f"eemt-core {__version__}")
        ctx.exit()


VERSION = click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    allow_from_autoenv=False,
    callback=_version,
    help="Show the version and exit.",
)


def with_options(function: Any, options: Sequence[Any]) -> Any:
    """Return a command's function with its options, which its help lists in their order."""
    for option in reversed(options):
        function = option(function)
    return function
