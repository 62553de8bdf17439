"""Requests as JSON files: read one, put the options that were given over it, print one.

Only what stands on the command line itself goes before a request. Variables (``EEMT_STEP``) and
configuration files do not: a request says all of a run, so that it is the same run everywhere.
"""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ..files import parse_json
from .cluster import CLUSTER_NAMES, cluster_request

if TYPE_CHECKING:
    from ..manager.request import RunRequest

_MOST_BYTES = 2**24
_FIELDS = {
    "dem": "dem",
    "out": "out",
    "step": "solar.step_minutes",
    "days": "solar.days",
    "daily": "solar.daily",
    "year": "solar.year",
    "albedo": "solar.albedo",
    "shadows": "solar.shadows",
    "mode": "solar.mode",
    "directions": "solar.directions",
    "linke": "linke",
    "climate": "energy.climate",
    "climate_elevation": "energy.climate_elevation",
    "start_year": "energy.start_year",
    "end_year": "energy.end_year",
    "variant": "energy.variants",
    "lai": "energy.lai",
    "ndvi": "energy.ndvi",
    "canopy_height": "energy.canopy_height",
    "lapse_rate": "energy.lapse_c_per_km",
    "wind": "energy.parameters.wind_m_s",
    "hamon": "energy.parameters.hamon_form",
    "fu_w": "energy.parameters.fu_w",
    "eq12": "energy.parameters.canopy_npp_form",
    "solar_ratio": "energy.solar_ratio",
    "twi": "twi",
    "elevation_unit": "elevation_unit",
    "nodata": "nodata",
    "tile_size": "tile_cells",
    "threads": "threads",
    "instruction_set": "instruction_set",
    "precision": "precision",
    "compress": "compress",
    "averages": "averages",
    "pictures": "pictures",
    "retries": "retries",
    "overwrite": "overwrite",
    "resume": "resume",
}
"""The field of a request that each option sets; those for many machines set ``cluster``."""

_OF_THE_COMMAND = (
    "request", "print_request", "estimate", "as_json", "verbose", "quiet", "workflow", "demo",
    "web_port", "export_tiles", "collect",
)  # fmt: skip
"""Options that set no field."""


class RequestFile(click.ParamType):  # type: ignore[type-arg]
    """A request: a file of JSON, or ``-`` for standard input."""

    name = "file"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> RunRequest:
        """Return the request in a file."""
        from ..errors import EemtError
        from ..manager.request import RunRequest

        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]
        where = "standard input" if value == "-" else value
        try:
            data = parse_json(_content(value))
        except OSError as error:
            self.fail(f"{where} cannot be read ({error.strerror}): check the path", param, ctx)
        except ValueError as error:
            self.fail(f"{where} is no JSON ({error}): see --print-request", param, ctx)
        try:
            return RunRequest.from_dict(data)
        except EemtError as error:
            error.what = f"{where}: {error.what}"
            raise


def _content(name: str) -> bytes:
    """Return what a file or standard input (``-``) holds; a pipe of the shell's is a file too."""
    with open(0, "rb", closefd=False) if name == "-" else open(name, "rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise OSError(errno.EFBIG, f"it is longer than {_MOST_BYTES} bytes")
    return content


def request_text(request: RunRequest) -> str:
    """Return a request as JSON for people: a line for each field, lists of numbers on one line."""
    text = json.dumps(replace(request, command="").to_dict(), indent=2, allow_nan=False)
    # a list's bracket ends its line; one within a text does not
    return re.sub(r"\[\n\s*([^\[\]{}\"]*?)\s+\]", lambda m: f"[{' '.join(m[1].split())}]", text)


def overridden(base: RunRequest, options: Mapping[str, Any], ctx: click.Context) -> RunRequest:
    """Return a request with the options of the command line put over it.

    Options for many machines take the place of all of its ``cluster``.

    Raises
    ------
    click.UsageError
        If an option has nothing to go over.
    """
    given = [n for n in options if ctx.get_parameter_source(n) is ParameterSource.COMMANDLINE]
    if "demo" in given:
        raise click.UsageError("--demo is a run of its own: leave out --request")
    request = base
    if options["workflow"] == "sol" and "workflow" in given:
        request = replace(request, energy=None)
    if "climate" in given and request.energy is None:
        from ..manager.request import EnergyRequest

        request = replace(request, energy=EnergyRequest(options["climate"]))
    if "workflow" in given and options["workflow"] == "eemt" and request.energy is None:
        raise click.UsageError("--workflow eemt needs --climate")
    if "resume" in given or "overwrite" in given:  # replaces the file's choice
        request = replace(request, resume=False, overwrite=False)
    for name in given:
        if name in _FIELDS:
            request = _put_option(request, name, options[name])
    if any(name in CLUSTER_NAMES for name in given):
        only = {n: options[n] if n in given else None for n in CLUSTER_NAMES}
        request = replace(request, cluster=cluster_request(only))
    return request


def _put_option(request: RunRequest, name: str, value: Any) -> RunRequest:
    field = _FIELDS[name]
    if field.startswith("energy.") and request.energy is None:
        raise click.UsageError(
            f"--{name.replace('_', '-')} is for EEMT, which needs --climate (and not --workflow "
            "sol)"
        )
    if name == "linke":
        numbers = isinstance(value, tuple)
        solar = replace(request.solar, linke=value) if numbers else request.solar
        return replace(request, solar=solar, linke=None if numbers else value)
    changed: RunRequest = _put(request, field, value)
    return changed


def _put(group: Any, field: str, value: Any) -> Any:
    """Return a copy of a dataclass or a mapping with one field, however deep, set to a value."""
    name, _, rest = field.partition(".")
    if not is_dataclass(group):
        return {**group, name: value}
    inner = _put(getattr(group, name), rest, value) if rest else value
    return replace(group, **{name: inner})  # type: ignore[type-var]
