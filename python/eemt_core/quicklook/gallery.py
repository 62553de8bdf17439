"""The pictures of a finished run: which maps are drawn, with which titles and labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..calendar365 import MONTHS
from ..rasters import raster_info
from .canvas import plain_settings
from .pictures import Panel, draw_map, draw_months, draw_overview

# map in the output folder, title with a placeholder for the days summed, label of the colour bar
_SINGLE = (
    ("global/annual/total_sun_annual.tif", "Sunlight on the terrain {}", "Irradiation"),
    ("insol/annual/hours_sun_annual.tif", "Hours of direct sun {}", "Duration"),
    ("slope.tif", "Slope", "Slope"),
    ("aspect.tif", "Aspect", ""),
    ("sky_view.tif", "Sky-view factor", "Part of the sky that is seen"),
    ("twi.tif", "Topographic wetness index", "Wetness index"),
)

# monthly maps without the ending of their names, title, label of the colour bar
_MONTHLY = (
    (
        "global/monthly/total_sun_{}_average",
        "Sunlight on the terrain, mean day of each month",
        "Irradiation",
    ),
    ("insol/monthly/hours_sun_{}_average", "Direct sun, mean day of each month", "Duration"),
)

_VARIANTS = {"Topo": "EEMT_TOPO", "TopoVeg": "EEMT_TOPO-VEG", "Trad": "EEMT_TRAD"}


def draw_run(out: str | Path, dem_path: str | Path) -> Iterator[Path]:
    """Draw the maps of a finished run as pictures in its folder ``quicklook``.

    Parameters
    ----------
    out
        The run's output folder; maps that are not in it are left out.
    dem_path
        The DEM on the same grid as the maps.

    Yields
    ------
    path
        The file of each picture, as soon as it is written.

    Raises
    ------
    InputError, ArgumentError
        As in `draw_map`.
    """
    with plain_settings():
        yield from _draw(Path(out), dem_path)


def _draw(out: Path, dem_path: str | Path) -> Iterator[Path]:
    folder = out / "quicklook"
    folder.mkdir(exist_ok=True)
    panels = []
    for path, title, label in (*_energy(out), *_SINGLE):
        if (out / path).exists():
            picture = folder / f"{Path(path).stem}.png"
            title = title.format(_days(out / path))
            draw_map(out / path, dem_path, picture, title, label=label)
            panels.append(Panel(out / path, title))
            yield picture
    for pattern, title, label in (*_MONTHLY, *_energy_months(out)):
        found = {m.capitalize(): _found(out / pattern.format(m)) for m in MONTHS}
        months = {name: path for name, path in found.items() if path is not None}
        if len(months) > 1:
            picture = folder / f"{Path(pattern.format('months')).name}.png"
            draw_months(months, dem_path, picture, title, label=label)
            yield picture
    if len(panels) > 1:
        picture = folder / "overview.png"
        draw_overview(panels[:6], dem_path, picture, "The landscape at a glance")
        yield picture


def _found(path: Path) -> Path | None:
    """Return the map of a name without its ending; None if there is none."""
    found = (path.with_name(f"{path.name}{ending}") for ending in (".tif", ".vrt"))
    return next((each for each in found if each.exists()), None)


def _days(path: Path) -> str:
    """Return words for the days over which a map was summed, from the map's tag."""
    days = int(raster_info(path).tags.get("DAYS", 365))
    return "in a year" if days == 365 else "on one day" if days == 1 else f"in {days} days"


def _energy(out: Path) -> Iterator[tuple[str, str, str]]:
    """Yield, for each variant that the run computed, the map of the mean over the years."""
    for name, words in _VARIANTS.items():
        if (out / f"eemt/summary/EEMT_{name}_mean.tif").exists():
            title = f"Effective energy and mass transfer, {words}"
            yield f"eemt/summary/EEMT_{name}_mean.tif", title, "EEMT"


def _energy_months(out: Path) -> Iterator[tuple[str, str, str]]:
    """Yield, for each variant, the file-name pattern of the first period's monthly maps."""
    for name, words in _VARIANTS.items():
        first = min(out.glob(f"eemt/EEMT_{name}_jan_*.tif"), default=None)
        if first is not None:
            period = first.stem.removeprefix(f"EEMT_{name}_jan_")
            yield f"eemt/EEMT_{name}_{{}}_{period}", f"{words}, {period}", "EEMT"
