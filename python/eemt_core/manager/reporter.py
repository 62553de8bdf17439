"""Who hears how a run goes."""

from __future__ import annotations

import logging
from typing import Protocol

from ..errors.words import in_python


class Reporter(Protocol):
    """Hears how a run goes. The manager tells; what a person sees is the reporter's affair."""

    def say(self, sentence: str) -> None:
        """Hear something that every user should know."""
        ...

    def detail(self, sentence: str) -> None:
        """Hear something for those who asked for more."""
        ...

    def progress(self, stage: str, done: float, total: float, unit: str, note: str = "") -> None:
        """Hear how much of a stage is done; `unit` names what is counted, `note` tells more."""
        ...


class Silent:
    """A reporter that keeps everything to itself."""

    def say(self, sentence: str) -> None:
        """Hear and forget."""

    def detail(self, sentence: str) -> None:
        """Hear and forget."""

    def progress(self, stage: str, done: float, total: float, unit: str, note: str = "") -> None:
        """Hear and forget."""


class Logged:
    """A reporter for Python: what every user should know as warnings of ``eemt_core``'s logger."""

    def __init__(self) -> None:
        self._log = logging.getLogger("eemt_core")

    def say(self, sentence: str) -> None:
        """Log a warning, which a notebook shows unless logging is set up otherwise."""
        self._log.warning(in_python(sentence))

    def detail(self, sentence: str) -> None:
        """Log for those who look closer."""
        self._log.info(in_python(sentence))

    def progress(self, stage: str, done: float, total: float, unit: str, note: str = "") -> None:
        """Log how far a stage is, for those who look closest."""
        self._log.debug("%s: %g of %g %s", stage, done, total, unit)
