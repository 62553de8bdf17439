"""From the fields of the form, as the first EEMT workflow named them, to a run's request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from ...calendar365 import parse_days
from ...errors import ArgumentError
from ...errors.system import shown
from ...errors.words import in_words
from ...manager.request import ClusterRequest, RunRequest
from ...numerals import real, whole

_SWITCHES = {"true": True, "1": True, "on": True, "yes": True,
             "false": False, "0": False, "off": False, "no": False}  # fmt: skip


def _number(name: str, text: str) -> float:
    value = real(text)
    return value if value is not None else _refuse(name, "a number", text)


def _whole(name: str, text: str) -> int:
    value = whole(text)
    return value if value is not None else _refuse(name, "a whole number", text)


def _switch(name: str, text: str) -> bool:
    value = _SWITCHES.get(text.lower())
    return value if value is not None else _refuse(name, "true or false", text)


def _days(name: str, text: str) -> list[int]:
    return list(parse_days(text))


def _words(name: str, text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _text(name: str, text: str) -> str:
    return text


FIELDS: Mapping[str, tuple[str, Callable[[str, str], Any]]] = {
    "step": ("solar.step_minutes", _number),
    "linke_value": ("solar.linke", lambda name, text: [_number(name, text)]),
    "albedo_value": ("solar.albedo", _number),
    "days": ("solar.days", _days),
    "daily": ("solar.daily", _switch),
    "sun_year": ("solar.year", _whole),
    "shadows": ("solar.shadows", _switch),
    "directions": ("solar.directions", _whole),
    "mode": ("solar.mode", _text),
    "num_threads": ("threads", _whole),
    "tile_cells": ("tile_cells", _whole),
    "elevation_unit": ("elevation_unit", _text),
    "start_year": ("energy.start_year", _whole),
    "end_year": ("energy.end_year", _whole),
    "variant": ("energy.variants", _words),
    "solar_ratio": ("energy.solar_ratio", _text),
    "wind_m_s": ("energy.parameters.wind_m_s", _number),
    "fu_w": ("energy.parameters.fu_w", _number),
}
"""The request's field for each field of the form, and how its text is read."""


def request_of(
    form: Mapping[str, str],
    *,
    workflow: str,
    dem: Path | None,
    out: Path,
    climate: Path | None,
    most_threads: int,
    cluster: ClusterRequest | None = None,
) -> RunRequest:
    """Return the request that a form describes; fields that are left empty have their default.

    Parameters
    ----------
    form
        Texts of `FIELDS`, by their names.
    workflow
        ``sol`` or ``eemt``.
    dem
        The elevation model; None for the demonstration's.
    most_threads
        The cores that one job may use.

    Raises
    ------
    ArgumentError
        If a value is wrong; its `field` is that of the form.
    """
    if workflow not in ("sol", "eemt"):
        _refuse("workflow_type", "sol or eemt", workflow)
    data: dict[str, Any] = {"out": str(out), "dem": None if dem is None else str(dem)}
    data["threads"] = most_threads
    if workflow == "eemt":
        if climate is None:
            raise ArgumentError(
                "EEMT needs a climate",
                remedy="choose one, or ask for sunlight alone (sol)",
                field="climate",
            )
        data["energy"] = {"climate": str(climate)}
    for name, text in form.items():
        if name not in FIELDS or not text.strip():
            continue
        field, parse = FIELDS[name]
        if field.startswith("energy.") and workflow == "sol":
            continue
        try:
            _put(data, field, parse(name, text.strip()))
        except ArgumentError as error:
            error.field = name
            raise
    data["threads"] = min(data["threads"] or most_threads, most_threads)
    try:
        request = RunRequest.from_dict({"schema_version": 1, **data})
    except ArgumentError as error:
        error.field = form_field(error.field)
        raise
    return request if cluster is None else _on(request, cluster)


def in_form_words(sentence: str) -> str:
    """Return a sentence of the library in the words of the form.

    Examples
    --------
    >>> in_form_words("give <<nodata=0>>, or check <<tile_cells>>")
    'give nodata 0, or check tile cells'
    """
    return shown(
        in_words(sentence, lambda f, value: f"{form_field(f).replace('_', ' ')} {value}".rstrip())
    )


def form_field(field: str) -> str:
    """Return the form's name of a request's field; its own where the form has none."""
    plain = field.split("[")[0]
    return next((name for name, (inner, _) in FIELDS.items() if inner == plain), plain)


def _on(request: RunRequest, cluster: ClusterRequest) -> RunRequest:
    from dataclasses import replace

    return replace(request, cluster=cluster, retries=3)


def _put(data: dict[str, Any], field: str, value: Any) -> None:
    *groups, name = field.split(".")
    for group in groups:
        data = data.setdefault(group, {})
    data[name] = value


def _refuse(name: str, wanted: str, text: str) -> NoReturn:
    raise ArgumentError(
        f"{name} must be {wanted}, got {text!r:.60}", remedy="correct it", field=name, value=text
    )
