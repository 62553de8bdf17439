"""Errors that only a web interface has."""

from __future__ import annotations

from ..errors import EemtError


class NotThereError(EemtError):
    """Nothing is known under a name; answered with 404."""


class ConflictError(EemtError):
    """The state of a job does not allow what was asked; answered with 409."""
