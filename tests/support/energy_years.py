"""A tile's years of energy balance twice: by the kernel, and by array functions month by month."""

from dataclasses import dataclass, field

import numpy as np

from eemt_core import _core
from eemt_core.calendar365 import days_of_month
from eemt_core.climate import ClimateCut, Downscaler, LapseRates
from eemt_core.climate._source_year import source_year
from eemt_core.energy import EnergyParameters, MonthSun, Vegetation, eemt_topo_veg, eemt_trad
from eemt_core.energy._balance import topo_terms
from eemt_core.energy._kernel_parameters import for_kernel
from eemt_core.grids.grid import Lattice
from eemt_core.tiles.day_lengths import STEP_RAD, day_lengths

VARIANTS = ("trad", "topo", "topo_veg")
SUMS = ("beam", "diffuse", "reflected", "flat_beam", "flat_diffuse")
CIVIL = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LEAP = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
SOLAR_DAYS = tuple(len(days_of_month(month)) for month in range(12))


@dataclass(frozen=True, eq=False)
class Tile:
    """Arrays of a window of a DEM, and the climate over it."""

    cut: ClimateCut
    latitude: Lattice
    cells: dict  # (rows, cols) arrays
    sun: dict  # (12, rows, cols) arrays
    row0: int = 0
    col0: int = 0
    lapse: LapseRates = field(default_factory=LapseRates)
    parameters: EnergyParameters = field(default_factory=EnergyParameters)
    of_beam: bool = False

    @property
    def window(self):
        return (self.row0, self.col0, *self.cells["elevation_m"].shape)

    @property
    def day_lengths(self):
        return day_lengths(self.latitude.places(*self.window), year=2015, longitude_deg=-105.0)


def climate(shape, lattices, *, periods=(2015,), gaps=0, weighted=False, drop=(), seed=0):
    """A climate with seasons, relief and noise; some of its cells lack some months."""
    rng = np.random.default_rng(seed)
    season = -np.cos(2 * np.pi * (np.arange(12) + 0.5) / 12)[None, :, None, None]
    full = (len(periods), 12, *shape)

    def monthly(mean, swing, noise):
        return (mean + swing * season + rng.normal(0, noise, full)).astype(np.float32)

    tmin = monthly(1.0, 11.0, 2.0)
    values = {
        "tmin_c": tmin,
        "tmax_c": tmin + np.abs(monthly(13.0, 2.0, 1.0)),
        "prcp_mm": np.abs(monthly(70.0, 30.0, 25.0)),
        "vapour_pressure_pa": np.abs(monthly(700.0, 300.0, 60.0)) + 50,
        "wind_m_s": np.abs(monthly(3.0, 0.5, 0.5)),
    }
    for array in values.values():
        array[rng.random(full) < gaps] = np.nan
    row, col = lattices or (None, None)
    return ClimateCut(
        periods=periods,
        days=tuple(LEAP if year == 2016 else CIVIL for year in periods),
        values={name: array for name, array in values.items() if name not in drop},
        reference_m=rng.uniform(800, 2600, shape).astype(np.float32),
        weight=rng.uniform(0.3, 1, shape).astype(np.float32)
        if weighted
        else np.ones(shape, np.float32),
        row0=0,
        col0=0,
        row=row,
        col=col,
    )


def places(dem, native):
    """Lattices of rows and columns of a climate grid over a DEM, turned against it a little."""

    def row(i, j):
        return native[0] / 2 + (native[0] - 3) * (i / dem[0] - 0.5) + 0.4 * (j / dem[1] - 0.5)

    def col(i, j):
        return native[1] / 2 + (native[1] - 3) * (j / dem[1] - 0.5) - 0.4 * (i / dem[0] - 0.5)

    return Lattice.sample(dem, 16, row), Lattice.sample(dem, 16, col)


def tile(cut, dem, window=None, *, holes=0.02, seed=1, latitude_deg=40.0, **others):
    """A rough window of a DEM of that shape, under a sun with deep shade here and there."""
    rng = np.random.default_rng(seed)
    row0, col0, rows, cols = window or (0, 0, *dem)
    at = np.s_[row0 : row0 + rows, col0 : col0 + cols]

    def cells(low, high):
        return np.ascontiguousarray(rng.uniform(low, high, dem).astype(np.float32)[at])

    elevation = cells(500, 3200)
    elevation[rng.random(dem)[at] < holes] = np.nan
    north = np.radians(latitude_deg)
    months = range(12)
    spans = {"beam": (0, 2e5), "diffuse": (2e4, 4e4), "reflected": (0, 4e3)}
    spans |= {"flat_beam": (5e4, 2e5), "flat_diffuse": (2e4, 4e4)}
    return Tile(
        cut,
        Lattice.sample(dem, 32, lambda i, j: north - 6e-6 * i + 1e-6 * j),
        {
            "elevation_m": elevation,
            "slope_rad": cells(0, 0.9),
            "aspect_rad": cells(0, 6.2),
            "wetness_ratio": cells(-0.2, 3),
            "lai": cells(0, 7),
            "canopy_height_m": cells(0, 35),
        },
        {name: np.stack([cells(*spans[name]) for _ in months]) for name in SUMS},
        row0,
        col0,
        **others,
    )


def kernel(given, variants=VARIANTS, threads=1):
    """The kernel with a tile's arrays, and the arrays that it fills."""
    cells, window = given.cells, given.window
    tile = _core.energy.TileEnergy(
        cells["elevation_m"],
        parameters=for_kernel(given.parameters),
        wind_m_s=given.parameters.wind_m_s,
        albedo=given.parameters.albedo,
        threads=threads,
    )
    cut = given.cut
    if not cut.is_station:
        row, col = (_core.energy.LatticeWindow(*x.places(*window)) for x in (cut.row, cut.col))
        tile.lies_at(row, col, row0=cut.row0, col0=cut.col0)
    tile.set_sun(
        *(given.sun[name] for name in SUMS),
        np.array(SOLAR_DAYS, float),
        ratio_of_beam=given.of_beam,
    )
    days = given.day_lengths
    add = {
        "trad": lambda: tile.add_trad(
            _core.energy.LatticeWindow(*given.latitude.places(*window)),
            step_rad=STEP_RAD,
            first_node=days.first_node,
            node_rad=days.node_rad,
            node_hours=days.node_hours,
        ),
        "topo": lambda: tile.add_topo(
            *(cells[name] for name in ("slope_rad", "aspect_rad", "wetness_ratio"))
        ),
        "topo_veg": lambda: tile.add_topo_veg(
            *(cells[name] for name in ("lai", "canopy_height_m", "wetness_ratio"))
        ),
    }
    return tile, {name: add[name]() for name in variants}


def by_kernel(given, variants=VARIANTS, threads=1):
    """All years: monthly and yearly maps and sums over the years by variant, and limited cells."""
    tile, arrays = kernel(given, variants, threads)
    maps = {name: ([], []) for name in variants}
    limited = 0
    for period in given.cut.periods:
        limited += tile.year(**source_year(given.cut, period, given.lapse))
        for name, (monthly, yearly) in maps.items():
            monthly.extend(arrays[name].monthly_mj_m2.copy())
            yearly.append(arrays[name].yearly_mj_m2.copy())
    return {
        name: {
            "monthly": np.array(monthly),
            "yearly": np.array(yearly),
            "e_bio": arrays[name].e_bio_mj_m2,
            "e_ppt": arrays[name].e_ppt_mj_m2,
        }
        for name, (monthly, yearly) in maps.items()
    }, limited


def by_arrays(given, variants=VARIANTS):
    """The same by `Downscaler` and the functions of `eemt_core.energy`, month by month."""
    cells, days = given.cells, given.day_lengths
    downscaler = Downscaler(
        given.cut, cells["elevation_m"], row0=given.row0, col0=given.col0, lapse=given.lapse
    )
    latitude = given.latitude.expand(*given.window)
    found, limited = {name: ([], []) for name in variants}, 0
    for period in given.cut.periods:
        for month in range(12):
            weather = downscaler.month(period, month + 1)
            for name, (e_bio, e_ppt) in found.items():
                hours = np.interp(latitude, days.node_rad, days.node_hours[month])
                terms = _month(given, name, month, weather, hours.astype(np.float32))
                e_bio.append(terms.e_bio_mj_m2)
                e_ppt.append(terms.e_ppt_mj_m2)
                limited += terms.limited_cells
    return {name: _sums(*terms) for name, terms in found.items()}, limited


def _month(given, name, month, weather, hours):
    cells, choices = given.cells, {"parameters": given.parameters, "threads": 1}
    if name == "trad":
        return eemt_trad(weather, daylight_hours=hours, **choices)
    beam, diffuse, reflected, flat_beam, flat_diffuse = (given.sun[s][month] for s in SUMS)
    sun = MonthSun(
        beam + diffuse + reflected,
        flat_beam + flat_diffuse,
        ratio_topo_wh_m2=beam if given.of_beam else None,
        ratio_flat_wh_m2=flat_beam if given.of_beam else None,
        days=SOLAR_DAYS[month],
    )
    common = {name: cells[name] for name in ("elevation_m", "wetness_ratio")} | choices
    if name == "topo":
        surface = {name: cells[name] for name in ("slope_rad", "aspect_rad")}
        return topo_terms(weather, sun, latitude_rad=0.7, **surface, **common)
    return eemt_topo_veg(weather, sun, Vegetation(cells["lai"], cells["canopy_height_m"]), **common)


def _sums(e_bio, e_ppt):
    monthly = np.array([bio + ppt for bio, ppt in zip(e_bio, e_ppt, strict=True)])
    years = monthly.reshape(-1, 12, *monthly.shape[1:])
    return {
        "monthly": monthly,
        "yearly": years.sum(axis=1, dtype=np.float64).astype(np.float32),
        "e_bio": np.sum(e_bio, axis=0, dtype=np.float64),
        "e_ppt": np.sum(e_ppt, axis=0, dtype=np.float64),
    }
