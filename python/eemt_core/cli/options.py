"""Kinds of values that options take, each with an error that says what to write instead.

Nothing heavy is imported here: ``--help`` answers at once.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..errors import ArgumentError, InputError
from ..failures import explain
from ..parameters import STEP_MINUTES_HIGH, STEP_MINUTES_LOW, VARIANTS
from ..plausible import LINKE

_FOR_OTHERS = (errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOTDIR)


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
        try:
            text.encode()
            os.lstat(text)
            os.stat(text)
        except (UnicodeError, ValueError, OSError) as error:
            wrong = explain(error)
            # whether it must be there, and may be read, others know
            if wrong and getattr(error, "errno", None) not in _FOR_OTHERS:
                if self._is_input:
                    raise InputError(wrong[0]) from None
                self.fail(wrong[0], param, ctx)
        return Path(text)


class Processes(click.IntRange):
    """A number of workers or threads that this machine can bear."""

    def __init__(self) -> None:
        super().__init__(min=0)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        from ..worker.machine import most_processes, usable_cores

        number, most = super().convert(value, param, ctx), most_processes()
        if number > most:
            self.fail(
                f"{number} is more than {most}, the most for the {usable_cores()} cores that are "
                "ours here: more would only wait for each other and fill the memory",
                param,
                ctx,
            )
        return int(number)


class GivenPath(PathName):
    """A path, made absolute where it was given: not all our processes work in the same folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the absolute path."""
        return super().convert(value, param, ctx).absolute()


class Step(click.ParamType):  # type: ignore[type-arg]
    """A time step: plain numbers are minutes; ``0.25h`` and ``15min`` are understood."""

    name = "minutes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return minutes."""
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"\s*([0-9.]+(?:e-?\d+)?)\s*(h|hours?|m|min|minutes?)?\s*", str(value))
        number = _number(match[1]) if match else None
        if match is None or number is None:
            self.fail(f"{value!r} is no time step: write 15, 15min or 0.25h", param, ctx)
        hours = (match[2] or "").startswith("h")
        minutes = number * 60 if hours else number
        if not STEP_MINUTES_LOW <= minutes <= STEP_MINUTES_HIGH:
            remedy = ""
            if not match[2] and STEP_MINUTES_LOW <= number * 60 <= STEP_MINUTES_HIGH:
                remedy = (
                    f"; a plain number means minutes: write {match[1]}h if you mean hours, which "
                    f"is {number * 60:g} minutes"
                )
            elif hours and STEP_MINUTES_LOW <= number <= STEP_MINUTES_HIGH:
                remedy = f"; write {match[1]} or {match[1]}min if you mean minutes"
            self.fail(
                f"{value} is a step of {minutes:g} minutes, which is outside "
                f"{STEP_MINUTES_LOW:g} to {STEP_MINUTES_HIGH:g} minutes{remedy}",
                param,
                ctx,
            )
        return minutes


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
            self.fail(str(error), param, ctx)


class Linke(click.ParamType):  # type: ignore[type-arg]
    """Linke turbidity: a number, twelve numbers, a raster's path, or ``auto``."""

    name = "number|12 numbers|raster|auto"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a tuple of 1 or 12 numbers, a path, or ``"auto"``."""
        if isinstance(value, tuple) or value == "auto":
            return value
        numbers = [_number(part) for part in str(value).split(",")]
        if None not in numbers:
            values = tuple(number for number in numbers if number is not None)
            if len(values) not in (1, 12):
                self.fail(f"give one number or twelve, not {len(values)}", param, ctx)
            if not all(LINKE.lowest <= number <= LINKE.highest for number in values):
                self.fail(f"{value} is outside {LINKE.lowest:g} to {LINKE.highest:g}", param, ctx)
            return values
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


class Numbers(click.ParamType):  # type: ignore[type-arg]
    """One number, or `count` with commas between them."""

    name = "numbers"

    def __init__(self, count: int) -> None:
        self._count = count

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Return `count` numbers; a single one counts for all."""
        if isinstance(value, tuple):
            return value
        numbers = [_number(part) for part in str(value).split(",")]
        values = tuple(number for number in numbers if number is not None)
        if len(values) != len(numbers) or len(values) not in (1, self._count):
            self.fail(f"{value!r} is neither one number nor {self._count}", param, ctx)
        return values * self._count if len(values) == 1 else values


class Values(click.ParamType):  # type: ignore[type-arg]
    """Any count of numbers, with commas between them, none included."""

    name = "numbers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Return the numbers."""
        if isinstance(value, tuple):
            return value
        texts = [part for part in str(value).split(",") if part.strip()]
        numbers = [_number(part) for part in texts]
        if None in numbers:
            self.fail(f"{value!r} are no numbers: write -9999, or 0,-32768", param, ctx)
        return tuple(number for number in numbers if number is not None)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number == number and abs(number) != float("inf") else None


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
            self.fail(str(error), param, ctx)


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
