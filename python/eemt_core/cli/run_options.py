"""The options of ``eemt-run``, in the order of its help: each with its kind, default and words."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import click

from ..energy._parameters import RANGES, EnergyParameters
from ..manager.ranges import RETRIES, SUN_YEARS, TILE_CELLS, YEARS
from ..plausible import ALBEDO, DIRECTIONS, LAPSE_RATE
from ..solar._parameters import MODES, SolarParameters
from .cluster import OPTIONS as CLUSTER_OPTIONS
from .numbers import Numbers, Precision, Processes, Real, Step, Values, Whole
from .options import VERSION, Days, GivenPath, Linke, PathName, Variants
from .request_file import RequestFile

_SOLAR = SolarParameters()
_FILE = PathName(is_input=True)
_YEAR = Whole.of(YEARS)
_VERBOSE = Whole(0, 9, "it counts how much more is said")


def _choices(name: str) -> tuple[str, ...]:
    """Return the words that a choice of the energy balance may have."""
    return get_args(get_type_hints(EnergyParameters)[name])


OPTIONS: tuple[Any, ...] = (
    click.argument("dem", type=_FILE, required=False),
    click.option("-o", "--out", type=PathName(), help="Folder for the maps.  [required]"),
    click.option(
        "--workflow",
        type=click.Choice(["sol", "eemt"]),
        help="Sunlight alone, or EEMT too.  [default: eemt with --climate, else sol]",
    ),
    click.option("--demo", is_flag=True, help="Use the demonstration's DEM and climate."),
    click.option(
        "--request",
        type=RequestFile(),
        allow_from_autoenv=False,
        help="Take the run from a JSON file (-: standard input); options beside it go before it.",
    ),
    # the sun
    click.option(
        "--step",
        type=Step(),
        default=f"{_SOLAR.step_minutes:g}",
        show_default=True,
        help="Time step: minutes, or with its unit (15min, 0.25h); 1 to 60 minutes.",
    ),
    click.option(
        "--days",
        type=Days(),
        default="1-365",
        show_default=True,
        help="Days of the year, such as 15,172 or 1-31,60.",
    ),
    click.option("--daily", is_flag=True, help="Keep daily maps too."),
    click.option(
        "--year",
        type=Whole.of(SUN_YEARS),
        help=f"Year of the sun.  [default: middle of the run's years; {_SOLAR.sun_year} without]",
    ),
    click.option(
        "--linke",
        type=Linke(),
        default=f"{_SOLAR.linke[0]:g}",
        show_default=True,
        help="Linke turbidity: a number, twelve for the months, a raster, or auto (SoDa's grid).",
    ),
    click.option(
        "--albedo",
        type=Real(ALBEDO.lowest, ALBEDO.highest, "it is a share of the light"),
        default=_SOLAR.albedo,
        show_default=True,
        help="Share of the light that the ground reflects, 0 to 1.",
    ),
    click.option(
        "--shadows/--no-shadows",
        default=True,
        show_default=True,
        help="Whether terrain casts shadows.",
    ),
    click.option(
        "--mode",
        type=click.Choice(MODES),
        default=_SOLAR.mode,
        show_default=True,
        help="Exact sun and sky view, or r.sun's own formulas and time grid.",
    ),
    click.option(
        "--directions",
        type=Whole(
            int(DIRECTIONS.lowest),
            int(DIRECTIONS.highest),
            "fewer miss whole ridges, more show nothing further",
        ),
        default=_SOLAR.directions,
        show_default=True,
        help="Directions in which the horizon is looked for.",
    ),
    # climate and energy
    click.option(
        "--climate",
        type=_FILE,
        help="Station table (.toml), or a folder of Daymet or PRISM monthly files.",
    ),
    click.option(
        "--start-year",
        type=_YEAR,
        help="First year.  [default: the climate's first]",
    ),
    click.option("--end-year", type=_YEAR, help="Last year.  [default: the climate's last]"),
    click.option(
        "--variant",
        type=Variants(),
        help="Which of trad, topo, topo-veg.  [default: all that the inputs allow]",
    ),
    click.option("--lai", type=_FILE, help="Raster of leaf area index, 1 band or 12."),
    click.option("--ndvi", type=_FILE, help="Raster of NDVI in place of leaf area, 1 band or 12."),
    click.option("--canopy-height", type=_FILE, help="Raster of canopy height [m]."),
    click.option("--twi", type=_FILE, help="Raster of the wetness index, instead of computing it."),
    click.option(
        "--climate-elevation",
        type=_FILE,
        help="Raster of the climate grid's own elevation, in the unit that it declares or metres.",
    ),
    click.option(
        "--lapse-rate",
        type=Numbers(2, LAPSE_RATE.lowest, LAPSE_RATE.highest),
        help="Cooling with height, one for tmin and one for tmax [degC/km].  [default: 6.49,6.49]",
    ),
    click.option(
        "--wind",
        type=Real(*RANGES["wind_m_s"], "no month is that windy"),
        help=f"Wind where the climate has none [m/s].  [default: {EnergyParameters.wind_m_s:g}]",
    ),
    click.option(
        "--hamon",
        type=click.Choice(_choices("hamon_form")),
        help="Form of Hamon's evapotranspiration in trad.  "
        f"[default: {EnergyParameters.hamon_form}]",
    ),
    click.option(
        "--fu-w",
        type=Real(
            *RANGES["fu_w"], "1 lets nothing evaporate, and beyond 10 the curve is its limit"
        ),
        help="Exponent of Fu's curve in topo: 2.15 forest to 3.75 grass.  "
        f"[default: {EnergyParameters.fu_w:g}]",
    ),
    click.option(
        "--eq12",
        type=click.Choice(_choices("canopy_npp_form")),
        help="Form of Equation 12, canopy productivity in topo-veg.  "
        f"[default: {EnergyParameters.canopy_npp_form}]",
    ),
    click.option(
        "--solar-ratio",
        type=click.Choice(["global", "beam"]),
        default="global",
        show_default=True,
        help="Radiation whose ratio to flat ground warms a slope.",
    ),
    # the run
    click.option(
        "--elevation-unit",
        type=click.Choice(["m", "ft", "us-ft"]),
        help="Unit of the DEM's elevations where the file does not say it.",
    ),
    click.option(
        "--nodata",
        type=Values(),
        default="",
        help="Values of the DEM that are no elevations, such as 0 or -9999,-32768, beside the one "
        "that the file declares.",
    ),
    click.option(
        "--tile-size",
        type=Whole.of(TILE_CELLS),
        help="Edge of a tile [cells], rounded up to 64s.  [default: 1024; daily 512]",
    ),
    click.option(
        "--threads",
        type=Processes(),
        default=0,
        help="Cores of this machine to use.  [default: all]",
    ),
    click.option(
        "--instruction-set",
        type=click.Choice(["base", "v3", "v4"]),
        help="What every processor of the run computes with, so that all leave the same bytes: "
        "base (x86-64-v2), v3 (AVX2) or v4 (AVX-512).  [default: v3, or the best below it]",
    ),
    click.option(
        "--precision",
        type=Precision(),
        help="Bits of the mantissa that maps keep, 6 to 23, or full (23).  "
        "[default: 10; full with --mode rsun]",
    ),
    click.option(
        "--compress",
        type=click.Choice(["deflate", "zstd"]),
        default="deflate",
        show_default=True,
        help="How maps are compressed.",
    ),
    click.option(
        "--averages",
        type=click.Choice(["vrt", "tif"]),
        default="vrt",
        show_default=True,
        help="Averages of days as small files that refer to the sums, or as files of their own.",
    ),
    click.option(
        "--pictures/--no-pictures",
        default=True,
        show_default=True,
        help="Whether to draw the maps into OUT/quicklook.",
    ),
    click.option(
        "--retries",
        type=Whole.of(RETRIES),
        help="How often a task that failed is tried again.  [default: 1; 3 with --manager-port]",
    ),
    # other machines
    *CLUSTER_OPTIONS,
    click.option(
        "--web-port",
        type=Whole(0, 65535, "it is a port of TCP, or 0 for any free one"),
        help="Show this run on a page of this machine at this port, while it lasts.",
    ),
    # without a manager
    click.option(
        "--export-tiles",
        type=GivenPath(),
        metavar="DIR",
        allow_from_autoenv=False,
        help="Write what each tile's computation needs into DIR, for eemt-tile, and compute none.",
    ),
    click.option(
        "--collect",
        type=GivenPath(),
        metavar="DIR",
        allow_from_autoenv=False,
        help="Make maps of the results that eemt-tile left in DIR, or tell which are missing.",
    ),
    # what is there already
    click.option(
        "--overwrite",
        is_flag=True,
        help="Replace an earlier run's maps in OUT, or the tiles in --export-tiles DIR.",
    ),
    click.option("--resume", is_flag=True, help="Continue an interrupted run in OUT."),
    # instead of a run
    click.option(
        "--print-request",
        is_flag=True,
        allow_from_autoenv=False,
        help="Print the run as JSON for --request, and run nothing.",
    ),
    click.option(
        "--estimate",
        is_flag=True,
        allow_from_autoenv=False,
        help="Print cells, maps, time, memory and disk that the run would take, and run nothing.",
    ),
    click.option(
        "--json",
        "as_json",
        is_flag=True,
        allow_from_autoenv=False,
        help="With --estimate: as JSON.",
    ),
    click.option("-v", "--verbose", count=True, type=_VERBOSE, help="Say more."),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
    VERSION,
)
