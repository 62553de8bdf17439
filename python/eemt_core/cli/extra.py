"""What the page needs and not every installation has."""

from __future__ import annotations

from importlib import import_module

from ..errors import VersionError


def require_web() -> None:
    """Raise `VersionError` with the remedy where the extra ``web`` is not installed."""
    try:
        import_module("eemt_core.web")
    except ModuleNotFoundError as error:
        what, _, remedy = str(error).partition(": ")
        raise VersionError(what, remedy=remedy) from None
