"""What a person sees of a run: a bar on a terminal, plain lines elsewhere, on stderr."""

from __future__ import annotations

import shutil
import sys
import time

import click

from .words import told

_BAR_EVERY_S = 0.1
_LINE_EVERY_S = 15.0
_BAR_CELLS = (28, 10, 0)
"""The longest bar that fits is shown."""


class TerminalReporter:
    """Shows sentences and progress; `verbosity` -1 is silent, 0 normal, 1 and more tell all."""

    def __init__(self, verbosity: int) -> None:
        self._verbosity = verbosity
        self._is_terminal = sys.stderr.isatty()
        self._stage = ""
        self._start = self._shown = 0.0
        self._first = 0.0
        self._bar = False

    def say(self, sentence: str) -> None:
        """Show a sentence, unless silent."""
        if self._verbosity >= 0:
            self._line(sentence)

    def detail(self, sentence: str) -> None:
        """Show a sentence to those who asked for more."""
        if self._verbosity >= 1:
            self._line(sentence)

    def progress(self, stage: str, done: float, total: float, unit: str, note: str = "") -> None:
        """Show how far a stage is, its rate, and the time left."""
        if self._verbosity < 0 or total <= 0:
            return
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._start, self._first, self._shown = stage, now, done, 0.0
        every = _BAR_EVERY_S if self._is_terminal else _LINE_EVERY_S
        last = done >= total
        if now - self._shown < every and not last:
            return
        if not self._is_terminal and done <= self._first and not last:
            return
        self._shown = now
        tail = f"  {told(note)}" if note else ""
        if not self._is_terminal:
            click.echo(self._text(stage, done, total, unit, now - self._start) + tail, err=True)
            return
        width = (
            shutil.get_terminal_size().columns - 1
        )  # a longer line would wrap, and "\r" could not wipe it
        for cells in _BAR_CELLS:
            bar = _bar(done / total, cells)
            text = self._text(stage, done, total, unit, now - self._start, bar) + tail
            if len(text) <= width:
                break
        click.echo(f"\r\033[K{text[:width]}", nl=last, err=True)
        self._bar = not last

    def end(self) -> None:
        """Leave the line of an unfinished bar."""
        if self._bar:
            click.echo(err=True)
            self._bar = False

    def _line(self, sentence: str) -> None:
        sentence = told(sentence)
        click.echo(f"\r\033[K{sentence}" if self._bar else sentence, err=True)
        self._bar = False

    def _text(
        self, stage: str, done: float, total: float, unit: str, elapsed_s: float, bar: str = ""
    ) -> str:
        share = min(1.0, done / total)
        parts = [f"{stage:<6}", *([bar] if bar else []), f"{share:4.0%}"]
        gained = done - self._first
        if gained > 0 and elapsed_s > 0:
            rate = gained / elapsed_s
            parts.append(f"{scaled(rate)} {unit}/s")
            if share < 1.0:
                parts.append(f"{duration((total - done) / rate)} left")
            else:
                parts.append(f"in {duration(elapsed_s)}")
        return "  ".join(parts)


def _bar(share: float, cells: int) -> str:
    full = round(min(1.0, share) * cells)
    return f"[{'#' * full}{'-' * (cells - full)}]" if cells else ""


def scaled(value: float) -> str:
    """Return a number with three digits and a letter for its size."""
    for limit, factor, letter in ((1e9, 1e9, " G"), (1e6, 1e6, " M"), (1e4, 1e3, " k")):
        if value >= limit:
            return f"{value / factor:.3g}{letter}"
    return f"{value:.3g}"


def duration(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d} h"
