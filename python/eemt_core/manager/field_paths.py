"""Where in a request the field that an error names lies, so that a form can show it there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from ..energy._parameters import EnergyParameters
from ..errors import EemtError
from ..solar._parameters import SolarParameters
from .request import ClusterRequest, EnergyRequest, RunRequest

_GROUPS: dict[str, type] = {
    "": RunRequest,
    "solar.": SolarParameters,
    "energy.": EnergyRequest,
    "cluster.": ClusterRequest,
    "energy.parameters.": EnergyParameters,
}
"""Paths of the groups of a request; of two fields of a name the first one is meant."""


def path_of(name: str) -> str:
    """Return the path of a field in a request by its name; a path, or what is none, as it is.

    Examples
    --------
    >>> path_of("lai"), path_of("out"), path_of("solar.days")
    ('energy.lai', 'out', 'solar.days')
    """
    for path, kind in _GROUPS.items():
        if any(name == each.name for each in fields(kind)):
            return path + name
    return name


@contextmanager
def told_by_path() -> Iterator[None]:
    """Let errors that come from within name their fields by their paths."""
    try:
        yield
    except EemtError as error:
        error.field = path_of(error.field)
        raise
