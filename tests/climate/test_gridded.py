"""Gridded climate over a DEM: Daymet as distributed, position, cover, lapse rates, tiles."""

import re
from dataclasses import replace

import numpy as np
import pytest
import rasterio

from climate_files import (
    DAYMET_CRS,
    UTM13,
    daymet_grid,
    weather,
    write_daymet,
    write_tif,
)
from eemt_core import climate, rasters
from eemt_core.climate import Downscaler, LapseRates, _vapour
from eemt_core.errors import ArgumentError, InputError
from eemt_core.grids.grid import Grid

# the Jemez Mountains, cells of 60 m by 50 m, 12.6 km by 10 km
DEM = Grid(
    rows=200, cols=210, x0=350_000.0, y0=3_970_000.0, dx=60.0, dy=50.0, unit_m=1.0, crs=UTM13
)
NATIVE = daymet_grid(DEM)
FIELDS = ("tmin_c", "tmax_c", "prcp_mm", "vapour_pressure_pa")


def terrain(x, y):
    """Elevation [m] of synthetic mountains at any point in the UTM zone."""
    return (
        2300
        + 350 * np.sin(x / 1900)
        + 250 * np.cos(y / 1300 + x / 4000)
        + 60 * np.sin(x / 230) * np.cos(y / 310)
    )


def dem_window(row0, col0, rows, cols):
    cells = DEM.window(row0, col0, rows, cols)
    x, y = cells.centres(np.arange(rows)[:, None], np.arange(cols)[None, :])
    return terrain(x, y).astype(np.float32)


def cell_means(native, function, parts=25):
    """Mean of function(x, y) in UTM over each cell of a climate grid, by brute force."""
    offset = (np.arange(parts) + 0.5) / parts
    row = (np.arange(native.rows)[:, None] + offset).ravel()
    col = (np.arange(native.cols)[:, None] + offset).ravel()
    x, y = np.meshgrid(native.x0 + col * native.dx, native.y0 - row * native.dy)
    x, y = rasters.transform_points(native.crs, DEM.crs, x, y)
    fine = function(x, y).reshape(native.rows, parts, native.cols, parts)
    return fine.mean(axis=(1, 3))


def plan_of(path, read=dem_window, **options):
    source = climate.open_climate(path, **options)
    return source.plan(DEM, source.select(), read)


def whole(plan, month=1, lapse=None, period=2010):
    z = dem_window(0, 0, *DEM.shape)
    return climate.downscale(plan.cut(0, 0, *DEM.shape), period, month, z, lapse=lapse)


@pytest.fixture(scope="module")
def daymet(tmp_path_factory):
    return write_daymet(tmp_path_factory.mktemp("daymet"), NATIVE, (2010, 2012))


def place():
    """Exact (row, col) of each DEM cell's centre in the climate grid, without interpolation."""
    x, y = np.meshgrid(*DEM.centres(np.arange(DEM.rows), np.arange(DEM.cols)))
    x, y = rasters.transform_points(DEM.crs, NATIVE.crs, x, y)
    return (NATIVE.y0 - y) / NATIVE.dy, (x - NATIVE.x0) / NATIVE.dx


def test_daymet_geotiffs_are_recognised(daymet):
    source = climate.open_climate(daymet)
    assert (source.kind, source.periods) == ("daymet", (2010, 2012))
    assert source.variables == FIELDS
    assert source.select(2012, 2012) == (2012,)
    assert "29 February is kept" in source.provenance["calendar"]
    # naming one of the files opens its folder
    assert climate.open_climate(next(daymet.glob("*.tif"))).periods == (2010, 2012)


def test_netcdf_and_geotiff_give_the_same_climate(daymet, tmp_path):
    name_with_space = write_daymet(tmp_path / "Daymet V4", NATIVE, (2010, 2012), form="nc")
    tif, nc = plan_of(daymet), plan_of(name_with_space)
    for name in FIELDS:
        np.testing.assert_array_equal(tif.values[name], nc.values[name])
    # GDAL writes the CRS of the two differently; positions agree to a millimetre (cells of 1 km)
    np.testing.assert_allclose(tif.row.values, nc.row.values, atol=1e-6)
    assert tif.provenance["vapour_pressure"] == "given"
    assert "daymet_v4_tmin_monavg_na_2010.nc" in nc.provenance["files"]


def test_a_climate_linear_in_place_comes_out_at_the_cells_own_place(tmp_path):
    row, col = np.mgrid[0 : NATIVE.rows, 0 : NATIVE.cols] + 0.5
    fields = weather(NATIVE)
    fields["prcp"] = np.broadcast_to(100 + 5 * row - 3 * col, (12, *NATIVE.shape))
    out = whole(plan_of(write_daymet(tmp_path, NATIVE, fields=fields)))
    r, c = place()
    # the lattice is off by at most 0.001 cells, half a cell would be 1.5 to 2.5 mm
    np.testing.assert_allclose(out.prcp_mm, 100 + 5 * r - 3 * c, atol=0.01)


def test_a_climate_linear_in_elevation_is_recovered_from_the_dem_alone(tmp_path):
    lapse, at_sea_level = 7.3, 21.0
    means = cell_means(NATIVE, terrain)
    fields = weather(NATIVE)
    fields["tmin"] = np.broadcast_to(at_sea_level - lapse / 1000 * means, (12, *NATIVE.shape))
    fields["tmax"] = fields["tmin"] + 10
    plan = plan_of(write_daymet(tmp_path, NATIVE, fields=fields))
    out = whole(plan, lapse=LapseRates(lapse, lapse))
    error = out.tmin_c - (at_sea_level - lapse / 1000 * dem_window(0, 0, *DEM.shape))
    r, c = place()
    inside = np.ones(DEM.shape, bool)
    for p in (r, c):
        inside &= (p > p.min() + 2) & (p < p.max() - 2)
    assert inside.mean() > 0.2
    # block means of 300 cells of some metres of relief between neighbours are good to 1 m or so
    assert np.abs(error[inside]).max() < 0.015
    # at the edge cells are covered in part: their mean is wrong by at most their own relief
    assert np.sqrt(np.mean(error**2)) < 0.2
    # what plain interpolation would give, without any elevation
    flat = whole(plan, lapse=LapseRates(0, 0)).tmin_c - out.tmin_c
    assert np.abs(flat[inside]).max() > 0.5


def test_the_mean_over_a_covered_climate_cell_is_the_climates_value(tmp_path):
    means = cell_means(NATIVE, terrain)
    fields = weather(NATIVE)
    for name in ("tmin", "tmax"):
        fields[name] = fields[name] - 0.00649 * (means - 2300)
    out = whole(plan_of(write_daymet(tmp_path, NATIVE, fields=fields)), month=7)
    r, c = place()
    index = (np.floor(r) * NATIVE.cols + np.floor(c)).astype(int).ravel()
    counts = np.bincount(index, minlength=means.size)
    i, j = np.mgrid[0 : NATIVE.rows, 0 : NATIVE.cols] + 0.5
    whole_cells = (i > r.min() + 2) & (i < r.max() - 2) & (j > c.min() + 2) & (j < c.max() - 2)
    checked = whole_cells.ravel() & (counts > 250)
    assert checked.sum() > 25
    for name, field in (("tmin", "tmin_c"), ("tmax", "tmax_c"), ("prcp", "prcp_mm")):
        values = getattr(out, field).ravel().astype(float)
        mean = np.bincount(index, values, means.size)[checked] / counts[checked]
        # the mean of 300 DEM cells in a climate cell is good to a metre; the climate is linear
        # except for kinks in precipitation, which interpolation smooths by 1/8 of their change
        tolerance = 0.1 if name == "prcp" else 0.02
        np.testing.assert_allclose(mean, fields[name][6].ravel()[checked], atol=tolerance)


def test_weights_halve_the_error_that_cells_covered_in_part_bring_in(tmp_path):
    means = cell_means(NATIVE, terrain)
    fields = weather(NATIVE)
    fields["tmin"] = np.broadcast_to(20 - 0.00649 * means, (12, *NATIVE.shape))
    fields["tmax"] = fields["tmin"] + 10
    plan = plan_of(write_daymet(tmp_path, NATIVE, fields=fields))
    truth = 20 - 0.00649 * dem_window(0, 0, *DEM.shape)
    weighted = whole(plan).tmin_c - truth
    trusting = replace(plan, weight=np.ones_like(plan.weight))
    assert np.std(weighted) < 0.5 * np.std(whole(trusting).tmin_c - truth)


@pytest.mark.parametrize("tile", [(64, 64), (200, 33), (57, 210)])
def test_tiled_equals_whole_bit_by_bit(daymet, tile):
    plan = plan_of(daymet)
    one = whole(plan, month=3)
    for row0 in range(0, DEM.rows, tile[0]):
        for col0 in range(0, DEM.cols, tile[1]):
            rows, cols = min(tile[0], DEM.rows - row0), min(tile[1], DEM.cols - col0)
            cut = plan.cut(row0, col0, rows, cols)
            part = Downscaler(cut, dem_window(row0, col0, rows, cols), row0=row0, col0=col0)
            month = part.month(2010, 3)
            for name in FIELDS:
                expected = getattr(one, name)[row0 : row0 + rows, col0 : col0 + cols]
                assert getattr(month, name).tobytes() == expected.tobytes()


def test_a_tiles_cut_holds_little_more_than_the_tile(daymet):
    cut = plan_of(daymet).cut(80, 90, 20, 20)  # 1.2 km by 1 km
    assert cut.reference_m.shape[0] <= 4
    assert cut.reference_m.shape[1] <= 4


def test_daymets_months_keep_29_february_and_drop_31_december(daymet):
    cut = plan_of(daymet).cut(0, 0, 10, 10)
    assert [cut.month_days(2010, m) for m in (2, 12)] == [28, 31]
    assert [cut.month_days(2012, m) for m in (2, 12)] == [29, 30]
    assert cut.year_days(2010) == cut.year_days(2012) == 365


def test_given_elevation_is_used_instead_of_the_dem(tmp_path, daymet):
    truth = cell_means(NATIVE, terrain)
    given = write_tif(tmp_path / "reference.tif", NATIVE, truth[None])

    looked_at = []

    def read(row0, col0, rows, cols):
        looked_at.append(rows * cols)
        return dem_window(row0, col0, rows, cols)

    plan = plan_of(daymet, read, elevation=given)
    # only small parts of the DEM are read, to check that both are in metres
    assert sum(looked_at) < 0.05 * DEM.rows * DEM.cols
    row0, col0 = plan.origin
    rows, cols = plan.reference_m.shape
    np.testing.assert_allclose(
        plan.reference_m, truth[row0 : row0 + rows, col0 : col0 + cols], rtol=1e-6
    )
    assert np.all(plan.weight == 1)
    assert plan.provenance["reference_elevation"] == "reference.tif"


def test_a_finer_reference_elevation_is_averaged_over_the_climates_cells(tmp_path, daymet):
    fine = Grid(600, 700, DEM.x0 - 12_000, DEM.y0 + 12_000, 60.0, 60.0, 1.0, UTM13)
    x, y = fine.centres(np.arange(600)[:, None], np.arange(700)[None, :])
    given = write_tif(tmp_path / "na_dem_30m.tif", fine, terrain(x, y)[None])
    plan = plan_of(daymet, elevation=given)
    row0, col0 = plan.origin
    rows, cols = plan.reference_m.shape
    truth = cell_means(NATIVE, terrain)[row0 : row0 + rows, col0 : col0 + cols]
    # 280 samples of ground with 40 m of relief below their spacing
    np.testing.assert_allclose(plan.reference_m, truth, atol=3.0)


def test_block_mean_and_cover_are_those_of_brute_force(daymet):
    plan = plan_of(daymet)
    r, c = (np.floor(p).astype(int) for p in place())
    z = dem_window(0, 0, *DEM.shape)
    # area of a DEM cell in climate cells: the conic projection is 8 % smaller than the ground here
    (ri, rj), (ci, cj) = np.gradient(place()[0]), np.gradient(place()[1])
    share = np.abs(ri * cj - rj * ci).mean()
    for row, col in [(6, 7), (4, 5), (3, 8)]:
        inside = (r == row) & (c == col)
        i, j = row - plan.origin[0], col - plan.origin[1]
        # a DEM cell whose centre nearly lies on a boundary may be counted in either climate cell
        assert plan.reference_m[i, j] == pytest.approx(z[inside].mean(), abs=1.0)
        assert plan.weight[i, j] == pytest.approx(min(inside.sum() * share, 1) ** 2, abs=0.02)


def test_a_dem_coarser_than_the_climate_still_gives_every_cell_its_elevation(tmp_path):
    coarse = Grid(6, 7, DEM.x0, DEM.y0, 1800.0, 1700.0, 1.0, UTM13)
    native = daymet_grid(coarse)
    source = climate.open_climate(write_daymet(tmp_path, native))

    def read(row0, col0, rows, cols):
        return np.full((rows, cols), 1500.0, np.float32)

    plan = source.plan(coarse, (2010,), read)
    # two cells within the edge, all are covered
    assert np.all(plan.weight[4:-4, 4:-4] > 0.5)
    assert np.all(plan.reference_m == 1500)


def test_a_climate_too_small_is_named_with_what_lacks(tmp_path):
    small = NATIVE.window(5, 0, NATIVE.rows - 5, NATIVE.cols)
    folder = write_daymet(tmp_path, small)
    with pytest.raises(InputError, match=r"daymet_v4_tmin_monavg_na_2010.tif does not cover") as e:
        plan_of(folder)
    # five cells were cut off, of which three were margin; interpolation needs half a cell more
    lacking = float(re.search(r"lacks ([\d.]+) km .* in the north", str(e.value))[1])
    assert lacking == pytest.approx(0.5 - place()[0].min() + 5, abs=0.01)
    assert "south" not in str(e.value)


def test_cells_without_data_are_left_out_and_told(tmp_path):
    fields = weather(NATIVE)
    for values in fields.values():
        values[:, :, :8] = np.nan
    plan = plan_of(write_daymet(tmp_path, NATIVE, fields=fields))
    out = whole(plan)
    _, col = place()
    np.testing.assert_array_equal(np.isnan(out.tmin_c), col < 7.5)
    assert any("climate cells without data" in note for note in plan.notes)


def test_a_climate_without_any_data_over_the_dem_is_refused(tmp_path):
    fields = {name: values * np.nan for name, values in weather(NATIVE).items()}
    with pytest.raises(InputError, match=r"na_2010.tif .* hold no data over the DEM"):
        plan_of(write_daymet(tmp_path, NATIVE, fields=fields))


def test_fill_without_its_tag_is_still_fill(tmp_path):
    fields = weather(NATIVE)
    for values in fields.values():
        values[:, 4, 5] = np.nan
    folder = write_daymet(tmp_path, NATIVE, fields=fields)
    for path in folder.glob("*.tif"):
        with rasterio.open(path, "r+") as file:
            file.nodata = None
    plan = plan_of(folder)
    i, j = 4 - plan.origin[0], 5 - plan.origin[1]
    assert np.isnan(plan.values["prcp_mm"][:, :, i, j]).all()


def test_missing_vapour_pressure_is_estimated_and_said(tmp_path):
    plan = plan_of(write_daymet(tmp_path, NATIVE, variables=("tmin", "tmax", "prcp")))
    assert "minimum temperature" in plan.provenance["vapour_pressure"]
    assert any("no vapour pressure" in note for note in plan.notes)
    out = whole(plan)
    np.testing.assert_allclose(out.vapour_pressure_pa, _vapour.saturation_pa(out.tmin_c), rtol=1e-6)


def test_large_climates_are_paged_to_disk_with_the_same_answer(daymet, monkeypatch):
    one = whole(plan_of(daymet))
    monkeypatch.setattr("eemt_core.climate.readers.gridded._IN_MEMORY_BYTES", 0)
    plan = plan_of(daymet)
    assert isinstance(plan.values["tmin_c"], np.memmap)
    assert whole(plan).tmin_c.tobytes() == one.tmin_c.tobytes()


def test_periods_outside_the_source_are_refused(daymet):
    source = climate.open_climate(daymet)
    with pytest.raises(InputError, match=r"year 2011 \(no daymet_v4_tmin_monavg_na_2011.tif\)"):
        source.select(2010, 2012)
    with pytest.raises(ArgumentError, match="periods must be some of"):
        source.plan(DEM, (1999,), dem_window)


def test_daymets_crs_is_the_published_one():
    # the centre of the cone, by definition of the projection
    x, y = rasters.transform_points("EPSG:4326", DAYMET_CRS, [-100.0], [42.5])
    np.testing.assert_allclose([x[0], y[0]], 0, atol=1e-6)


@pytest.mark.parametrize("form", ["tif", "nc"])
def test_a_file_of_climate_is_opened_once_for_what_it_says_and_its_cells(
    tmp_path, monkeypatch, form
):
    folder = write_daymet(tmp_path / "files", NATIVE, (2010, 2011, 2012), form=form)
    opened, open_raster = [], rasters._files.open_raster

    def counting(name):
        opened.append(name)
        return open_raster(name)

    monkeypatch.setattr(rasters._files, "open_raster", counting)
    plan = plan_of(folder)
    files = len(plan.files)
    assert files >= 3 * 4
    # the first one besides, for the grid of all
    assert len(set(opened)) >= files
    assert len(opened) == files + 1, opened
