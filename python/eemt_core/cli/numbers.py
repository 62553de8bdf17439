"""Kinds of numbers that options take, each with its range, and an error that says why.

click's own kinds take the digits of every script, underscores, and what is no number.
"""

from __future__ import annotations

import re
from typing import Any

import click

from ..errors import ArgumentError
from ..manager.plain import Range
from ..manager.ranges import PRECISION, PROCESSES
from ..numerals import real, whole
from ..solar._parameters import STEP_MINUTES_HIGH, STEP_MINUTES_LOW
from .words import told


class Whole(click.ParamType):  # type: ignore[type-arg]
    """A whole number from `low` to `high`; `why` no other makes sense."""

    name = "number"

    def __init__(self, low: int, high: int, why: str) -> None:
        self._low, self._high, self._why = low, high, why

    @classmethod
    def of(cls, allowed: Range) -> Whole:
        """Return the kind of numbers that lie in a range of requests."""
        return Whole(int(allowed.low), int(allowed.high), allowed.why)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        text = str(value).strip()
        number = whole(text.removeprefix("-"))
        if number is None:
            written = f"write {self._low} to {self._high}"
            self.fail(f"{text!r} is no whole number: {written}", param, ctx)
        number = -number if text.startswith("-") else number
        if not self._low <= number <= self._high:
            self.fail(f"{number} is outside {self._low} to {self._high}: {self._why}", param, ctx)
        return number


class Processes(Whole):
    """A number of workers or threads that this machine can bear."""

    def __init__(self) -> None:
        super().__init__(int(PROCESSES.low), int(PROCESSES.high), PROCESSES.why)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        from ..manager.request import check_processes

        number = super().convert(value, param, ctx)
        try:
            check_processes("threads", number)
        except ArgumentError as error:
            self.fail(told(error.sentence), param, ctx)
        return number


class Precision(Whole):
    """Bits of the mantissa, or ``full`` for all."""

    name = "bits"

    def __init__(self) -> None:
        super().__init__(int(PRECISION.low), int(PRECISION.high), PRECISION.why)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or ``full``."""
        if str(value).strip().lower() == "full":
            return "full"
        return super().convert(value, param, ctx)


class Real(click.ParamType):  # type: ignore[type-arg]
    """A number from `low` to `high`; `why` no other makes sense."""

    name = "number"

    def __init__(self, low: float, high: float, why: str) -> None:
        self._low, self._high, self._why = low, high, why

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number."""
        number = real(str(value))
        between = f"{self._low:g} to {self._high:g}"
        if number is None:
            self.fail(f"{value!r} is no number: write {between}", param, ctx)
        if not self._low <= number <= self._high:
            self.fail(f"{value} is outside {between}: {self._why}", param, ctx)
        return number


class Step(click.ParamType):  # type: ignore[type-arg]
    """A time step: plain numbers are minutes; ``0.25h`` and ``15min`` are understood."""

    name = "minutes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return minutes."""
        if isinstance(value, float):
            return value
        match = re.fullmatch(
            r"\s*([0-9.]+(?:e-?[0-9]+)?)\s*(h|hours?|m|min|minutes?)?\s*", str(value)
        )
        number = real(match[1]) if match else None
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


class Numbers(click.ParamType):  # type: ignore[type-arg]
    """One number, or `count` with commas between them, each from `low` to `high`."""

    name = "numbers"

    def __init__(self, count: int, low: float, high: float) -> None:
        self._count, self._low, self._high = count, low, high

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Return `count` numbers; a single one counts for all."""
        if isinstance(value, tuple):
            return value
        numbers = [real(part) for part in str(value).split(",")]
        values = tuple(number for number in numbers if number is not None)
        if len(values) != len(numbers) or len(values) not in (1, self._count):
            self.fail(f"{value!r} is neither one number nor {self._count}", param, ctx)
        if not all(self._low <= number <= self._high for number in values):
            self.fail(f"{value} is outside {self._low:g} to {self._high:g}", param, ctx)
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
        numbers = [real(part) for part in texts]
        if None in numbers:
            self.fail(f"{value!r} are no numbers: write -9999, or 0,-32768", param, ctx)
        return tuple(number for number in numbers if number is not None)
