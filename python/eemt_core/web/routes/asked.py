"""What a form of a run asks for, once all of it has been checked; for submitting and estimating."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from anyio import to_thread
from fastapi import Request

from ...errors import ArgumentError, EemtError
from ...manager.plan.energy import chosen_variants
from ...manager.request import RunRequest
from ..jobs.fields import with_rasters
from ..jobs.form import form_field, raster_names, request_of, used_kinds, workflow_of
from ..jobs.job import JobFolder, Workflow
from ..jobs.parameters import Parameter, parameters
from ..refusals import NotThereError
from ..service import Service
from ..uploads.climates import DEMO, Climate
from ..uploads.dems import dem_path, link
from ..uploads.limited import CLIMATE_FORMATS, ask
from ..uploads.rasters import Ground, raster_path
from ..uploads.shelf import Item
from .forms import LOOKS, form_body, receive


@dataclass(frozen=True)
class Asked:
    """A run that can be carried out.

    Attributes
    ----------
    form
        The texts of the form.
    dem, climate
        What was chosen; None for the demonstration's DEM, and where no climate is wanted.
    rasters
        Those of the request that were uploaded, by their kinds.
    request
        The run; its maps go to the folder that `of_form` was told.
    estimate, notes
        What it takes (`Estimate.to_dict`), and what its user should know.
    """

    form: dict[str, str]
    workflow: Workflow
    dem: Item | None
    climate: Climate | None
    rasters: Mapping[str, Item]
    request: RunRequest
    estimate: dict[str, Any]
    notes: tuple[str, ...]

    @property
    def dem_name(self) -> str:
        """What the user calls the DEM."""
        return "demonstration" if self.dem is None else str(self.dem.facts["original_name"])

    def linked_into(self, folder: JobFolder) -> RunRequest:
        """Return the request on files within a job's folder, so that it needs no others."""
        request = self.request
        try:
            if self.dem is not None:
                request = replace(request, dem=link(dem_path(self.dem), folder.dem))
            if self.climate is not None and self.climate.is_uploaded and request.energy is not None:
                own = folder.climate
                own.mkdir(mode=0o700)
                for file in self.climate.path.iterdir():
                    link(file, own / file.name)
                request = replace(request, energy=replace(request.energy, climate=own))
            files = {
                kind: link(raster_path(raster), folder.raster(kind))
                for kind, raster in self.rasters.items()
            }
            if files:
                request = with_rasters(request, files)
        except FileNotFoundError:
            raise NotThereError(
                "one of the uploaded files was deleted just now", remedy="upload the file again"
            ) from None
        return request


@asynccontextmanager
async def of_form(
    service: Service, request: Request, out: Path, *, is_timed: bool
) -> AsyncIterator[Asked]:
    """Give what a request's form asks for; a DEM that comes with it is there until the end.

    Raises
    ------
    ArgumentError, InputError, ResourceError
        With the sentence with which the run would end; `field` is that of the form.
    """
    with service.dems.shelf.place(is_passing=True) as place:
        form = await receive(request, service, place, "dem_file")
        sent: Item | None = None
        try:
            texts = {name: text.strip() for name, text in form.texts.items()}
            workflow = workflow_of(texts)
            climate = (  # in a thread: one of the owner's may have to be looked at first
                await to_thread.run_sync(_climate, service, texts, limiter=LOOKS)
                if workflow == "eemt"
                else None
            )
            named = texts.get("uploaded_filename", "")
            if named and form.files:
                raise ArgumentError(
                    "give uploaded_filename or dem_file, not both", field="uploaded_filename"
                )
            stored = _stored(service, named)
            rasters = {
                kind: _raster(service, kind, name) for kind, name in raster_names(texts).items()
            }
            asked = request_of(  # before the DEM is looked at, which takes longer
                texts,
                dem=None if stored is None else dem_path(stored),
                out=out,
                climate=None if climate is None else climate.path,
                rasters={kind: raster_path(item) for kind, item in rasters.items()},
                most_threads=service.settings.threads_per_job,
                cluster=service.settings.cluster,
            )
            if form.files:
                stored = sent = await to_thread.run_sync(
                    service.dems.take, place, form.files[0], limiter=LOOKS
                )
                asked = replace(asked, dem=dem_path(stored))
            found = await to_thread.run_sync(
                _checked, service, asked, _Chosen(stored, climate, rasters), is_timed, limiter=LOOKS
            )
            notes = tuple(found["notes"])
            yield Asked(texts, workflow, stored, climate, rasters, asked, found["estimate"], notes)
        finally:
            if sent is not None:
                service.dems.shelf.remove(sent.id)


def described(most_threads: int) -> dict[str, Any]:
    """Return the description of the form, for the API's own."""
    properties: dict[str, Any] = {
        "workflow_type": {"enum": ["sol", "eemt"], "default": "sol"},
        "uploaded_filename": {"type": "string", "description": "Name from an upload, or demo"},
        "climate": {"type": "string", "description": "Identity of a climate"},
        **{parameter.name: _property(parameter) for parameter in parameters(most_threads)},
    }
    return form_body(properties, ("dem_file",))


def _property(parameter: Parameter) -> dict[str, Any]:
    kinds = {"number": "number", "whole": "integer", "switch": "boolean"}
    found: dict[str, Any] = {
        "type": kinds.get(parameter.kind, "string"),
        "description": " ".join(filter(None, (parameter.help, f"[{parameter.unit}]"))).replace(
            "[]", ""
        ),
    }
    if parameter.kind == "choice":
        found["enum"] = list(parameter.choices)
    if parameter.kind in ("number", "whole") and parameter.low is not None:
        found |= {"minimum": parameter.low}
        if parameter.name != "num_threads":  # of more than there are all that there are is taken
            found |= {"maximum": parameter.high}
    if parameter.default is not None:
        found["default"] = parameter.default
    return found


@dataclass(frozen=True)
class _Chosen:
    """What a form names."""

    dem: Item | None
    climate: Climate | None
    rasters: Mapping[str, Item]


def _raster(service: Service, kind: str, name: str) -> Item:
    raster = service.rasters.get(name)
    if raster is None:
        raise NotThereError(
            "there is no such raster", remedy="upload the file again", field=form_field(kind)
        )
    return raster


def _climate(service: Service, texts: dict[str, str]) -> Climate | None:
    named = texts.get("climate", "")
    if not named:
        return None
    climate = service.climates.get(named)
    if climate is None:
        raise ArgumentError(
            "there is no such climate", remedy="choose one of the list", field="climate",
            value=named,
        )  # fmt: skip
    return climate


def _stored(service: Service, named: str) -> Item | None:
    if named in ("", DEMO):
        return None
    stored = service.dems.get(named)
    if stored is None:
        raise NotThereError(
            "there is no such upload", remedy="upload the file again", field="uploaded_filename"
        )
    return stored


def _checked(
    service: Service, asked: RunRequest, chosen: _Chosen, is_timed: bool
) -> dict[str, Any]:
    """Return estimate and notes of a run, or raise as the run would."""
    dem, climate, rasters = chosen.dem, chosen.climate, chosen.rasters
    unit, names = "m", {}
    with service.scratch() as scratch:
        if dem is not None:
            unit = dem.facts["elevation_unit"] or "m"
            names[str(dem_path(dem))] = str(dem.facts["original_name"])
            if dem.facts["asks"] or asked.elevation_unit or asked.nodata:
                service.dems.check(dem, asked.elevation_unit, asked.nodata, scratch)
        if climate is not None:
            names[f"{climate.path}/"] = ""
            names[str(climate.path)] = climate.label
        for raster in rasters.values():
            names[str(raster_path(raster))] = str(raster.facts["original_name"])
        order = {"request": asked.to_dict(), "unit": unit, "is_timed": is_timed}
        try:
            found = ask(
                "look_request", order, scratch / "answer.json", formats=CLIMATE_FORMATS, names=names
            )
        except EemtError as error:
            error.field = form_field(error.field)
            raise
        for kind in used_kinds(asked):
            if kind in rasters:
                found["notes"] += service.rasters.notes(
                    rasters[kind], kind, _ground(asked, dem), scratch
                )
    for path in sorted(names, key=len, reverse=True):
        found["notes"] = [note.replace(path, names[path]) for note in found["notes"]]
    return found


def _ground(asked: RunRequest, dem: Item | None) -> Ground:
    is_needed = asked.energy is not None and chosen_variants(asked.energy) != ("trad",)
    if dem is None:
        return Ground(None, "the demonstration's DEM", is_needed=is_needed)
    name = str(dem.facts["original_name"])
    return Ground(dem_path(dem), name, asked.elevation_unit, asked.nodata, is_needed)
