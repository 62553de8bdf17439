"""A station's monthly table in TOML: its climate normals, or single years.

    name = "ALLARDT, Tennessee"
    source = "NOAA climate normals 1971-2000, station 400081"
    elevation_m = 510.5
    latitude = 36.23        # [deg], negative in the south
    longitude = -84.94      # [deg], negative in the west, optional
    period = "1971-2000"    # label of the normals

    [monthly]               # twelve numbers each, January to December
    tmin_c = [...]          # mean of the daily minima [degC]
    tmax_c = [...]          # mean of the daily maxima [degC]
    prcp_mm = [...]         # total of the month [mm]
    vp_pa = [...]           # vapour pressure at the station [Pa], optional
    wind_m_s = [...]        # wind speed at 2 m [m/s], optional

For single years give, instead of `period` and ``[monthly]``, a table ``[[year]]`` for each year,
with ``year = 2010`` and the same monthly keys.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeGuard

import numpy as np

from ...calendar365 import MONTHS_IN_FULL
from ...errors import ArgumentError, InputError
from ...files import read_file
from ...grids.grid import Grid
from ...grids.tiling import EARTH_RADIUS_M
from ...plausible import PRECIPITATION, TEMPERATURE, VAPOUR_PRESSURE, WIND
from .._model import VARIABLES, Array, ClimateCut, Period, civil_days
from .source import FROM_TMIN, ElevationReader, select_periods

#: Key in the file -> name of the variable in `VARIABLES`.
_KEYS = {
    "tmin_c": "tmin_c",
    "tmax_c": "tmax_c",
    "prcp_mm": "prcp_mm",
    "vp_pa": "vapour_pressure_pa",
    "wind_m_s": "wind_m_s",
}
_NEEDED = ("tmin_c", "tmax_c", "prcp_mm")
_PLACE = ("name", "source", "elevation_m", "latitude", "longitude", "period", "monthly", "year")

_FAR_KM = 250.0
"""Within this distance a station is taken as one of the DEM's region: neighbouring ones differ by
height, which is accounted for, and by exposure; beyond it, by their climate."""

_GIVEN = "given; at other heights that of the same relative humidity"

# for each key the quantity, whose range is checked, and words for its unit in the message
_LIMITS = {
    "tmin_c": (TEMPERATURE, "degrees Celsius (Fahrenheit is (F - 32) / 1.8)"),
    "tmax_c": (TEMPERATURE, "degrees Celsius (Fahrenheit is (F - 32) / 1.8)"),
    "prcp_mm": (PRECIPITATION, "millimetres a month"),
    "vp_pa": (VAPOUR_PRESSURE, "pascals (1 hPa is 100 Pa, 1 kPa is 1000 Pa)"),
    "wind_m_s": (WIND, "metres a second"),
}


@dataclass(frozen=True)
class StationSource:
    """A station's table as a climate; the module's docstring describes the file."""

    path: Path
    name: str
    source: str
    elevation_m: float
    latitude: float
    longitude: float | None
    tables: Mapping[Period, Mapping[str, tuple[float, ...]]]
    kind: str = "station"

    @property
    def periods(self) -> tuple[Period, ...]:
        """Years in ascending order, or the label of the normals alone."""
        return tuple(self.tables)

    @property
    def variables(self) -> tuple[str, ...]:
        """Names, as in `VARIABLES`, of quantities that every period has."""
        return tuple(v for v in VARIABLES if all(v in table for table in self.tables.values()))

    @property
    def provenance(self) -> dict[str, Any]:
        """Origin of the climate, for the metadata of everything computed from it."""
        given = "vapour_pressure_pa" in self.variables
        return {
            "kind": self.kind,
            "file": self.path.name,
            "station": self.name,
            "source": self.source,
            "elevation_m": self.elevation_m,
            "latitude_deg": self.latitude,
            "longitude_deg": self.longitude,
            "vapour_pressure": _GIVEN if given else FROM_TMIN,
        }

    def select(
        self, start_year: int | None = None, end_year: int | None = None
    ) -> tuple[Period, ...]:
        """Return the periods from `start_year` to `end_year`, by default all, or raise."""
        return select_periods(self.periods, start_year, end_year, where=str(self.path))

    def plan(
        self, grid: Grid, periods: Sequence[Period], read_elevation: ElevationReader
    ) -> StationPlan:
        """Return the station's climate for a DEM; `read_elevation` is not called."""
        stray = [period for period in periods if period not in self.tables]
        if stray:
            raise ArgumentError(
                f"period must be one of {[*self.tables]}, got {stray[0]!r}",
                field="period",
                value=stray[0],
            )
        return StationPlan(self, tuple(periods), self._elsewhere(grid))

    def _elsewhere(self, grid: Grid) -> str:
        """Return a warning if the station's climate can hardly be the DEM's, else ""."""
        if not grid.crs:
            return ""
        from ... import rasters  # imported here: a tile's task must not load rasterio

        x, y = grid.x0 + grid.cols * grid.dx / 2, grid.y0 - grid.rows * grid.dy / 2
        lon, lat = rasters.transform_points(grid.crs, "EPSG:4326", [x], [y])
        longitude, latitude = float(lon[0]), float(lat[0])
        if latitude * self.latitude < 0:
            here, there = (f"{abs(v):.3g} degrees {'NS'[v < 0]}" for v in (latitude, self.latitude))
            return (
                f"The DEM lies at {here}, the station of {self.path.name} at {there}: its months "
                "have the other hemisphere's seasons; give a station of the DEM's region."
            )
        away_km = self._distance_km(latitude, longitude)
        if away_km <= _FAR_KM:
            return ""
        return (
            f"The station of {self.path.name} lies some {round(away_km, -1):.0f} km from the DEM, "
            "where the climate may be another: give a station of the DEM's region."
        )

    def _distance_km(self, latitude: float, longitude: float) -> float:
        """Return the distance of a place; at least that where the longitude is not known."""
        own = longitude if self.longitude is None else self.longitude
        phi, other, turn = map(math.radians, (latitude, self.latitude, own - longitude))
        # the haversine formula
        h = math.sin((phi - other) / 2) ** 2
        h += math.cos(phi) * math.cos(other) * math.sin(turn / 2) ** 2
        return 2.0 * EARTH_RADIUS_M / 1000.0 * math.asin(math.sqrt(min(1.0, h)))


@dataclass(frozen=True)
class StationPlan:
    """A station's climate for a DEM: every tile gets the same numbers."""

    station: StationSource
    periods: tuple[Period, ...]
    elsewhere: str = ""

    @property
    def provenance(self) -> dict[str, Any]:
        """The station's provenance, and the periods used."""
        return self.station.provenance | {"periods": list(self.periods)}

    @property
    def files(self) -> tuple[Path, ...]:
        """The station's file."""
        return (self.station.path,)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user."""
        notes = [self.elsewhere] if self.elsewhere else []
        if "vapour_pressure_pa" not in self.station.variables:
            notes.append(
                f"{self.station.path.name} has no vapour pressure: the air is taken as saturated "
                "at the minimum temperature."
            )
        return tuple(notes)

    def cut(self, row0: int, col0: int, rows: int, cols: int) -> ClimateCut:
        """Return the station's numbers, which are the same for every window."""

        def column(name: str) -> Array:
            table = [self.station.tables[period][name] for period in self.periods]
            return np.array(table, np.float32).reshape(len(self.periods), 12, 1, 1)

        return ClimateCut(
            periods=self.periods,
            days=tuple(civil_days(period) for period in self.periods),
            values={name: column(name) for name in self.station.variables},
            reference_m=np.array([[self.station.elevation_m]], np.float32),
            weight=np.ones((1, 1), np.float32),
        )


def open_station(path: str | Path) -> StationSource:
    """Read a station's table.

    Raises
    ------
    InputError
        If the file is missing or not TOML, or a key is missing, unknown, out of range, or has a
        value of the wrong type or length; the message names file, key and remedy.
    """
    path = Path(path)
    data = _parse(path)
    reader = _Reader(path)
    reader.no_strangers(data, _PLACE, "")
    period, monthly, years = data.get("period"), data.get("monthly"), data.get("year")
    if (monthly is None) == (years is None):
        reader.fail("give either one [monthly] table (normals) or a [[year]] table for each year")
    tables: dict[Period, Mapping[str, tuple[float, ...]]] = {}
    if years is None:
        if not isinstance(period, str) or not re.fullmatch(r"\w[\w.-]*", period):
            reader.fail(
                "period must be the label of the normals in [monthly], for example "
                f'period = "1971-2000", got {period!r}'
            )
        tables[period] = reader.months(monthly, "[monthly]", ())
    else:
        if period is not None:
            reader.fail("period belongs to [monthly] normals", "remove it beside [[year]] tables")
        tables = reader.years(years)
    return StationSource(
        path=path,
        name=reader.text(data, "name"),
        source=reader.text(data, "source"),
        elevation_m=reader.number(data, "elevation_m", -450.0, 9000.0),
        latitude=reader.number(data, "latitude", -90.0, 90.0),
        longitude=reader.number(data, "longitude", -180.0, 360.0) if "longitude" in data else None,
        tables=tables,
    )


_LARGEST = 1e15
"""Largest accepted number: TOML's integers may have any length, more than a float can hold."""


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_file(path).decode("utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{path} does not exist",
            remedy="name the station's TOML file",
            field="climate",
            value=path,
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise InputError(
            f"{path} cannot be read ({reason})",
            remedy="name the station's TOML file",
            field="climate",
            value=path,
        ) from None
    except (ValueError, RecursionError) as error:  # also for too long integers
        raise InputError(
            f"{path} is not valid TOML ({error})",
            remedy="mend that place",
            field="climate",
            value=path,
        ) from None


@dataclass(frozen=True)
class _Reader:
    """Returns checked values from the parsed file; every error message starts with its name."""

    path: Path

    def fail(self, what: str, remedy: str = "") -> NoReturn:
        raise InputError(f"{self.path}: {what}", remedy=remedy)

    def no_strangers(self, table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
        for key in table:
            if key not in known:
                self.fail(f"unknown key {key}{where}; the keys are {', '.join(known)}")

    def text(self, table: Mapping[str, Any], key: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip():
            self.fail(f'{key} must be given as text, as in {key} = "...", got {value!r}')
        return str(value)

    def number(self, table: Mapping[str, Any], key: str, low: float, high: float) -> float:
        value = table.get(key)
        if not _is_number(value) or not low <= value <= high:
            self.fail(f"{key} must be given as a number in [{low:g}, {high:g}], got {value!r}")
        return float(value)

    def years(self, tables: Any) -> dict[Period, Mapping[str, tuple[float, ...]]]:
        found: dict[int, Mapping[str, tuple[float, ...]]] = {}
        if not isinstance(tables, list):
            self.fail("write each year as a table headed [[year]], with year = 2010 in it")
        for table in tables:
            year = table.get("year")
            if not isinstance(year, int) or isinstance(year, bool) or not 1800 <= year <= 2200:
                self.fail(f"each [[year]] needs its year as in year = 2010, got {year!r}")
            if year in found:
                self.fail(f"year {year} is there twice", "keep one of the two [[year]] tables")
            found[year] = self.months(table, f"[[year]] {year}", ("year",))
        if len({frozenset(t) for t in found.values()}) != 1:
            self.fail(
                "every [[year]] table must hold the same keys", "complete or remove the others"
            )
        return {year: found[year] for year in sorted(found)}

    def months(self, table: Any, where: str, also: Sequence[str]) -> dict[str, tuple[float, ...]]:
        if not isinstance(table, dict):
            self.fail(f"{where} must be a table of monthly values")
        self.no_strangers(table, (*also, *_KEYS), f" in {where}")
        for key in _NEEDED:
            if key not in table:
                self.fail(
                    f"{key} is missing in {where}", "give twelve numbers, January to December"
                )
        columns = {key: self.twelve(table[key], key, where) for key in _KEYS if key in table}
        for name, low, high in zip(
            MONTHS_IN_FULL,
            columns["tmin_c"],
            columns["tmax_c"],
            strict=True,
        ):
            if low > high:
                self.fail(
                    f"tmin_c is above tmax_c in {where}, {name} ({low:g} and {high:g} degC)",
                    "correct or exchange them",
                )
        return {_KEYS[key]: column for key, column in columns.items()}

    def twelve(self, value: Any, key: str, where: str) -> tuple[float, ...]:
        if not isinstance(value, list) or not all(_is_number(v) for v in value):
            self.fail(f"{key} in {where} must be a list of numbers, got {value!r}")
        if len(value) != 12:
            self.fail(
                f"{key} in {where} has {len(value)} numbers", "give twelve, January to December"
            )
        quantity, unit = _LIMITS[key]
        low, high = quantity.lowest, quantity.highest
        for v in value:
            if not low <= v <= high:
                self.fail(
                    f"{key} in {where} holds {v:g}, outside {low:g} to {high:g}", f"give {unit}"
                )
        return tuple(float(v) for v in value)


def _is_number(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < _LARGEST  # False for nan and inf
