"""Fields as the command line calls them: by their options.

Everywhere else a sentence names a field by a mark (`eemt_core.errors.words`); only here does it
become an option.
"""

from __future__ import annotations

from typing import Any

from ..errors.words import in_words

_OPTIONS = {
    "cluster": "--manager-port",
    "detail": "--verbose",
    "encrypted": "--ssl",
    "managers": "--manager-host",
    "out": "-o",
    "ports": "--manager-port",
    "tile_cells": "--tile-size",
    "variants": "--variant",
}
"""Fields whose option has another name; all others are called as their field."""


def option_of(field: str) -> str:
    """Return the option that sets a field.

    Examples
    --------
    >>> option_of("elevation_unit"), option_of("tile_cells")
    ('--elevation-unit', '--tile-size')
    """
    return _OPTIONS.get(field) or f"--{field.replace('_', '-')}"


def told(sentence: str) -> str:
    """Return a sentence with an option for each field that is marked in it.

    Examples
    --------
    >>> told("use <<runtime=wheel>>, or add <<resume>>")
    'use --runtime wheel, or add --resume'
    """
    return in_words(sentence, lambda field, value: f"{option_of(field)} {value}".rstrip())


def told_all(document: Any) -> Any:
    """Return plain data with every text in it told."""
    if isinstance(document, str):
        return told(document)
    if isinstance(document, dict):
        return {key: told_all(value) for key, value in document.items()}
    return (
        [told_all(value) for value in document] if isinstance(document, list | tuple) else document
    )
