"""From the fields of the form, as the first EEMT workflow named them, to a run's request."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from ...errors import ArgumentError
from ...errors.system import shown
from ...errors.words import in_words
from ...manager.plan.energy import chosen_variants
from ...manager.request import ClusterRequest, RunRequest
from ..identity import PATTERN
from .fields import FIELDS, RASTER_FIELDS, FormField, put, refuse
from .job import Workflow
from .renew import settled_threads

WORKFLOWS: tuple[Workflow, ...] = get_args(Workflow)
BESIDE = ("workflow_type", "uploaded_filename", "dem_file", "climate")
"""Fields that are none of the request's, but say what kind of run it is and of what."""

_FILENAME = re.compile(rf"{PATTERN}\.tif")


def raster_names(form: Mapping[str, str]) -> dict[str, str]:
    """Return the filenames of the uploaded rasters that a form's workflow takes, by kind."""
    is_sol = workflow_of(form) == "sol"
    return {
        kind: form[field.name].strip()
        for kind, field in RASTER_FIELDS.items()
        if _FILENAME.fullmatch(form.get(field.name, "").strip())
        and not (is_sol and field.is_of_energy)
    }


def used_kinds(request: RunRequest) -> list[str]:
    """Return the kinds of rasters that a run looks at, if it has them."""
    variants = () if request.energy is None else chosen_variants(request.energy)
    return [
        kind
        for kind, field in RASTER_FIELDS.items()
        if not field.is_of_energy or set(variants) & set(field.variants or variants)
    ]


def checked_names(form: Mapping[str, str]) -> None:
    """Raise `ArgumentError` for a field that no form has: a slip would else go unnoticed."""
    known = [*BESIDE, *FIELDS]
    for name in form:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise ArgumentError(
                f"the form has an unknown field {name!r:.60}",
                remedy=f"write {near[0]}" if near else f"use some of {', '.join(known)}",
                field=name,
                value=form[name],
            )


def request_of(
    form: Mapping[str, str],
    *,
    dem: Path | None,
    out: Path,
    climate: Path | None,
    rasters: Mapping[str, Path],
    most_threads: int,
    cluster: ClusterRequest | None = None,
) -> RunRequest:
    """Return the request that a form describes; fields that are left empty have their default.

    Parameters
    ----------
    form
        Texts of `FIELDS` and of ``workflow_type``, by their names.
    dem
        The elevation model; None for the demonstration's.
    climate
        Where the chosen climate lies, if one is chosen.
    rasters
        Where the rasters of `raster_names` lie, by their kinds.
    most_threads
        The cores that one job may use.

    Raises
    ------
    ArgumentError
        If a value is wrong; its `field` is that of the form.
    """
    checked_names(form)
    workflow = workflow_of(form)
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
        field = FIELDS.get(name)
        if field is None or not text.strip() or (field.is_of_energy and workflow == "sol"):
            continue
        try:
            put(data, *_said(field, text.strip(), rasters))
        except ArgumentError as error:
            error.field = name
            raise
    try:
        request = RunRequest.from_dict({"schema_version": 1, **data})
    except ArgumentError as error:
        error.field = form_field(error.field)
        raise
    if workflow == "eemt" and len(request.solar.days) != 365:
        raise ArgumentError(
            "EEMT needs the whole year of sun", remedy="leave out days", field="days"
        )
    threads = settled_threads(request.threads, most_threads)
    return replace(request, threads=threads, cluster=cluster)


def _said(field: FormField, text: str, rasters: Mapping[str, Path]) -> tuple[str, Any]:
    """Return a field of the request and its value."""
    if field.raster and _FILENAME.fullmatch(text):
        return field.raster, str(rasters[field.kind])
    if text in field.words:
        return field.raster, text
    return field.target, field.read(field.name, text)


def workflow_of(form: Mapping[str, str]) -> Workflow:
    """Return which of the two workflows a form asks for: sunlight alone where it does not say."""
    text = form.get("workflow_type", "").strip() or "sol"
    for workflow in WORKFLOWS:
        if text == workflow:
            return workflow
    refuse("workflow_type", " or ".join(WORKFLOWS), text)


def in_form_words(sentence: str) -> str:
    """Return a sentence of the library in the words of the form.

    Examples
    --------
    >>> in_form_words("give <<nodata=0>>, or check <<tile_cells>>")
    'give nodata 0, or check tile cells'
    """
    return shown(in_words(sentence, _called))


def _called(field: str, value: str) -> str:
    return f"{form_field(field).replace('_', ' ')} {value}".rstrip()


def form_field(field: str) -> str:
    """Return the form's name of a request's field, or of the last part of its name.

    Fields that the form has not keep their own.

    Examples
    --------
    >>> form_field("solar.linke[0]"), form_field("variants"), form_field("out")
    ('linke_value', 'variant', 'out')
    """
    plain = field.split("[")[0]
    for name, known in FIELDS.items():
        if known.target == plain:
            return name
    last = plain.rpartition(".")[2]
    for name, known in FIELDS.items():
        if known.target.rpartition(".")[2] == last:
            return name
    return last if last in BESIDE else plain
