"""The fields of the form that asks for a run: what each is called, and what of a request it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NoReturn

from ...calendar365 import parse_days
from ...energy._parameters import RANGES as ENERGY_RANGES
from ...energy._parameters import EnergyParameters
from ...errors import ArgumentError
from ...manager.request import RunRequest
from ...numerals import real, whole

_SWITCHES = {"true": True, "1": True, "on": True, "yes": True,
             "false": False, "0": False, "off": False, "no": False}  # fmt: skip


def _number(name: str, text: str) -> float:
    value = real(text)
    return value if value is not None else refuse(name, "a number", text)


def _whole(name: str, text: str) -> int:
    value = whole(text)
    return value if value is not None else refuse(name, "a whole number", text)


def _switch(name: str, text: str) -> bool:
    value = _SWITCHES.get(text.lower())
    return value if value is not None else refuse(name, "true or false", text)


def _days(name: str, text: str) -> list[int]:
    return list(parse_days(text))


def _numbers(name: str, text: str) -> list[float]:
    return [_number(name, word) for word in _words(name, text)]


def _words(name: str, text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _text(name: str, text: str) -> str:
    return text


@dataclass(frozen=True)
class FormField:
    """A field of the form.

    Attributes
    ----------
    name
        Its name, that of the first EEMT workflow where that had it.
    label
        A few words for a page.
    target
        The request's field, with its groups.
    read
        Turns its text into the request's value; called with the name and the text.
    raster
        The request's field where the filename of an uploaded raster stands; empty where none may.
    words
        Words that may stand in place of the raster.
    variants
        Forms of EEMT that it matters to; empty: all.
    """

    name: str
    label: str
    target: str
    read: Callable[[str, str], Any]
    raster: str = ""
    words: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of its raster: the last part of the request's field."""
        return self.raster.rpartition(".")[2]

    @property
    def is_of_energy(self) -> bool:
        """Whether it belongs to EEMT alone, and is passed over where sunlight alone is wanted."""
        return self.target.startswith("energy.")


def _no_text(name: str, text: str) -> NoReturn:
    refuse(name, "the filename of an uploaded raster", text)


def _raster(label: str, target: str, *variants: str) -> FormField:
    name = target.rpartition(".")[2]
    return FormField(name, label, target, _no_text, raster=target, variants=variants)


_ENERGY_LABELS = {
    "water_heat_capacity_j_kg_k": "Specific heat of water",
    "organic_heat_j_kg": "Heat of organic matter",
    "hamon_form": "Hamon's form",
    "solar_term_c": "Coefficient of the solar term",
    "solar_term_on": "Temperature with the solar term",
    "solar_ratio_min": "Least ratio of sun",
    "solar_ratio_max": "Greatest ratio of sun",
    "lai_max": "Leaf area of the densest canopy",
    "saturation_at": "Saturation vapour pressure at",
    "relative_shortwave": "Relative shortwave radiation",
    "wind_m_s": "Wind",
    "latent_heat": "Latent heat of vaporisation",
    "latent_heat_mj_kg": "Fixed latent heat",
    "pressure_lapse_k_m": "Lapse rate in the air pressure",
    "fu_w": "Exponent of Fu's curve",
    "npp_floor_g_m2_yr": "Least net primary production",
    "canopy_npp_form": "Form of Equation 12",
    "surface_resistance": "Resistance of the canopy",
    "canopy_height_min_m": "Height of grass",
    "blending_height_m": "Blending height of the wind",
}


def _energy_fields() -> list[FormField]:
    """Return a field for each choice of the energy balance."""
    names = [field.name for field in fields(EnergyParameters) if field.name != "albedo"]
    return [  # without the albedo: that of the sun is used for both
        FormField(
            name,
            _ENERGY_LABELS.get(name, name.replace("_", " ")),
            f"energy.parameters.{name}",
            _number if name in ENERGY_RANGES else _text,
        )
        for name in names
    ]


_NAMED = (
    FormField("step", "Time step", "solar.step_minutes", _number),
    FormField("linke_value", "Linke turbidity", "solar.linke", _numbers, "linke", ("auto",)),
    FormField("albedo_value", "Albedo", "solar.albedo", _number),
    FormField("days", "Days of the year", "solar.days", _days),
    FormField("daily", "Keep daily maps", "solar.daily", _switch),
    FormField("sun_year", "Year of the sun", "solar.year", _whole),
    FormField("shadows", "Terrain casts shadows", "solar.shadows", _switch),
    FormField("directions", "Directions of the horizon", "solar.directions", _whole),
    FormField("mode", "Solar model", "solar.mode", _text),
    FormField("num_threads", "Cores", "threads", _whole),
    FormField("tile_cells", "Edge of a tile", "tile_cells", _whole),
    FormField("halo_cells", "Width of a tile's halo", "halo_cells", _whole),
    FormField("elevation_unit", "Unit of the elevations", "elevation_unit", _text),
    FormField("nodata", "Values that are no elevations", "nodata", _numbers),
    FormField("precision", "Bits of a map's cells", "precision", _whole),
    FormField("compress", "Compression of the maps", "compress", _text),
    FormField("averages", "Averages of days", "averages", _text),
    FormField("pictures", "Draw pictures", "pictures", _switch),
    FormField("retries", "Further tries of a task", "retries", _whole),
    FormField("start_year", "First year", "energy.start_year", _whole),
    FormField("end_year", "Last year", "energy.end_year", _whole),
    FormField("variant", "Forms of EEMT", "energy.variants", _words),
    _raster("Leaf area index", "energy.lai", "topo-veg"),
    _raster("NDVI, in place of the leaf area", "energy.ndvi", "topo-veg"),
    _raster("Height of the canopy", "energy.canopy_height", "topo-veg"),
    _raster("Wetness index", "twi", "topo", "topo-veg"),
    _raster("Elevation of the climate's cells", "energy.climate_elevation"),
    FormField("lapse_rate", "Cooling with height", "energy.lapse_c_per_km", _numbers),
    FormField("solar_ratio", "Radiation that warms a slope", "energy.solar_ratio", _text),
)

FIELDS: Mapping[str, FormField] = {field.name: field for field in (*_NAMED, *_energy_fields())}


RASTER_FIELDS: Mapping[str, FormField] = {
    field.kind: field for field in FIELDS.values() if field.raster
}
"""Fields that take an uploaded raster, by its kind."""


def with_rasters(request: RunRequest, rasters: Mapping[str, Path]) -> RunRequest:
    """Return a request on other files of its rasters, given by their kinds."""
    data = request.to_dict()
    for kind, path in rasters.items():
        put(data, RASTER_FIELDS[kind].raster, str(path))
    return RunRequest.from_dict(data)


def put(data: dict[str, Any], target: str, value: Any) -> None:
    """Put a value into a request as plain data; `target` is its field, with its groups."""
    *groups, name = target.split(".")
    for group in groups:
        data = data.setdefault(group, {})
    data[name] = value


def refuse(name: str, wanted: str, text: str) -> NoReturn:
    """Raise `ArgumentError` for the text of a field."""
    raise ArgumentError(
        f"{name} must be {wanted}, got {text!r:.60}", remedy="correct it", field=name, value=text
    )
