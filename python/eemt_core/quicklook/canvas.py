"""Elements of a figure: hillshade, map, scale bar, north arrow, colour bar and footer."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._version import __version__
from ..errors import ArgumentError
from ..grids.grid import Grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float32]

DPI = 150
INK, FAINT = "#222222", "#777777"

# Position of the light for the hillshade: in the north-west, as is usual in maps, 45 degrees high.
_AZIMUTH_RAD, _ALTITUDE_RAD = math.radians(315), math.radians(45)


def new_figure(width_in: float, height_in: float) -> Figure:
    """Return an empty figure that is not registered in matplotlib's global state (pyplot)."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ArgumentError(
            "pictures need matplotlib, which is not installed",
            remedy="pip install 'eemt-core[plot]'",
            field="pictures",
        ) from error
    figure = Figure(figsize=(width_in, height_in), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


@contextmanager
def plain_settings() -> Iterator[None]:
    """Use matplotlib's default settings within the block, not those in the user's matplotlibrc."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG; on failure no file of that name is left."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        figure.savefig(
            part,
            format="png",
            metadata={"Software": f"eemt-core {__version__}"},
            pil_kwargs={"compress_level": 2},  # level 6 is much slower, for 10 % less size
        )
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def hillshade(elevation_m: Array, grid: Grid) -> Array:
    """Return the brightness of each cell, between 0 and about 1.4, and 1 on flat ground.

    Heights are scaled so that a quarter of the area is steeper than 20 degrees. So low hills in a
    plain are visible and mountains are not all black, at every size of the picture.
    """
    x_m, y_m = grid.cell_size_m if not grid.is_geographic else (grid.dx, grid.dy)
    rows, cols = elevation_m.shape
    south = np.gradient(elevation_m, y_m, axis=0) if rows > 1 else np.zeros_like(elevation_m)
    east = np.gradient(elevation_m, x_m, axis=1) if cols > 1 else np.zeros_like(elevation_m)
    steep = np.hypot(south, east)
    if not np.isfinite(steep).any() or np.nanmax(steep) == 0:
        return np.where(np.isnan(elevation_m), np.nan, 1).astype(np.float32)
    stretch = relief_stretch(steep)
    return brightness(south * stretch, east * stretch).astype(np.float32)


def relief_stretch(steep: Array) -> float:
    """Return the factor of heights by which a quarter of the cells is steeper than 20 degrees.

    `steep` holds tangents of slopes; some must be above 0, NaN are left out.
    """
    return math.tan(math.radians(20)) / max(float(np.nanpercentile(steep, 75)), 1e-9)


def brightness(south: Array, east: Array) -> Array:
    """Return the light on cells that rise so much per length towards south and east: 1 where flat.

    It is the cosine of the angle between the light and the normal of the cell, over that of flat
    ground.
    """
    towards_east, towards_north = math.sin(_AZIMUTH_RAD), math.cos(_AZIMUTH_RAD)
    tilt = (south * towards_north - east * towards_east) / math.tan(_ALTITUDE_RAD)
    light: Array = np.clip((1 + tilt) / np.sqrt(1 + south**2 + east**2), 0, None)
    return light


def shaded(
    values: Array, colours: str, limits: tuple[float, float], light: Array | None, depth: float
) -> NDArray[np.float64]:
    """Return (rows, cols, 4) colours of values, made darker or lighter by the hillshade.

    Colours are multiplied by the brightness, so that the hue still shows the value. Cells without
    data are transparent.
    """
    import matplotlib

    low, high = limits
    rgba: NDArray[np.float64] = matplotlib.colormaps[colours](
        (np.nan_to_num(values) - low) / (high - low)
    )
    if light is not None:
        factor = 1 + depth * (np.nan_to_num(light, nan=1.0) - 1)
        rgba[..., :3] = np.clip(rgba[..., :3] * factor[..., None], 0, 1)
    rgba[..., 3] = np.isfinite(values)
    return rgba


def put_map(axes: Axes, image: NDArray[np.float64], grid: Grid) -> None:
    """Draw an image at its coordinates, with the proportions that cells have on the ground."""
    west, south, east, north = grid.bounds
    axes.imshow(
        image,
        extent=(west, east, south, north),
        interpolation="auto",
        aspect=grid.scale_y / grid.scale_x,
        zorder=1,
    )
    for spine in axes.spines.values():
        spine.set(color=FAINT, linewidth=0.6)


def coordinates(axes: Axes, grid: Grid) -> None:
    """Label a few of the grid's coordinates, in kilometres or degrees, along the edges."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    west, south, east, north = grid.bounds
    if grid.is_geographic:
        names, unit, per_unit = ("Longitude", "Latitude"), "°", 1.0
    else:
        small = max(east - west, north - south) * grid.unit_m < 3000
        names, unit = ("Easting", "Northing"), "m" if small else "km"
        per_unit = grid.unit_m if small else grid.unit_m / 1000

    def label(value: float, _: object) -> str:
        return f"{value * per_unit:,.8g}".replace(",", "\u2009")

    for axis, text in zip((axes.xaxis, axes.yaxis), names, strict=True):
        axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(FuncFormatter(label))
        axis.set_label_text(f"{text} [{unit}]", color=FAINT, fontsize=8)
    axes.tick_params(labelsize=7.5, colors=FAINT, length=3, width=0.6)
    for tick in axes.get_yticklabels():
        tick.set(rotation=90, verticalalignment="center")


def bare(axes: Axes) -> None:
    """Remove tick marks and labels from the edges."""
    axes.set_xticks([])
    axes.set_yticks([])


def furniture(axes: Axes, grid: Grid, convergence_rad: float) -> None:
    """Draw a scale bar and an arrow to true north in the lower corners, if there is room."""
    from matplotlib import patheffects

    axes.apply_aspect()
    box = axes.get_window_extent()
    if grid.is_geographic or min(box.width, box.height) < 0.8 * DPI:
        return

    width_m = grid.cols * grid.cell_size_m[0]
    halo = [patheffects.withStroke(linewidth=2.6, foreground="white", alpha=0.9)]
    length_m = round_length(width_m / 4)
    text = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    part = length_m / width_m
    x, y = 0.1 * DPI / box.width + 0.02, 0.1 * DPI / box.height + 0.02
    rise = 0.07 * DPI / box.height
    style: dict[str, Any] = {"transform": axes.transAxes, "path_effects": halo, "zorder": 5}
    axes.plot(
        [x, x, x + part, x + part],
        [y + rise, y, y, y + rise],
        color=INK,
        linewidth=1.6,
        solid_joinstyle="miter",
        **style,
    )
    axes.text(
        x + part / 2,
        y + 1.3 * rise,
        text,
        ha="center",
        va="bottom",
        fontsize=8.5,
        color=INK,
        **style,
    )
    # convergence is the angle from true north to grid north, so true north is at minus that angle
    size = min(0.5, 0.16 * min(box.width, box.height) / DPI) * DPI
    up = np.array([math.sin(-convergence_rad) * size, math.cos(convergence_rad) * size])
    below = 1.3 * max(-up[1], 0)  # in a grid whose south is up
    foot = np.array([box.width - 0.28 * DPI - max(up[0], 0), (y - rise / 2) * box.height + below])
    tip, mark = foot + up, foot + 1.3 * up
    axes.annotate(
        "",
        xy=(tip[0] / box.width, tip[1] / box.height),
        xytext=(foot[0] / box.width, foot[1] / box.height),
        xycoords="axes fraction",
        arrowprops={
            "arrowstyle": "-|>,head_width=0.28,head_length=0.55",
            "color": INK,
            "linewidth": 1.4,
            "shrinkA": 0,
            "shrinkB": 0,
            "path_effects": halo,
        },
        zorder=5,
    )
    axes.text(
        mark[0] / box.width,
        mark[1] / box.height,
        "N",
        ha="center",
        va="center",
        fontsize=9.5,
        fontweight="bold",
        color=INK,
        **style,
    )


def round_length(length_m: float) -> float:
    """Return the largest number of the form 1, 2 or 5 times a power of ten up to `length_m`.

    Examples
    --------
    >>> round_length(7300.0), round_length(420.0), round_length(19.0)
    (5000.0, 200.0, 10.0)
    """
    power = 10.0 ** math.floor(math.log10(length_m))
    return max(step * power for step in (1, 2, 5) if step * power <= length_m)


def colour_bar(
    figure: Figure,
    place: Axes,
    colours: str,
    limits: tuple[float, float],
    beyond: str,
    label: str,
    *,
    circular: bool = False,
    horizontal: bool = False,
) -> None:
    """Draw a colour bar with its unit, in separate axes."""
    import matplotlib
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    mappable = ScalarMappable(Normalize(*limits), matplotlib.colormaps[colours])
    bar = figure.colorbar(
        mappable,
        cax=place,
        extend=beyond,
        extendfrac=0.03,
        orientation="horizontal" if horizontal else "vertical",
    )
    bar.outline.set(edgecolor=FAINT, linewidth=0.6)
    bar.ax.tick_params(labelsize=8.5, colors=INK, length=3, width=0.6)
    bar.set_label(label, fontsize=9.5, color=INK, labelpad=6)
    if circular:
        bar.set_ticks([0, 90, 180, 270, 360], labels=["N", "E", "S", "W", "N"])


def crs_name(grid: Grid) -> str:
    """Return the name of a grid's CRS, empty if it has no CRS."""
    found = re.match(r'\w+\["([^"]+)"', grid.crs)
    name = found.group(1) if found else ""
    return "fitted projection" if name == "unknown" else name


def footer(figure: Figure, grid: Grid, cell_m: tuple[float, float], x: float, y: float) -> None:
    """Write the CRS, the cell size and the program's name in small letters below the map."""
    parts = [crs_name(grid)]
    if not grid.is_geographic:
        size_x, size_y = (f"{m:.4g}" for m in cell_m)
        parts.append(
            f"cells of {size_x} m" if size_x == size_y else f"cells of {size_x} × {size_y} m"
        )
    parts.append(f"eemt-core {__version__}")
    figure.text(x, y, "  ·  ".join(p for p in parts if p), fontsize=7, color=FAINT, va="bottom")
