"""The maps of a run: name, description, unit, series, and the tiles' result array of each map.

The names are those of the first EEMT workflow. Both the tasks of tiles and the manager use this
list, so exactly the maps that are computed are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ...calendar365 import MONTHS, MONTHS_IN_FULL, days_of_month, month_groups, month_of_day
from ...solar._parameters import SolarParameters

VARIANT_NAMES = {"trad": "Trad", "topo": "Topo", "topo-veg": "TopoVeg"}
ENERGY = "MJ m-2"
IRRADIATION = "Wh m-2"
NORTHNESS = "cos(aspect) sin(slope) times the sign of the latitude: towards the shade"


Kind = Literal["annual", "monthly", "daily", "single"]
Averages = Literal["vrt", "tif"]

AVERAGE = "{}_average"
"""Name of the result array whose layers are those of another one, each multiplied."""


@dataclass(frozen=True)
class Series:
    """Maps of one quantity that belong together, such as the months of a year.

    Attributes
    ----------
    id
        Short name; no two series of a run have the same.
    label
        What the maps show, for readers.
    kind
        What there is a map of: each year, each month, each day; ``single`` for one map alone.
    variant
        The variant of EEMT; empty for other quantities.
    """

    id: str
    label: str
    kind: Kind
    variant: str = ""


@dataclass(frozen=True)
class MapSpec:
    """One map.

    Attributes
    ----------
    path
        Name within the output folder.
    result
        Name of the tiles' result array that holds the map's values.
    layer
        Layer of that array; None if the array is a single grid.
    factor
        Factor by which values are multiplied, by the tile that encodes them or, of a map `of`
        another one, by who reads the map.
    of
        Path of the map that this one is a multiple of, and refers to; empty of all that have cells
        of their own.
    description, unit
        What the map shows, for readers.
    tags
        Additional tags of the file.
    series
        The maps to which it belongs.
    circular
        Whether the values are directions, which have no mean.
    year, month, day
        The map's place in its series: label of the year or years, month from 1 to 12, day of the
        year; None where it is of no single one.
    """

    path: str
    result: str
    layer: int | None
    description: str
    unit: str
    series: Series
    factor: float = 1.0
    of: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    circular: bool = False
    year: str | None = None
    month: int | None = None
    day: int | None = None

    @property
    def label(self) -> str:
        """What tells the map from others of its series; of a map alone, its description."""
        if self.day is not None:
            return f"day {self.day}, {MONTHS_IN_FULL[month_of_day(self.day)]}"
        month = "" if self.month is None else MONTHS_IN_FULL[self.month - 1]
        return " ".join(filter(None, (month, self.year))) or self.description

    def to_record(self) -> dict[str, Any]:
        """Return what a run's record says of the map, besides its values."""
        return {
            "description": self.description,
            "label": self.label,
            "unit": self.unit,
            "series": self.series.id,
            "year": self.year,
            "month": self.month,
            "day": self.day,
        }


def _alone(
    path: str, result: str, description: str, unit: str, variant: str = "", **more: Any
) -> MapSpec:
    """Return a map that is a series of its own."""
    series = Series(result, description, "single", variant)
    return MapSpec(path, result, None, description, unit, series, **more)


def terrain_maps(*, sky_view: bool) -> list[MapSpec]:
    """Return the maps of slope, aspect and, if horizons are computed, sky-view factor."""
    degrees = 57.29577951308232
    facing = "Aspect: direction the slope faces, clockwise from true north; 0 where flat"
    maps = [
        _alone("slope.tif", "slope", "Slope, from the horizontal", "degrees", factor=degrees),
        _alone("aspect.tif", "aspect", facing, "degrees", factor=degrees, circular=True),
    ]
    if sky_view:
        text = "Sky-view factor of the inclined cell, 0 to 1"
        maps.append(_alone("sky_view.tif", "sky_view", text, "1"))
    return maps


def wetness_map() -> MapSpec:
    """Return the map of the topographic wetness index."""
    text = "Topographic wetness index ln(a / tan(slope)), a the specific catchment area in metres"
    return _alone("twi.tif", "twi", text, "ln(m)")


_SUN = (
    # result array, folder, stem of the file name, description, unit of a daily map
    (
        "total",
        "global",
        "total_sun",
        "Global irradiation on the terrain, with shadows",
        IRRADIATION,
    ),
    ("flat_total", "global", "flat_total_sun", "Global irradiation, flat, no shadows", IRRADIATION),
    ("hours", "insol", "hours_sun", "Hours of direct sun on the terrain", "h"),
)


def solar_maps(solar: SolarParameters, averages: Averages = "vrt") -> list[MapSpec]:
    """Return the monthly and annual maps of irradiation, and the daily maps if they are kept.

    `averages` says whether averages of days refer to the sums (``vrt``) or are files of their own
    (``tif``), of the result array `AVERAGE`.
    """
    maps: list[MapSpec] = []
    months, group_of_day = month_groups(solar.days)
    for result, folder, stem, text, unit in _SUN:
        sums = Series(f"{stem}_monthly_sum", f"{text}: sum of each month", "monthly")
        means = Series(f"{stem}_monthly_average", f"{text}: mean day of each month", "monthly")
        for layer, month in enumerate(months):
            count, name = group_of_day.count(layer), MONTHS[month]
            covered = _covered(count, len(days_of_month(month)), f"days of {name}")
            base = f"{folder}/monthly/{stem}_{name}"
            total = MapSpec(
                f"{base}_sum.tif",
                result,
                layer,
                f"{text}: sum of {covered}",
                unit,
                sums,
                tags={"DAYS": str(count)},
                month=month + 1,
            )
            is_own = averages == "tif"
            mean = replace(
                total,
                path=f"{base}_average.{averages}",
                result=AVERAGE.format(result) if is_own else result,
                description=f"{text}: daily mean of {covered}",
                unit=f"{unit} d-1",
                series=means,
                factor=1.0 / count,
                of="" if is_own else total.path,
            )
            maps += [total, mean]
        if solar.daily:
            daily = Series(f"{stem}_daily", f"{text}: sum of each day", "daily")
            maps += [
                MapSpec(
                    f"{folder}/daily/{stem}_day_{day}.tif",
                    f"daily_{result}",
                    layer,
                    f"{text}: sum of day {day}",
                    unit,
                    daily,
                    tags={"DAY": str(day)},
                    month=month_of_day(day) + 1,
                    day=day,
                )
                for layer, day in enumerate(solar.days)
            ]
    return maps + _annual_maps(solar)


def _annual_maps(solar: SolarParameters) -> list[MapSpec]:
    covered = _covered(len(solar.days), 365, "days of the year")
    tags = {"DAYS": str(len(solar.days))}
    shown = {
        "annual_total": ("global/annual/total_sun_annual.tif", _SUN[0][3]),
        "annual_beam": ("global/annual/beam_sun_annual.tif", "Beam irradiation on the terrain"),
        "annual_diffuse": (
            "global/annual/diffuse_sun_annual.tif",
            "Diffuse irradiation on the terrain",
        ),
        "annual_reflected": (
            "global/annual/reflected_sun_annual.tif",
            "Irradiation reflected onto the terrain",
        ),
        "annual_flat_total": ("global/annual/flat_total_sun_annual.tif", _SUN[1][3]),
        "annual_hours": ("insol/annual/hours_sun_annual.tif", _SUN[2][3]),
    }
    return [
        MapSpec(
            path,
            result,
            None,
            description := f"{text}: sum of {covered}",
            "h" if result == "annual_hours" else IRRADIATION,
            Series(result, description, "annual"),
            tags=tags,
        )
        for result, (path, text) in shown.items()
    ]


def energy_maps(variants: Sequence[str], years: Sequence[str]) -> list[MapSpec]:
    """Return the EEMT maps of each variant: monthly, annual, and the mean over the years.

    Parameters
    ----------
    variants
        Some of ``trad``, ``topo``, ``topo-veg``.
    years
        Labels of the years, such as ``1980`` or ``1971-2000`` for normals.
    """
    maps: list[MapSpec] = []
    for variant in variants:
        name, key = VARIANT_NAMES[variant], variant.replace("-", "_")
        what = f"Effective energy and mass transfer, EEMT_{name.upper()}"
        tags = {"NORTHNESS": NORTHNESS} if variant == "topo" else {}
        monthly = Series(f"eemt_{key}_monthly", f"{what}: each month", "monthly", variant)
        yearly = Series(f"eemt_{key}_yearly", f"{what}: each year", "annual", variant)
        for y, year in enumerate(years):
            for m, month in enumerate(MONTHS):
                maps.append(
                    MapSpec(
                        f"eemt/EEMT_{name}_{month}_{year}.tif",
                        f"eemt_{key}",
                        y * 12 + m,
                        f"{what}: {month} {year}",
                        f"{ENERGY} month-1",
                        monthly,
                        tags=tags,
                        year=year,
                        month=m + 1,
                    )
                )
            maps.append(
                MapSpec(
                    f"eemt/yearly/EEMT_{name}_{year}.tif",
                    f"eemt_{key}_yearly",
                    y,
                    f"{what}: year {year}",
                    f"{ENERGY} yr-1",
                    yearly,
                    tags=tags,
                    year=year,
                )
            )
        maps += _summary_maps(variant, what, years, tags)
    return maps


def _summary_maps(
    variant: str, what: str, years: Sequence[str], tags: dict[str, str]
) -> list[MapSpec]:
    name, key = VARIANT_NAMES[variant], variant.replace("-", "_")
    span = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"
    parts = {
        "eemt": (f"EEMT_{name}_mean.tif", what),
        "e_bio": (f"E_BIO_{name}_mean.tif", f"Energy of primary production, {name}"),
        "e_ppt": (f"E_PPT_{name}_mean.tif", f"Energy of effective precipitation, {name}"),
    }
    return [
        _alone(
            f"eemt/summary/{file}",
            f"{part}_{key}_mean",
            f"{text}: mean over {span}",
            f"{ENERGY} yr-1",
            variant,
            tags=tags if part != "e_ppt" else {},
        )
        for part, (file, text) in parts.items()
    ]


def _covered(count: int, whole: int, of_what: str) -> str:
    return f"all {of_what}" if count == whole else f"{count} of the {whole} {of_what}"


def all_maps(
    solar: SolarParameters,
    *,
    wetness: bool,
    variants: Sequence[str],
    years: Sequence[str],
    averages: Averages,
) -> tuple[MapSpec, ...]:
    """Return all maps of a run; without `variants` there are no EEMT maps."""
    maps = terrain_maps(sky_view=solar.shadows) + solar_maps(solar, averages)
    if wetness:
        maps.append(wetness_map())
    if variants:
        maps += energy_maps(tuple(variants), tuple(years))
    return tuple(maps)


def own_maps(maps: Sequence[MapSpec]) -> tuple[MapSpec, ...]:
    """Return the maps that have cells of their own."""
    return tuple(spec for spec in maps if not spec.of)


def tile_maps(maps: Sequence[MapSpec]) -> tuple[MapSpec, ...]:
    """Return the maps that tiles encode: all with cells but the wetness index of the whole DEM."""
    return tuple(spec for spec in own_maps(maps) if spec.result != "twi")


def result_layers(maps: Sequence[MapSpec]) -> int:
    """Return the number of grids that a tile's result holds."""
    return len({(spec.result, spec.layer) for spec in tile_maps(maps)})
