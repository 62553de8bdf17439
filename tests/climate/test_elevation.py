"""The elevation to which a climate's temperatures refer, and notes on doubts about it."""

import json
import re

import numpy as np
import pytest
import rasterio

from climate_files import UTM13, carry_out, weather, write_daymet, write_tif
from eemt_core import climate
from eemt_core.climate.readers import placement, reference_elevation
from eemt_core.errors import ArgumentError, InputError
from eemt_core.grids.grid import Grid
from geotiffs import write_geotiff
from runs import eemt_run

# climate cells of 4 km in the DEM's own projection, so that positions are simple arithmetic
COARSE = Grid(8, 8, 484_000.0, 4_016_000.0, 4000.0, 4000.0, 1.0, UTM13)


def over(rows, cols, cell_m=50.0, east_m=0.0, south_m=0.0):
    """A DEM's grid whose corner has the given offset from that of climate cell (4, 4)."""
    x, y = 500_000.0 + east_m, 4_000_000.0 - south_m
    return Grid(rows, cols, x, y, cell_m, cell_m, 1.0, UTM13)


def flat(z):
    return lambda row0, col0, rows, cols: np.full((rows, cols), z, np.float32)


def covers(grid, read, native=COARSE):
    region = placement.region(grid, native)
    row, col = placement.lattices(grid, native)
    mean, cover = reference_elevation.block_mean(read, grid.shape, row, col, region)
    return mean, cover, (4 - region[0], 4 - region[1])


@pytest.fixture
def coarse(tmp_path):
    """A climate of the coarse grid."""
    return write_daymet(tmp_path / "climate", COARSE, fields=weather(COARSE))


@pytest.mark.parametrize("cell_m", [10.0, 37.0, 50.0, 400.0, 4000.0, 9000.0])
def test_cells_wholly_covered_weigh_exactly_1(cell_m):
    # the size of a climate cell is not a multiple of 37 m
    size = int(13_000 / cell_m) + 2
    grid = over(size, size, cell_m, east_m=-2000.0, south_m=-1500.0)
    mean, cover, (i, j) = covers(grid, flat(1234.0))
    assert (cover[i : i + 2, j : j + 2] == 1.0).all()
    _, weight = reference_elevation.trusted(mean, cover)
    assert (weight[i : i + 2, j : j + 2] == np.float32(1.0)).all()
    assert ((cover[[i - 1], j : j + 2] < 1) & (cover[[i - 1], j : j + 2] > 0)).all()


def test_a_dem_that_ends_where_climate_cells_end_covers_these_and_no_others():
    _, cover, (i, j) = covers(over(160, 80), flat(900.0))
    expected = np.zeros(cover.shape)
    expected[i : i + 2, j] = 1.0
    np.testing.assert_array_equal(cover, expected)


def test_a_hole_and_what_lies_beyond_the_edge_count_as_missing():
    def holed(row0, col0, rows, cols):
        z = np.full((rows, cols), 900.0, np.float32)
        i, j = np.mgrid[row0 : row0 + rows, col0 : col0 + cols]
        z[(i < 40) & (j < 40)] = np.nan
        return z

    # the eastern eighth of the climate cell lies outside the DEM
    _, cover, (i, j) = covers(over(80, 70), holed)
    # 80 x 70 cells less 40 x 40, of 80 x 80
    assert cover[i, j] == pytest.approx((80 * 70 - 1600) / 6400, rel=1e-9)
    _, cover, (i, j) = covers(over(80, 80), holed)
    assert cover[i, j] == pytest.approx(0.75, rel=1e-12)


def test_a_summit_in_a_coarse_cell_is_told_with_its_risk_and_its_remedy(coarse):
    grid = over(20, 20, east_m=1500.0, south_m=1500.0)  # 1 km of 4

    def summit(row0, col0, rows, cols):
        i, j = np.mgrid[row0 : row0 + rows, col0 : col0 + cols]
        return (2600.0 - 40.0 * np.hypot(i - 10, j - 10)).astype(np.float32)

    source = climate.open_climate(coarse)
    plan = source.plan(grid, (2010,), summit)
    (note,) = plan.notes
    assert re.search(r"covers 6\.[23]% of the climate cells", note)
    assert "0.65 degC for every 100 m" in note
    # 40 m a cell over ten cells of diagonal: 566 m
    assert re.search(r"by 3\.7 degC if as much as the DEM's own relief of 566 m", note)
    assert note.endswith("<<climate_elevation>>.")
    assert plan.provenance["reference_elevation_cover"] == pytest.approx(0.0625, abs=1e-4)

    own = write_tif(coarse.parent / "own.tif", COARSE, np.full((1, 8, 8), 1800.0))
    told = climate.open_climate(coarse, elevation=own).plan(grid, (2010,), summit)
    assert told.notes == ()
    z = summit(0, 0, 20, 20)
    warm, right = (climate.downscale(p.cut(0, 0, 20, 20), 2010, 7, z).tmin_c for p in (plan, told))
    # the summit's mean elevation was used for the whole cell; the gradient of the climate between
    # cells is interpolated with other weights, which changes it by a hundredth of a degree
    expected = 6.49e-3 * (z.mean(dtype=float) - 1800.0)
    np.testing.assert_allclose(warm - right, expected, atol=0.02)


def test_a_dem_of_many_climate_cells_is_not_warned_of(coarse):
    grid = over(240, 240, east_m=-5000.0, south_m=-5000.0)
    assert climate.open_climate(coarse).plan(grid, (2010,), flat(1500.0)).notes == ()


def with_unit(path, unit):
    with rasterio.open(path, "r+") as target:
        target.set_band_unit(1, unit)
    return path


@pytest.mark.parametrize(("unit", "metres"), [("ft", 0.3048), ("US survey foot", 1200 / 3937)])
def test_feet_that_are_declared_become_metres(coarse, unit, metres):
    given = write_tif(coarse.parent / "feet.tif", COARSE, np.full((1, 8, 8), 6000.0))
    source = climate.open_climate(coarse, elevation=with_unit(given, unit))
    plan = source.plan(over(80, 80), (2010,), flat(1500.0))
    np.testing.assert_allclose(plan.reference_m, 6000.0 * metres, rtol=1e-6)
    assert "are in feet" in plan.notes[0]


def test_feet_of_a_vertical_reference_system_become_metres(coarse):
    compound = write_geotiff(
        coarse.parent / "navd88.tif", np.full((8, 8), 6000.0, np.float32), crs="EPSG:32613+6360",
        transform=rasterio.Affine(4000, 0, 484_000, 0, -4000, 4_016_000),
    )  # fmt: skip
    plan = climate.open_climate(coarse, elevation=compound).plan(
        over(80, 80), (2010,), flat(1500.0)
    )
    np.testing.assert_allclose(plan.reference_m, 6000.0 * 1200 / 3937, rtol=1e-6)


def test_feet_that_are_not_declared_are_refused_and_a_declared_metre_is_believed(coarse):
    given = write_tif(coarse.parent / "feet.tif", COARSE, np.full((1, 8, 8), 6100.0))
    with pytest.raises(InputError, match=r"feet.tif does not say the unit .*6100 where .* 1900 m"):
        climate.open_climate(coarse, elevation=given).plan(over(80, 80), (2010,), flat(1900.0))
    source = climate.open_climate(coarse, elevation=with_unit(given, "m"))
    assert source.plan(over(80, 80), (2010,), flat(1900.0)).notes == ()
    with pytest.raises(InputError, match=r"in 'fathoms': write m, ft or us-ft"):
        climate.open_climate(coarse, elevation=with_unit(given, "fathoms")).plan(
            over(80, 80), (2010,), flat(1900.0)
        )


@pytest.mark.parametrize(("theirs", "ours"), [(1200.0, 2000.0), (100.0, 40.0), (2400.0, 1700.0)])
def test_metres_that_differ_from_the_dem_as_relief_does_are_accepted(coarse, theirs, ours):
    given = write_tif(coarse.parent / "metres.tif", COARSE, np.full((1, 8, 8), theirs))
    plan = climate.open_climate(coarse, elevation=given).plan(over(80, 80), (2010,), flat(ours))
    assert (plan.reference_m == np.float32(theirs)).all()


def test_an_elevation_that_lies_beside_its_climate_is_in_metres_however_deep_the_canyon(coarse):
    write_tif(coarse / "na_dem.tif", COARSE, np.full((1, 8, 8), 2100.0))
    plan = climate.open_climate(coarse).plan(over(80, 80), (2010,), flat(640.0))
    assert (plan.reference_m == 2100.0).all()


@pytest.mark.slow
@pytest.mark.parametrize("nodata", [None, -9999.0])
@pytest.mark.parametrize("values", [(15_000.0,), (-3000.0,), (-999.0, 32767.0)])
def test_what_is_no_elevation_is_refused_with_value_count_and_remedy(coarse, values, nodata):
    z = np.full((1, 8, 8), 1500.0)
    z[0, 4, 3:5] = values
    given = write_tif(coarse.parent / "odd.tif", COARSE, z, nodata=nodata)

    def planned():
        return climate.open_climate(coarse, elevation=given).plan(
            over(80, 80), (2010,), flat(1500.0)
        )

    counts = " and ".join(f"{v:g} in {2 // len(values)} cells?" for v in values)
    with pytest.raises(
        InputError, match=f"odd.tif holds {counts}, which .* no elevation"
    ) as caught:
        planned()
    carry_out(str(caught.value))
    assert (planned().reference_m == 1500.0).all()


def test_an_elevation_that_does_not_reach_is_told(coarse):
    part = COARSE.window(0, 0, 8, 5)
    given = write_tif(coarse.parent / "part.tif", part, np.full((1, 8, 5), 1500.0))
    grid = over(80, 160, east_m=-1000.0)
    plan = climate.open_climate(coarse, elevation=given).plan(grid, (2010,), flat(1500.0))
    assert re.search(r"part.tif has no elevation in \d+ of the \d+ climate cells", plan.notes[0])
    tiny = over(20, 20, east_m=1500.0, south_m=1500.0)
    given = write_tif(coarse.parent / "tiny.tif", tiny, np.full((1, 20, 20), 1500.0))
    plan = climate.open_climate(coarse, elevation=given).plan(tiny, (2010,), flat(1500.0))
    assert re.search(r"tiny.tif (covers 6.[23]%|has no elevation in)", plan.notes[0])


def test_of_several_elevations_beside_a_climate_the_one_of_its_cells_is_taken(tmp_path):
    fields = weather(COARSE)
    for month in range(1, 13):
        for var, name in (("ppt", "prcp"), ("tmin", "tmin"), ("tmax", "tmax")):
            path = tmp_path / f"prism_{var}_us_25m_2010{month:02d}.tif"
            write_tif(path, COARSE, fields[name][month - 1][None])
    fine = Grid(40, 40, COARSE.x0, COARSE.y0, 800.0, 800.0, 1.0, UTM13)
    # in order of names the finer one comes first
    write_tif(tmp_path / "PRISM_us_dem_4km_bil.tif", fine, np.full((1, 40, 40), 1000.0))
    write_tif(tmp_path / "PRISM_us_dem_800m_bil.tif", COARSE, np.full((1, 8, 8), 1111.0))
    plan = climate.open_climate(tmp_path).plan(over(80, 80), (2010,), flat(1100.0))
    assert (plan.reference_m == 1111.0).all()


def test_a_station_has_its_own_elevation(tmp_path):
    (tmp_path / "station.toml").write_text("")
    for path in (tmp_path, tmp_path / "station.toml"):
        with pytest.raises(ArgumentError, match="leave out climate_elevation"):
            climate.open_climate(path, elevation=tmp_path / "any.tif")


@pytest.mark.slow
def test_a_run_tells_of_the_doubt_and_keeps_it(coarse, tmp_path):
    z = 2000.0 + 10 * np.indices((24, 24)).sum(axis=0)
    dem = write_geotiff(tmp_path / "dem.tif", z.astype(np.float32))
    done = eemt_run(
        dem, "-o", tmp_path / "out", "--climate", coarse, "--variant", "trad",
        "--step", "60", "--directions", "8", "--no-pictures",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("--climate-elevation") == 1
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    # 240 m of 4 km
    assert record["parameters"]["climate"]["reference_elevation_cover"] == pytest.approx(0.0036)
