"""Where cells are: the grid of a raster, and smooth quantities over it.

Plain arithmetic on immutable values. It knows neither files nor projections: what needs
them is computed once, in `rasters`, and travels from there as a `Grid` or a `Lattice`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._arrays import described
from ..errors import ArgumentError

Array = NDArray[np.float64]

METRES_PER_DEGREE = 111_000.0
"""Of latitude, roughly: where the size of cells in degrees need not be known better."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A north-up grid of `rows` x `cols` cells in a coordinate reference system.

    Attributes
    ----------
    rows, cols
        Number of cells; row 0 is the northernmost, column 0 the westernmost.
    x0, y0
        Outer corner in the north-west [units of the CRS].
    dx, dy
        Edge lengths of a cell, both positive [units of the CRS].
    unit_m
        Metres in one unit of the CRS; 0 where the unit is an angle (a geographic CRS).
    crs
        The coordinate reference system as WKT; empty where unknown.
    scale_x, scale_y
        Length on the ground over length in the map, along x and along y: 1 until somebody has
        looked (`eemt_core.rasters.true_size`). Grids that differ in nothing else are equal.

    Examples
    --------
    >>> grid = Grid(rows=2, cols=3, x0=500.0, y0=900.0, dx=10.0, dy=20.0, unit_m=1.0, crs="")
    >>> grid.centres(0, 0)
    (505.0, 890.0)
    >>> grid.window(-1, 1, 2, 2).x0, grid.window(-1, 1, 2, 2).y0
    (510.0, 920.0)
    """

    rows: int
    cols: int
    x0: float
    y0: float
    dx: float
    dy: float
    unit_m: float
    crs: str
    scale_x: float = field(default=1.0, compare=False)
    scale_y: float = field(default=1.0, compare=False)

    def __post_init__(self) -> None:
        if self.rows < 1 or self.cols < 1:
            raise ArgumentError(
                f"a grid must have cells, got {self.rows} x {self.cols}",
                field="rows",
                value=(self.rows, self.cols),
            )
        if not (self.dx > 0 and self.dy > 0):
            raise ArgumentError(
                f"dx and dy must be positive, got {self.dx:g} and {self.dy:g}",
                field="dx",
                value=(self.dx, self.dy),
            )

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, cols)."""
        return self.rows, self.cols

    @property
    def is_geographic(self) -> bool:
        """Whether coordinates are angles, so that cells have no size in metres."""
        return self.unit_m == 0

    @property
    def cell_size_m(self) -> tuple[float, float]:
        """Edge lengths (x, y) of a cell on the ground [m]."""
        return self.dx * self.unit_m * self.scale_x, self.dy * self.unit_m * self.scale_y

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(west, south, east, north), outer edges [units of the CRS]."""
        return self.x0, self.y0 - self.rows * self.dy, self.x0 + self.cols * self.dx, self.y0

    def window(self, row0: int, col0: int, rows: int, cols: int) -> Grid:
        """Return the grid of a window, which may reach beyond this grid."""
        x0, y0 = self.x0 + col0 * self.dx, self.y0 - row0 * self.dy
        return replace(self, rows=rows, cols=cols, x0=x0, y0=y0)

    def centres(self, rows: ArrayLike, cols: ArrayLike) -> tuple[Any, Any]:
        """Return x of the centres of columns `cols` and y of those of rows `rows`.

        Indices may be fractions and lie outside; each answer has the shape of its index.
        """
        x = self.x0 + (np.asarray(cols, dtype=np.float64) + 0.5) * self.dx
        y = self.y0 - (np.asarray(rows, dtype=np.float64) + 0.5) * self.dy
        return (x if x.ndim else float(x)), (y if y.ndim else float(y))

    def index_of(self, x: ArrayLike, y: ArrayLike) -> tuple[Any, Any]:
        """Return fractional (rows, cols) of points: whole numbers are centres of cells."""
        rows = (self.y0 - np.asarray(y, dtype=np.float64)) / self.dy - 0.5
        cols = (np.asarray(x, dtype=np.float64) - self.x0) / self.dx - 0.5
        return rows, cols

    def to_dict(self) -> dict[str, Any]:
        """Return the grid as plain data that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Grid:
        """Return the grid that `to_dict` described."""
        return cls(**data)


class LatticePlaces(NamedTuple):
    """Cells of a window between the control points of a `Lattice`.

    Attributes
    ----------
    values
        (n, m) float64 array, the control points.
    row_interval, row_part
        For each row the index of the control point before it, int64, and its share of the way to
        the next one.
    col_interval, col_part
        The same for each column.
    """

    values: Array
    row_interval: NDArray[np.int64]
    row_part: Array
    col_interval: NDArray[np.int64]
    col_part: Array


@dataclass(frozen=True, eq=False, slots=True)
class Lattice:
    """A smooth quantity over a grid, known at every `spacing`-th corner of its cells.

    Latitude, for one, needs a projection library to compute, but hardly bends over a few
    kilometres: a lattice carries it to where there is no such library, and `expand` gives
    it back cell by cell. An answer has the same bits whichever window asks for it, also
    after `cut`, since each cell's value is worked out from its own index alone.

    Attributes
    ----------
    values
        (n, m) float64 array: the quantity at corners (row, col) of the whole grid,
        rows `spacing` * (`first_row` + 0, 1, ... n-1), columns likewise.
    spacing
        Cells between control points.
    first_row, first_col
        Control points that `cut` left off in the north and in the west.
    whole
        Control points of the whole grid, (rows, cols); the outermost intervals of this
        lattice also serve the cells beyond the grid, by linear extrapolation.
    """

    values: Array
    spacing: int
    first_row: int = 0
    first_col: int = 0
    whole: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        if self.spacing < 1:
            raise ArgumentError(
                f"spacing must be at least 1, got {self.spacing}",
                field="spacing",
                value=self.spacing,
            )
        if self.values.ndim != 2 or min(self.values.shape) < 2:
            raise ArgumentError(
                f"values must be at least 2 x 2, got {self.values.shape}",
                field="values",
                value=described(self.values),
            )
        if self.whole == (0, 0):
            object.__setattr__(self, "whole", self.values.shape)

    @classmethod
    def sample(
        cls, shape: tuple[int, int], spacing: int, function: Callable[[Array, Array], Array]
    ) -> Lattice:
        """Return the lattice of ``function(rows, cols)`` over a grid of that shape.

        The function gets two arrays of equal shape, corners counted in cells from the
        grid's outer north-west corner, and returns its values there.

        Examples
        --------
        >>> plane = Lattice.sample((100, 80), 32, lambda row, col: row + 1000 * col)
        >>> plane.expand(50, 7, 1, 2).tolist()
        [[7550.5, 8550.5]]
        """
        values = function(*cls.corners(shape, spacing))
        return cls(np.ascontiguousarray(values, dtype=np.float64), spacing)

    @staticmethod
    def corners(shape: tuple[int, int], spacing: int) -> tuple[Array, Array]:
        """Return (rows, cols) of the control points over a grid of that shape, two arrays."""
        rows, cols = (np.arange(max(-(-n // spacing), 1) + 1.0) * spacing for n in shape)
        row, col = np.meshgrid(rows, cols, indexing="ij")
        return row, col

    def expand(
        self,
        row0: int,
        col0: int,
        rows: int,
        cols: int,
        row_offset: float = 0.5,
        col_offset: float = 0.5,
    ) -> Array:
        """Return the quantity in the cells of a window of the whole grid.

        Parameters
        ----------
        row0, col0, rows, cols
            The window; it may reach beyond the grid.
        row_offset, col_offset
            Place within each cell: (0.5, 0.5) is its centre, (1, 0) its lower left corner.

        Returns
        -------
        values
            (rows, cols) float64 array, bilinear between the control points.
        """
        values, i, down, j, right = self.places(row0, col0, rows, cols, row_offset, col_offset)
        north, south = values[i], values[i + 1]
        along = north + down[:, None] * (south - north)
        west, east = along[:, j], along[:, j + 1]
        found: Array = west + right * (east - west)
        return found

    def places(
        self,
        row0: int,
        col0: int,
        rows: int,
        cols: int,
        row_offset: float = 0.5,
        col_offset: float = 0.5,
    ) -> LatticePlaces:
        """Return where the cells of a window lie between the control points, for `expand`."""
        return LatticePlaces(
            self.values,
            *self._place(row0, rows, row_offset, axis=0),
            *self._place(col0, cols, col_offset, axis=1),
        )

    def cut(self, row0: int, col0: int, rows: int, cols: int) -> Lattice:
        """Return the lattice with only the control points that a window's cells need."""
        i, _ = self._place(row0, 2, 0.0, axis=0, step=rows)
        j, _ = self._place(col0, 2, 0.0, axis=1, step=cols)
        return replace(
            self,
            values=self.values[i[0] : i[1] + 2, j[0] : j[1] + 2].copy(),
            first_row=self.first_row + int(i[0]),
            first_col=self.first_col + int(j[0]),
        )

    def _place(
        self, start: int, count: int, offset: float, axis: int, step: int = 1
    ) -> tuple[NDArray[np.int64], Array]:
        """Return each coordinate's interval, as an index into `values`, and the part of it."""
        cells = start + step * np.arange(count, dtype=np.int64)
        # whole cells and offset apart: integers stay exact however far from the origin
        interval = np.clip(
            np.floor_divide(np.floor(cells + offset).astype(np.int64), self.spacing),
            0,
            self.whole[axis] - 2,
        )
        part = ((cells - interval * self.spacing) + offset) / self.spacing
        index = interval - (self.first_row, self.first_col)[axis]
        if index[0] < 0 or index[-1] + 1 >= self.values.shape[axis]:
            raise ArgumentError(
                f"cells {start} to {start + step * (count - 1)} lie outside this cut lattice",
                field="start",
                value=start,
            )
        return index, part

    def to_arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the lattice as plain arrays, their keys beginning with `name`."""
        place = (self.spacing, self.first_row, self.first_col, *self.whole)
        return {f"{name}.values": self.values, f"{name}.place": np.array(place, dtype=np.int64)}

    @classmethod
    def from_arrays(cls, name: str, arrays: Mapping[str, NDArray[Any]]) -> Lattice:
        """Return the lattice that `to_arrays` put under `name`."""
        spacing, first_row, first_col, *whole = (int(n) for n in arrays[f"{name}.place"])
        values = np.ascontiguousarray(arrays[f"{name}.values"], dtype=np.float64)
        return cls(values, spacing, first_row, first_col, (whole[0], whole[1]))
