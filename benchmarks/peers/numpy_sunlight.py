"""A year of sunlight over terrain as a careful user of NumPy and rasterio would write it.

    python -m peers.numpy_sunlight DEM OUT [STEP_MINUTES [BITS [YEAR]]]      (in benchmarks/)

Reads a DEM without gaps, in metres, and writes the same GeoTIFFs under the same names: slope,
aspect, sky view, and the sums of months and year. The equations are those of the documentation:
horizons in 72 directions over a curved Earth, the clear sky of ESRA, Muneer's diffuse light with
the sky view, reflected light of 113 x 113 cells around. Every day of the sun's YEAR is followed
from true sunrise to true sunset in equal steps of at most STEP_MINUTES; a cell is lit in a step or
is not.

A strip of rows goes through the processor's caches at a time and has one place of the sun: so the
transmittance depends on elevation alone, by a polynomial, and what does not depend on shadows is
summed as scalars. Single precision, arrays changed in place. One thread.
"""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import rasterio
from rasterio.warp import transform

from .numpy_years import LENGTHS, MONTHS, write

DIRECTIONS, EARTH_M, REFRACTION = 72, 6_371_000.0, 0.13
SOLAR_W_M2, LINKE, ALBEDO = 1367.0, 3.0, 0.2
STRIP_CELLS, HORIZON_CELLS, LOOK_EVERY, DEGREE = 1 << 14, 1 << 16, 16, 3
AROUND, RADIUS = 8, 7  # every eighth row and column is a sample; so many to each side count
SHADED = np.float32(0.252271)


class Dem:
    """Elevations and where on the Earth they lie."""

    def __init__(self, path):
        with rasterio.open(path) as source:
            self.profile = {"crs": source.crs, "transform": source.transform}
            self.shape = rows, cols = source.shape
            self.z = source.read(1).astype(np.float32)
        self._affine = self.profile["transform"]
        _, self.latitude = self._place(np.arange(rows) + 0.5, np.full(rows, cols / 2))
        self.longitude_deg = np.degrees(self._place(np.array([rows / 2]), np.array([cols / 2]))[0])
        self.dx_m = np.hypot(*self._metres(rows / 2, cols / 2, 0, 1))
        self.dy_m = np.hypot(*self._metres(rows / 2, cols / 2, -1, 0))
        left, right = (
            [np.arctan2(*self._metres(row, col, -1, 0)) for row in (0, rows)] for col in (0, cols)
        )
        down, across = np.linspace(0, 1, rows)[:, None], np.linspace(0, 1, cols)
        west, east = (side[0] + (side[1] - side[0]) * down for side in (left, right))
        self.convergence = (west + (east - west) * across).astype(np.float32)

    def _place(self, row, col):
        x, y = self._affine * (col, row)
        return np.radians(transform(self.profile["crs"], "EPSG:4326", x, y)[:2])

    def _metres(self, row, col, down, across):
        """How far east and north a step of so many cells leads on the ellipsoid."""
        ends = np.array([-0.5, 0.5])
        longitude, latitude = self._place(row + down * ends, col + across * ends)
        square = 1 - 0.00669438 * np.sin(latitude.mean()) ** 2
        normal = 6378137 / np.sqrt(square)
        north = normal * (1 - 0.00669438) / square * np.diff(latitude)[0]
        return normal * np.cos(latitude.mean()) * np.diff(longitude)[0], north


def slope_aspect(dem):
    """Horn's slope and aspect [rad]; beyond the edge the plane goes on through the cell."""
    z = dem.z.astype(float)
    gaps, plane = np.pad(z, 1, constant_values=np.nan), np.pad(z, 1, "reflect", reflect_type="odd")

    def neighbour(down, across):
        here, opposite = (np.s_[1 + sign * down :, 1 + sign * across :] for sign in (1, -1))
        rows, cols = z.shape
        found = gaps[here][:rows, :cols]
        for other in (2 * z - gaps[opposite][:rows, :cols], plane[here][:rows, :cols]):
            found = np.where(np.isnan(found), other, found)
        return found

    weights = ((-1, 1), (0, 2), (1, 1))
    to_east = sum(w * (neighbour(i, 1) - neighbour(i, -1)) for i, w in weights)
    to_north = sum(w * (neighbour(-1, j) - neighbour(1, j)) for j, w in weights)
    to_east, to_north = to_east / (8 * dem.dx_m), to_north / (8 * dem.dy_m)
    aspect = np.arctan2(-to_east, -to_north) + dem.convergence
    slope = np.arctan(np.hypot(to_east, to_north))
    return slope.astype(np.float32), (aspect % (2 * np.pi)).astype(np.float32)


def horizon_sines(dem):
    """(directions, rows, cols) sines of the skyline, clockwise from grid north, 0 at least."""
    rows, cols = dem.shape
    tangents = np.zeros((DIRECTIONS, rows, cols), np.float32)
    height = max(1, HORIZON_CELLS // cols)
    for first in range(0, rows, height):
        for k in range(DIRECTIONS):
            azimuth = 2 * np.pi * k / DIRECTIONS
            look(dem, azimuth, first, min(first + height, rows), tangents[k])
    square = tangents * tangents
    square += 1
    np.sqrt(square, out=square)
    return np.divide(tangents, square, out=tangents)


def look(dem, azimuth, first, last, tangents):
    """Raise the tangents of some rows to the terrain in one direction, step by step outwards."""
    (rows, cols), z = dem.shape, dem.z
    across, down = np.sin(azimuth) / dem.dx_m, -np.cos(azimuth) / dem.dy_m
    scale = max(abs(across), abs(down))
    across, down = (round(part / scale, 9) for part in (across, down))
    step_m, highest = float(np.hypot(across * dem.dx_m, down * dem.dy_m)), z.max()
    value, other = (np.empty((last - first, cols), np.float32) for _ in range(2))
    for step in range(1, max(rows, cols)):
        i, j = np.floor(step * down), np.floor(step * across)
        share = np.float32(max(step * down - i, step * across - j))
        i, j = int(i), int(j)
        more_i, more_j = (int(share > 0 and abs(part) < 1) for part in (down, across))
        top, bottom = max(first, -i), min(last, rows - i - more_i)
        left, right = max(0, -j), min(cols, cols - j - more_j)
        if top >= bottom or left >= right:
            return
        here = np.s_[top:bottom, left:right]
        near, part = value[: bottom - top, : right - left], other[: bottom - top, : right - left]
        np.multiply(z[top + i : bottom + i, left + j : right + j], 1 - share, out=near)
        if share:
            i, j = i + more_i, j + more_j
            near += np.multiply(z[top + i : bottom + i, left + j : right + j], share, out=part)
        near -= z[here]
        near *= np.float32(1 / (step * step_m))
        sunk = np.float32(step * step_m * (1 - REFRACTION) / (2 * EARTH_M))
        near -= sunk
        best = tangents[here]
        np.maximum(best, near, out=best)
        if step % LOOK_EVERY == 0:
            np.subtract(highest, z[here], out=near)
            near *= np.float32(1 / (step * step_m))
            near -= sunk
            if (near <= best).all():
                return


def sky_view(slope, aspect, sines, convergence):
    """Share of the sky's light: the open plane's, less what terrain hides beyond the plane."""
    cos, sin, tan = np.cos(slope), np.sin(slope), np.tan(slope)
    hidden = np.zeros_like(slope)
    for k, skyline in enumerate(sines):
        towards = np.cos(np.float32(2 * np.pi * k / len(sines)) + convergence - aspect)
        plane = np.maximum(-tan * towards, 0)
        plane /= np.sqrt(1 + plane * plane)
        above = skyline > plane
        seen = [s[above] for s in (plane, skyline)]
        c, s = cos[above], (sin * towards)[above]
        low, high = (c * (1 - x * x) + s * (np.arccos(x) - x * np.sqrt(1 - x * x)) for x in seen)
        hidden[above] += low - high
    return (1 + cos) / 2 - hidden / np.float32(len(sines))


def sun_at(days):
    """Declination [rad] and distance [AU] so many days after noon of 1 January 2000 (Meeus)."""
    century = days / 36525
    mean = np.radians(357.52911 + 35999.05029 * century)
    middle = 1.914602 * np.sin(mean) + 0.019993 * np.sin(2 * mean)
    longitude = np.radians(280.46646 + 36000.76983 * century + middle)
    distance = 1.000001018 * (1 - 0.016709**2) / (1 + 0.016709 * np.cos(mean + np.radians(middle)))
    return np.arcsin(np.sin(np.radians(23.4393)) * np.sin(longitude)), distance


def steps_of(day, latitude, longitude_deg, step_minutes):
    """The steps of a day: sine of the altitude, east, north, weight [h], and G0 [W m-2]."""
    noon = (day - date(2000, 1, 1)).days - longitude_deg / 360
    declination, distance = sun_at(noon)
    rate = (sun_at(noon + 0.5)[0] - sun_at(noon - 0.5)[0]) / (2 * np.pi)
    ends = np.array([-np.pi / 2, np.pi / 2])
    for _ in range(6):
        cosine = -np.tan(latitude) * np.tan(declination + rate * ends)
        ends = np.array([-1, 1]) * np.arccos(np.clip(cosine, -1, 1))
    hours = np.diff(ends)[0] * 12 / np.pi
    count = max(1, int(np.ceil(hours * 60 / step_minutes - 1e-9)))
    t = ends[0] + np.diff(ends) * (np.arange(count) + 0.5) / count
    d = declination + rate * t
    sine = np.sin(latitude) * np.sin(d) + np.cos(latitude) * np.cos(d) * np.cos(t)
    north = np.cos(latitude) * np.sin(d) - np.sin(latitude) * np.cos(d) * np.cos(t)
    return sine, -np.cos(d) * np.sin(t), north, hours / count, SOLAR_W_M2 / distance**2


def transmittance(altitude, pressure):
    """The beam's share that comes through, and the refracted altitude [rad]."""
    h = altitude
    risen = (
        0.061359 * (0.1594 + 1.123 * h + 0.065656 * h * h) / (1 + 28.9344 * h + 277.3971 * h * h)
    )
    h = h + risen
    m = pressure / (np.sin(h) + 0.50572 * (np.degrees(h) + 6.07995) ** -1.6364)
    thick = 6.6296 + m * (1.7513 + m * (-0.1202 + m * (0.0065 - 0.00013 * m)))
    return np.exp(-0.8662 * LINKE * m / np.where(m > 20, 10.4 + 0.718 * m, thick)), h


def diffuse_share(sine):
    """Diffuse light of the horizontal over G0."""
    tn = -0.015843 + 0.030543 * LINKE + 0.0003797 * LINKE**2
    a1 = max(0.26463 - 0.061581 * LINKE + 0.0031408 * LINKE**2, 0.0022 / tn)
    a2 = 2.04020 + 0.018945 * LINKE - 0.011161 * LINKE**2
    a3 = -1.3025 + 0.039231 * LINKE + 0.0085079 * LINKE**2
    return tn * (a1 + a2 * sine + a3 * sine * sine)


class Strip:
    """Cells of some rows, flat, and what stays the same for them all year."""

    def __init__(self, dem, slope, aspect, view, sines, rows):
        flat = [field[rows].ravel() for field in (dem.z, slope, aspect, view)]
        z, slope, aspect, self.view = flat
        self.latitude = float(dem.latitude[rows].mean())
        self.turn = float(dem.convergence[rows].mean())
        self.sines = np.ascontiguousarray(sines[:, rows]).reshape(len(sines), -1)
        self.up, steep = np.cos(slope), np.sin(slope)
        self.east, self.north = steep * np.sin(aspect), steep * np.cos(aspect)
        self.bent = steep - slope * self.up - np.pi * np.sin(slope / 2) ** 2
        self.dark = self.view + SHADED * self.bent
        self.pressure = np.exp(-z / np.float32(8434.5))
        low, high = float(self.pressure.min()), float(self.pressure.max())
        self.middle, self.half = (low + high) / 2, max((high - low) / 2, 1e-6)
        self.q = (self.pressure - np.float32(self.middle)) / np.float32(self.half)
        nodes = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
        self.nodes = self.middle + self.half * nodes
        self.fit = np.linalg.inv(np.vander(nodes, DEGREE + 1))
        row, col = np.divmod(np.arange(z.size), dem.shape[1])
        is_sample = ((row + rows.start) % AROUND == 0) & (col % AROUND == 0)
        self.samples = np.flatnonzero(is_sample)
        self._cosine, self._beam_share, self._kb, self._light_share, self._lit, self._extra = (
            np.empty((6, z.size), np.float32)
        )
        self._is_lit, self._faces = np.empty((2, z.size), bool)

    def month(self, days, longitude_deg, step_minutes):
        """Sums of some days: beam, diffuse, hours, flat total, and the samples' horizontal."""
        sums = np.zeros((3, self.q.size), np.float32)
        horizontal = np.zeros(len(self.samples), np.float32)
        flat, sky_wh = np.zeros(DEGREE + 1), 0.0
        for day in days:
            *sun, weight, g0 = steps_of(day, self.latitude, longitude_deg, step_minutes)
            altitudes, skies = np.arcsin(sun[0]), diffuse_share(sun[0])
            kb, risen = transmittance(altitudes[:, None], self.nodes)
            fits = kb @ self.fit.T
            where = (np.arctan2(sun[1], sun[2]) - self.turn) / (2 * np.pi) * DIRECTIONS % DIRECTIONS
            flat += g0 * weight * (sun[0] @ fits)
            sky_wh += g0 * weight * skies.sum()
            for n, place in enumerate(zip(*sun, strict=True)):
                if not self._light(np.float32(place), np.float32(np.sin(risen[n, 0])), where[n]):
                    continue
                beam = self._beam(fits[n].astype(np.float32))
                sums[2] += np.multiply(self._lit, np.float32(weight), out=self._extra)
                horizontal += np.float32(g0 * weight * sun[0][n]) * beam.take(self.samples)
                self._add_diffuse(float(altitudes[n]), np.float32(g0 * weight * skies[n]), sums[1])
                beam *= self._cosine
                beam *= np.float32(g0 * weight)
                sums[0] += beam
        sums[1] += np.float32(sky_wh) * self.dark
        flat_total = np.polyval(flat.astype(np.float32), self.q) + np.float32(sky_wh)
        horizontal += np.float32(sky_wh) * self.view[self.samples]
        return (*sums, flat_total), horizontal

    def _light(self, place, risen, where):
        """Find the cosine of incidence, and which cells are lit; say whether any is."""
        sine, east, north = place
        cosine, skyline, extra = self._cosine, self._beam_share, self._extra
        np.multiply(self.up, sine, out=cosine)
        cosine += np.multiply(self.east, east, out=extra)
        cosine += np.multiply(self.north, north, out=extra)
        first, share = int(where), np.float32(where - int(where))
        np.multiply(self.sines[first], 1 - share, out=skyline)
        skyline += np.multiply(self.sines[(first + 1) % DIRECTIONS], share, out=extra)
        np.less_equal(skyline, risen, out=self._is_lit)
        self._is_lit &= np.greater(cosine, 0, out=self._faces)
        np.copyto(self._lit, self._is_lit)
        return self._is_lit.any()

    def _beam(self, fit):
        """Fill in the beam's transmittance; return it where it is lit, else 0."""
        kb = np.multiply(self.q, fit[0], out=self._kb)
        for term in fit[1:-1]:
            kb += term
            kb *= self.q
        kb += fit[-1]
        return np.multiply(kb, self._lit, out=self._beam_share)

    def _add_diffuse(self, altitude, sky_wh, total):
        """Add what a lit cell has more of the sky's light than one in shadow."""
        low = min(max((0.12 - altitude) / 0.04, 0.0), 1.0)
        round_sun = low / (np.cos(altitude) * (0.1 - 0.008 * altitude))
        sine, kb, light, extra = np.sin(altitude), self._kb, self._light_share, self._extra
        np.multiply(kb, np.float32(-0.6883), out=light)
        light -= np.float32(0.712)
        light *= kb
        light += np.float32(0.00263)
        light *= self.bent
        light += self.view
        light *= np.subtract(1, kb, out=extra)
        np.multiply(self._cosine, np.float32((1 - low) / sine + round_sun), out=extra)
        if low:
            extra -= np.float32(sine * round_sun - low) * self.up
        extra *= kb
        light += extra
        np.maximum(light, 0, out=light)
        light -= self.dark
        light *= self._lit
        light *= sky_wh
        total += light


def surroundings(light, shape):
    """Mean of the samples in 15 x 15 around each, interpolated to all cells."""
    for axis in (0, 1):
        count = light.shape[axis]
        sums = np.concatenate([np.zeros((1, *np.delete(light.shape, axis))),
                               np.cumsum(np.moveaxis(light, axis, 0), axis=0)])  # fmt: skip
        first, last = np.arange(count) - RADIUS, np.arange(count) + RADIUS + 1
        first, last = np.maximum(first, 0), np.minimum(last, count)
        mean = (sums[last] - sums[first]) / (last - first)[:, None]
        position = np.minimum(np.arange(shape[axis]) / AROUND, count - 1)
        below = position.astype(int)
        share = (position - below)[:, None]
        mean = mean[below] * (1 - share) + mean[np.minimum(below + 1, count - 1)] * share
        light = np.moveaxis(mean, 0, axis)
    return light.astype(np.float32)


def whole_year(dem, slope, aspect, view, sines, step_minutes, year):
    """(months, 4, rows, cols) beam, diffuse, hours and flat total, and the reflected light."""
    rows, cols = dem.shape
    sums = np.empty((len(MONTHS), 4, rows, cols), np.float32)
    samples = [[] for _ in MONTHS]
    height = max(1, STRIP_CELLS // cols)
    for first in range(0, rows, height):
        here = slice(first, min(first + height, rows))
        strip = Strip(dem, slope, aspect, view, sines, here)
        for month, length in enumerate(LENGTHS):
            days = [date(year, month + 1, day + 1) for day in range(length)]
            found, light = strip.month(days, dem.longitude_deg, step_minutes)
            for part, cells in enumerate(found):
                sums[month, part, here] = cells.reshape(-1, cols)
            samples[month].append(light)
    shape = -(-rows // AROUND), -(-cols // AROUND)
    ground = np.float32(ALBEDO) * (1 - view)
    reflected = [
        ground * surroundings(np.concatenate(s).reshape(shape), dem.shape) for s in samples
    ]
    return sums, reflected


def main(dem_path, out, step_minutes=15.0, bits=10, year=2001):
    """Read, compute, write."""
    dem = Dem(dem_path)
    slope, aspect = slope_aspect(dem)
    sines = horizon_sines(dem)
    view = sky_view(slope, aspect, sines, dem.convergence)
    sums, reflected = whole_year(dem, slope, aspect, view, sines, step_minutes, year)
    maps = {"slope": np.degrees(slope), "aspect": np.degrees(aspect), "sky_view": view}
    annual = {}
    for month, (beam, diffuse, hours, flat) in zip(MONTHS, sums, strict=True):
        again = reflected[MONTHS.index(month)]
        total = beam + diffuse + again
        maps[f"global/monthly/total_sun_{month}_sum"] = total
        maps[f"global/monthly/flat_total_sun_{month}_sum"] = flat
        maps[f"insol/monthly/hours_sun_{month}_sum"] = hours
        parts = {
            "total": total,
            "beam": beam,
            "diffuse": diffuse,
            "reflected": again,
            "flat_total": flat,
        }
        for name, part in {**parts, "hours": hours}.items():
            annual[name] = annual.get(name, 0.0) + part.astype(float)
    for name, total in annual.items():
        kind = "insol" if name == "hours" else "global"
        maps[f"{kind}/annual/{name}_sun_annual"] = total
    for name, cells in maps.items():
        write(out / f"{name}.tif", cells, dem, bits)


if __name__ == "__main__":
    more = [kind(word) for kind, word in zip((float, int, int), sys.argv[3:], strict=False)]
    main(Path(sys.argv[1]), Path(sys.argv[2]), *more)
