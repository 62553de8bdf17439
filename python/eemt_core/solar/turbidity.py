"""Linke turbidity of a place, from the monthly SoDa world grid that pvlib ships.

Optional: needs the extra ``linke`` (pvlib and h5py).
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._arrays import angles_argument, described
from ..errors import ArgumentError, InputError

_ROWS, _COLS = 2160, 4320  # 5 arc minutes; row 0 in the north, column 0 at 180 degrees west
_SCALE = 20.0  # stored as bytes


def soda_linke(latitude_deg: NDArray[Any], longitude_deg: NDArray[Any]) -> NDArray[np.float64]:
    """Monthly Linke turbidity at places, bilinear between the grid's 5-minute cells.

    Parameters
    ----------
    latitude_deg, longitude_deg
        Arrays of one shape, north and east positive, -90 to 90 and -360 to 360 [degrees]; none
        may be NaN.

    Returns
    -------
    linke
        (12, ...) float64 array, January first [-].

    Raises
    ------
    ArgumentError
        If the shapes differ, there is no place, or one is not on the Earth.
    InputError
        If pvlib or h5py is not installed.

    References
    ----------
    Remund, J., Wald, L., Lefevre, M., Ranchin, T., Page, J. (2003). Worldwide Linke turbidity
    information. ISES Solar World Congress, Goteborg.

    Examples
    --------
    >>> monthly = soda_linke(np.array([35.8]), np.array([-106.6]))
    >>> monthly.shape, bool(((monthly > 1.5) & (monthly < 5)).all())
    ((12, 1), True)
    """
    latitude = angles_argument("latitude_deg", latitude_deg, -90.0, 90.0)
    longitude = angles_argument("longitude_deg", longitude_deg, -360.0, 360.0)
    if latitude.shape != longitude.shape or not latitude.size:
        raise ArgumentError(
            "latitude_deg and longitude_deg must have one shape and hold a place, got shapes "
            f"{latitude.shape} and {longitude.shape}",
            field="longitude_deg",
            value=described(longitude),
        )
    for name, angles in (("latitude_deg", latitude), ("longitude_deg", longitude)):
        if np.isnan(angles).any():
            raise ArgumentError(
                f"{name} must not be NaN",
                remedy="ask for the places alone that are known",
                field=name,
                value=described(angles),
            )
    row = np.clip((90.0 - latitude) / 180.0 * _ROWS - 0.5, 0, _ROWS - 1)
    col = (longitude + 180.0) % 360.0 / 360.0 * _COLS - 0.5
    north = np.floor(row).astype(int)
    west = np.floor(col).astype(int)
    south = np.minimum(north + 1, _ROWS - 1)
    down, right = row - north, col - west
    first, last = int(north.min()), int(south.max())
    band = _read_rows(first, last + 1)

    def at(rows: NDArray[Any], cols: NDArray[Any]) -> NDArray[Any]:
        values: NDArray[Any] = band[rows - first, cols % _COLS]
        return values

    upper = at(north, west) * (1 - right[..., None]) + at(north, west + 1) * right[..., None]
    lower = at(south, west) * (1 - right[..., None]) + at(south, west + 1) * right[..., None]
    blend = upper * (1 - down[..., None]) + lower * down[..., None]
    return np.moveaxis(blend / _SCALE, -1, 0)


def _read_rows(first: int, stop: int) -> NDArray[np.float64]:
    try:
        import h5py
        import pvlib
    except ImportError as missing:
        raise InputError(
            f"the worldwide turbidity needs {missing.name}",
            remedy="pip install 'eemt-core[linke]', or give a turbidity yourself",
            field="linke",
        ) from None
    path = _grid_of(pvlib.__file__)
    try:
        with h5py.File(path, "r") as file:
            rows: NDArray[np.float64] = file["LinkeTurbidity"][first:stop].astype(np.float64)
    except (OSError, KeyError):
        raise InputError(
            f"cannot read the turbidity grid {path}; reinstall pvlib", field="linke"
        ) from None
    return rows


def soda_grid() -> Path | None:
    """Return where the grid lies, None where pvlib is not installed; it is not loaded for that."""
    spec = find_spec("pvlib")
    return None if spec is None or spec.origin is None else _grid_of(spec.origin)


def _grid_of(package: str) -> Path:
    return Path(package).parent / "data" / "LinkeTurbidities.h5"
