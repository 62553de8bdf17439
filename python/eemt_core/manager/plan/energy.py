"""The energy balance of a run: climate, years, variants, vegetation; checked before the start."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from ... import climate
from ...calendar365 import ALL_DAYS
from ...climate import ClimatePlan, ClimateSource, LapseRates
from ...energy import EnergyParameters
from ...errors import ArgumentError
from ...numerals import whole
from ...rasters import PreparedDem, WindowReader
from ...solar._parameters import VARIANTS, SolarParameters
from ..ranges import SUN_YEARS
from ..reporter import Reporter
from ..request import EnergyRequest
from .layers import RASTERS, Layer, LeafAreaFromNdvi, RasterLayer


@dataclass(frozen=True)
class EnergyPlan:
    """What the energy balance of a run takes.

    Attributes
    ----------
    climate
        The climate over the DEM.
    variants
        In the order of the science.
    parameters
        For the tasks and for the record; plain JSON, all but the mean wetness.
    layers
        Vegetation by the name of the tile's input.
    """

    climate: ClimatePlan
    variants: tuple[str, ...]
    parameters: Mapping[str, Any]
    layers: Mapping[str, Layer]

    @property
    def years(self) -> tuple[str, ...]:
        """Labels of the years."""
        return tuple(str(period) for period in self.climate.periods)

    @property
    def needs_wetness(self) -> bool:
        """Whether a variant takes the wetness index."""
        return any(variant != "trad" for variant in self.variants)


def chosen_variants(request: EnergyRequest) -> tuple[str, ...]:
    """Return the variants asked for, or all that the inputs allow.

    Raises
    ------
    ArgumentError
        If TOPO-VEG is asked for without its rasters, or a raster is given twice over.
    """
    if request.lai is not None and request.ndvi is not None:
        raise ArgumentError(
            "give the leaf area as <<lai>> or as <<ndvi>>, not both",
            field="ndvi",
            value=request.ndvi,
        )
    leaves = request.lai is not None or request.ndvi is not None
    if not request.variants:
        return VARIANTS if leaves and request.canopy_height is not None else VARIANTS[:2]
    if "topo-veg" in request.variants:
        if not leaves:
            raise ArgumentError(
                "the variant topo-veg needs the leaf area",
                remedy="give <<lai>> or <<ndvi>>",
                field="lai",
            )
        if request.canopy_height is None:
            raise ArgumentError(
                "the variant topo-veg needs the canopy",
                remedy="give <<canopy_height>>",
                field="canopy_height",
            )
    return request.variants


def check_days(solar: SolarParameters) -> None:
    """Raise `ArgumentError` where the days are not the whole year, which the balance needs."""
    if len(solar.days) != len(ALL_DAYS):
        raise ArgumentError(
            "EEMT needs the whole year of sun",
            remedy="leave out <<days>>",
            field="solar.days",
            value=solar.days,
        )


def sun_year(request: EnergyRequest) -> int | None:
    """Return the middle of the run's years, None where the climate is one of normals alone.

    Of years before or after all that the sun has (`SUN_YEARS`) it is the nearest of those.
    """
    source = _open(request)
    periods = source.select(request.start_year, request.end_year)
    years = [period for period in periods if isinstance(period, int)]
    if years:
        return _year_of_the_sun(years[(len(years) - 1) // 2])
    first, _, last = str(periods[0]).partition("-")
    begin, end = whole(first), whole(last)
    if begin is None or end is None or begin > end:
        return None
    return _year_of_the_sun((begin + end) // 2)


def _year_of_the_sun(year: int) -> int:
    return int(min(max(year, SUN_YEARS.low), SUN_YEARS.high))


def chosen_years(request: EnergyRequest) -> tuple[str, ...]:
    """Return the labels of the years that a run of this request has."""
    return tuple(map(str, _open(request).select(request.start_year, request.end_year)))


def plan_energy(
    request: EnergyRequest, solar: SolarParameters, dem: PreparedDem, reporter: Reporter
) -> EnergyPlan:
    """Open the climate over the DEM and check everything that the variants need.

    Raises
    ------
    InputError, ArgumentError
        If something is missing, does not cover the DEM, or does not fit together.
    """
    variants = chosen_variants(request)
    source = _open(request)
    periods = source.select(request.start_year, request.end_year)
    with closing(WindowReader(dem.path)) as reader:
        over_dem = source.plan(dem.grid, periods, reader.read)
    for note in over_dem.notes:
        reporter.say(note)
    layers = _vegetation(request, dem, reporter) if "topo-veg" in variants else {}
    own = {"albedo": solar.albedo, **request.parameters}
    return EnergyPlan(
        climate=over_dem,
        variants=variants,
        parameters={
            "variants": list(variants),
            "periods": list(over_dem.periods),
            "parameters": EnergyParameters.from_dict(own).to_dict(),
            "lapse": _lapse(request).to_dict(),
            "solar_ratio": request.solar_ratio,
        },
        layers=layers,
    )


def _open(request: EnergyRequest) -> ClimateSource:
    return climate.open_climate(request.climate, elevation=request.climate_elevation)


def _lapse(request: EnergyRequest) -> LapseRates:
    return LapseRates() if request.lapse_c_per_km is None else LapseRates(*request.lapse_c_per_km)


def _vegetation(request: EnergyRequest, dem: PreparedDem, reporter: Reporter) -> dict[str, Layer]:
    def layer(name: str) -> RasterLayer:
        return RasterLayer.open(getattr(request, name), dem, RASTERS[name], reporter=reporter)

    canopy = layer("canopy_height")
    if request.lai is not None:
        return {"canopy_height": canopy, "lai": layer("lai")}
    return {"canopy_height": canopy, "lai": LeafAreaFromNdvi(layer("ndvi"))}
