"""Pictures of one map, of twelve months, or of several quantities."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..grids.grid import Grid
from ..rasters import geometry, raster_info, read_overview, true_size
from . import canvas
from .canvas import Array
from .styles import Style, pretty_unit, readable, robust_limits, style_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Longest side of a map as it is read, in cells; pictures have no more pixels than that.
_MAX_CELLS = 1500

# Strength of the hillshade, from 0 (none) to 1.
_DEPTH = 0.45


@dataclass(frozen=True, slots=True)
class Panel:
    """A map of an overview, and its title."""

    path: Path
    title: str


@dataclass(frozen=True, slots=True)
class _Layer:
    """A map prepared for drawing."""

    values: Array
    grid: Grid
    cell_m: tuple[float, float]
    unit: str
    style: Style


def draw_map(
    map_path: str | Path,
    dem_path: str | Path | None,
    out_png: str | Path,
    title: str,
    *,
    label: str = "",
    limits: tuple[float, float] | None = None,
) -> None:
    """Draw one map over a hillshade, with colour bar, scale bar, north arrow and coordinates.

    Parameters
    ----------
    map_path
        The map; its unit is read from its band, and its file name decides the colours.
    dem_path
        The DEM on the same grid; None for no hillshade.
    out_png
        The picture; an existing file is replaced.
    title
        Title above the map.
    label
        Label of the colour bar, written before the unit.
    limits
        Values at the ends of the colour scale, in the unit of the colour bar; by default the 2nd
        and 98th percentile.

    Raises
    ------
    InputError
        If a file is missing or has no valid cell, or map and DEM cover different extents.
    ArgumentError
        If matplotlib is not installed.
    """
    layer = _read(map_path, _MAX_CELLS)
    light = _light(dem_path, layer)
    aspect = _aspect(layer.grid)
    wide = aspect > 1.7
    map_w, map_h = _box(aspect, 9.0 if wide else 7.2)
    left, right, bottom, top = 0.75, 0.35 if wide else 1.35, 1.45 if wide else 0.85, 0.6
    figure = canvas.new_figure(_width(title, left + map_w + right), bottom + map_h + top)
    axes = _axes(figure, left, bottom, map_w, map_h)
    limits = limits or layer.style.limits or robust_limits([layer.values])
    _paint(axes, layer, light, limits)
    canvas.coordinates(axes, layer.grid)
    canvas.furniture(axes, layer.grid, _convergence(layer.grid))
    if wide:
        place = _axes(figure, left + 0.15 * map_w, 0.62, 0.7 * map_w, 0.16)
    else:
        place = _axes(figure, left + map_w + 0.18, bottom + 0.1 * map_h, 0.19, 0.8 * map_h)
    _bar(figure, place, [layer], limits, label, horizontal=wide)
    _words(figure, title, layer, left)
    canvas.save(figure, Path(out_png))


def draw_months(
    map_paths: Mapping[str, str | Path],
    dem_path: str | Path | None,
    out_png: str | Path,
    title: str,
    *,
    label: str = "",
) -> None:
    """Draw the monthly maps of a quantity beside each other, with a common colour bar.

    Parameters
    ----------
    map_paths
        For each month, in order, its name as written above the map, and the map.
    dem_path, out_png, title, label
        As in `draw_map`.

    Raises
    ------
    InputError, ArgumentError
        As in `draw_map`.
    """
    layers = {name: _read(path, _MAX_CELLS // 3) for name, path in map_paths.items()}
    first = next(iter(layers.values()))
    largest = max((layer.unit for layer in layers.values()), key=len)
    layers = {name: _in_unit(layer, largest) for name, layer in layers.items()}
    light = _light(dem_path, first)
    limits = first.style.limits or robust_limits([layer.values for layer in layers.values()])
    aspect = _aspect(first.grid)
    cols = min(len(layers), 3 if aspect > 1.9 else 4 if aspect > 0.6 else 6)
    rows = math.ceil(len(layers) / cols)
    map_w, map_h = _box(aspect, 2.7)
    gap, above, left, right, bottom, top = 0.14, 0.3, 0.45, 1.4, 0.45, 0.55
    width, height = cols * (map_w + gap) - gap, rows * (map_h + above)
    figure = canvas.new_figure(_width(title, left + width + right), bottom + height + top)
    for k, (name, layer) in enumerate(layers.items()):
        row, col = divmod(k, cols)
        y = bottom + height - (row + 1) * (map_h + above)
        axes = _axes(figure, left + col * (map_w + gap), y, map_w, map_h)
        _paint(axes, layer, light, limits)
        canvas.bare(axes)
        axes.set_title(name, fontsize=10.5, color=canvas.INK, pad=4)
    place = _axes(figure, left + width + 0.25, bottom + 0.15 * height, 0.2, 0.7 * height)
    _bar(figure, place, [*layers.values()], limits, label)
    _words(figure, title, first, left)
    canvas.save(figure, Path(out_png))


def draw_overview(
    panels: Sequence[Panel], dem_path: str | Path | None, out_png: str | Path, title: str
) -> None:
    """Draw maps of several quantities beside each other, each with its own colour bar.

    Parameters
    ----------
    panels
        The maps, in order.
    dem_path, out_png, title
        As in `draw_map`.

    Raises
    ------
    InputError, ArgumentError
        As in `draw_map`.
    """
    layers = [_read(panel.path, _MAX_CELLS // 2) for panel in panels]
    aspect = _aspect(layers[0].grid)
    cols = min(len(layers), 2 if aspect > 1.9 or len(layers) == 4 else 3)
    rows = math.ceil(len(layers) / cols)
    map_w, map_h = _box(aspect, 4.0)
    across, above, left, right, bottom, top = 1.25, 0.42, 0.45, 0.05, 0.45, 0.55
    width, height = cols * (map_w + across), rows * (map_h + above)
    figure = canvas.new_figure(_width(title, left + width + right), bottom + height + top)
    for k, (panel, layer) in enumerate(zip(panels, layers, strict=True)):
        row, col = divmod(k, cols)
        x, y = left + col * (map_w + across), bottom + (rows - row - 1) * (map_h + above)
        axes = _axes(figure, x, y, map_w, map_h)
        limits = layer.style.limits or robust_limits([layer.values])
        _paint(axes, layer, _light(dem_path, layer), limits)
        canvas.bare(axes)
        axes.set_title(panel.title, fontsize=11, color=canvas.INK, pad=5, loc="left")
        if k == 0:
            canvas.furniture(axes, layer.grid, _convergence(layer.grid))
        place = _axes(figure, x + map_w + 0.1, y + 0.1 * map_h, 0.14, 0.8 * map_h)
        _bar(figure, place, [layer], limits, "")
    _words(figure, title, layers[0], left)
    canvas.save(figure, Path(out_png))


def _read(path: str | Path, max_cells: int) -> _Layer:
    """Read a map at reduced size, and convert it to the unit in which it is drawn."""
    info = raster_info(path)
    if info.grid is None:
        raise InputError(
            f"{path} has no place on the Earth", remedy="give a map with a georeference"
        )
    style = style_of(Path(path).name)
    values, grid = read_overview(
        path, max_cells, resampling="nearest" if style.circular else "average"
    )
    if not np.isfinite(values).any():
        raise InputError(f"{path} has no valid cell to draw", remedy="look at how it was made")
    values, unit = readable(values, info.units[0] or "")
    true = true_size(info.grid)
    grid = replace(grid, scale_x=true.scale_x, scale_y=true.scale_y)
    return _Layer(values, grid, true.cell_size_m, unit, style)


def _in_unit(layer: _Layer, unit: str) -> _Layer:
    """Return a layer in `unit`, which is the layer's own unit or a thousand times it."""
    if layer.unit == unit:
        return layer
    return replace(layer, values=layer.values / np.float32(1000), unit=unit)


def _light(dem_path: str | Path | None, layer: _Layer) -> Array | None:
    if dem_path is None:
        return None
    elevation_m, grid = read_overview(dem_path, max(layer.grid.shape))
    if grid.shape != layer.grid.shape or not np.allclose(grid.bounds, layer.grid.bounds):
        raise InputError(
            f"{dem_path} does not cover the same ground as the map", remedy="give the run's DEM"
        )
    return canvas.hillshade(elevation_m, layer.grid)


def _convergence(grid: Grid) -> float:
    """Return the meridian convergence in the middle of the grid [rad]."""
    if grid.is_geographic or not grid.crs:
        return 0.0
    middle = geometry(grid).convergence_rad.expand(grid.rows // 2, grid.cols // 2, 1, 1)
    return float(middle[0, 0])


def _aspect(grid: Grid) -> float:
    west, south, east, north = grid.bounds
    return (east - west) * grid.scale_x / ((north - south) * grid.scale_y)


def _box(aspect: float, longest_in: float) -> tuple[float, float]:
    """Return width and height of a map [inch], of which neither is below a fifth of the other."""
    width, height = min(longest_in, longest_in * aspect), min(longest_in, longest_in / aspect)
    return max(width, longest_in / 5), max(height, longest_in / 5)


def _width(title: str, width_in: float) -> float:
    """Return the width of a figure [inch], increased if title or footer need more room."""
    return max(width_in, 0.7 + 0.135 * len(title), 5.0)


def _axes(figure: Figure, x: float, y: float, width: float, height: float) -> Axes:
    """Add axes at a position in inches."""
    w, h = figure.get_size_inches()
    return figure.add_axes((x / w, y / h, width / w, height / h))


def _paint(axes: Axes, layer: _Layer, light: Array | None, limits: tuple[float, float]) -> None:
    image = canvas.shaded(layer.values, layer.style.colours, limits, light, _DEPTH)
    canvas.put_map(axes, image, layer.grid)


def _bar(
    figure: Figure,
    place: Axes,
    layers: list[_Layer],
    limits: tuple[float, float],
    label: str,
    *,
    horizontal: bool = False,
) -> None:
    style, unit = layers[0].style, layers[0].unit
    below = any(np.nanmin(layer.values) < limits[0] for layer in layers)
    above = any(np.nanmax(layer.values) > limits[1] for layer in layers)
    beyond = {(1, 1): "both", (1, 0): "min", (0, 1): "max"}.get((below, above), "neither")
    shown = "" if unit in ("", "1") else f"[{pretty_unit(unit)}]"
    canvas.colour_bar(
        figure,
        place,
        style.colours,
        limits,
        beyond,
        "" if style.circular else f"{label} {shown}".strip(),
        circular=style.circular,
        horizontal=horizontal,
    )


def _words(figure: Figure, title: str, layer: _Layer, left: float) -> None:
    w, h = figure.get_size_inches()
    figure.text(
        left / w, 1 - 0.3 / h, title, fontsize=14, fontweight="bold", color=canvas.INK, va="center"
    )
    canvas.footer(figure, layer.grid, layer.cell_m, left / w, 0.12 / h)
