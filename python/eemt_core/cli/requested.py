"""From the options of ``eemt-run`` to the request that they describe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..solar._parameters import SolarParameters
from .cluster import cluster_request

if TYPE_CHECKING:
    from ..manager.request import EnergyRequest, RunRequest

_ENERGY_ONLY = (
    "start_year", "end_year", "variant", "lai", "ndvi", "canopy_height", "lapse_rate",
    "climate_elevation", "wind", "hamon", "fu_w", "eq12", "solar_ratio",
)  # fmt: skip


def request_of_options(options: dict[str, Any]) -> RunRequest:
    """Return the request, or raise a usage error where options do not fit together."""
    from ..manager.request import RunRequest

    if options["out"] is None:
        raise click.UsageError("Missing option '-o' / '--out': give a folder for the maps")
    if options["demo"] and (options["dem"] or options["climate"]):
        raise click.UsageError("--demo brings its own DEM and climate: leave out yours")
    if not options["demo"] and options["dem"] is None:
        raise click.UsageError("give a DEM, or --demo")
    linke = options["linke"]
    return RunRequest(
        dem=options["dem"],
        out=options["out"],
        solar=SolarParameters(
            days=options["days"],
            year=options["year"],
            step_minutes=options["step"],
            linke=linke if isinstance(linke, tuple) else SolarParameters.linke,
            albedo=options["albedo"],
            mode=options["mode"],
            shadows=options["shadows"],
            directions=options["directions"],
            daily=options["daily"],
        ),
        energy=_energy(options),
        linke=None if isinstance(linke, tuple) else linke,
        tile_cells=options["tile_size"],
        threads=options["threads"],
        instruction_set=options["instruction_set"],
        cluster=cluster_request(options),
        retries=options["retries"],
        twi=options["twi"],
        elevation_unit=options["elevation_unit"],
        nodata=options["nodata"],
        precision=options["precision"],
        compress=options["compress"],
        averages=options["averages"],
        pictures=options["pictures"],
        overwrite=options["overwrite"],
        resume=options["resume"],
    )


def _energy(options: dict[str, Any]) -> EnergyRequest | None:
    from ..manager.request import EnergyRequest

    climate = options["climate"]
    if options["demo"]:
        from ..demo import climate_path

        climate = climate_path()
    workflow = options["workflow"] or ("eemt" if climate else "sol")
    if workflow == "sol":
        given = [n for n in _ENERGY_ONLY if options[n] not in (None, (), "global")]
        if given:
            name = given[0].replace("_", "-")
            raise click.UsageError(
                f"--{name} is for EEMT, which needs --climate (and not --workflow sol)"
            )
        return None
    if climate is None:
        raise click.UsageError("--workflow eemt needs --climate")
    own = {"wind_m_s": "wind", "hamon_form": "hamon", "fu_w": "fu_w", "canopy_npp_form": "eq12"}
    return EnergyRequest(
        climate=climate,
        climate_elevation=options["climate_elevation"],
        start_year=options["start_year"],
        end_year=options["end_year"],
        variants=options["variant"] or (),
        parameters={key: options[o] for key, o in own.items() if options[o] is not None},
        lapse_c_per_km=options["lapse_rate"],
        solar_ratio=options["solar_ratio"],
        lai=options["lai"],
        ndvi=options["ndvi"],
        canopy_height=options["canopy_height"],
    )
