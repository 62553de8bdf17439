"""Pictures: files, colours that agree with the colour bar, and sizes."""

import sys

import matplotlib
import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread

from eemt_core import quicklook, rasters
from eemt_core.calendar365 import MONTHS
from eemt_core.errors import ArgumentError, InputError
from eemt_core.grids.grid import Grid
from eemt_core.quicklook import canvas, gallery, pictures, styles
from geotiffs import write_geotiff

UTM13 = rasters.crs_wkt("EPSG:32613")


def grid(rows, cols, cell_m=30.0):
    return Grid(rows, cols, 450_000.0, 4_000_000.0, cell_m, cell_m, 1.0, UTM13)


def hills(rows, cols):
    row, col = np.indices((rows, cols))
    return (500 + 80 * np.sin(row / 9) * np.cos(col / 12)).astype(np.float32)


def put(path, values, unit="m", cell_m=30.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    where = grid(*values.shape, cell_m)
    rasters.write_map(path, where, [(0, 0, values)], description="", units=unit)
    return path


def colourful(path):
    """Return whether a picture is more than a blank page: its size, and spread of colours."""
    image = imread(path)[..., :3]
    assert image.reshape(-1, 3).std(axis=0).min() > 0.05
    return image.shape[:2]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return an output folder with a few maps, and its DEM."""
    out = tmp_path_factory.mktemp("out")
    elevation_m = hills(60, 80)
    dem = put(out / "dem.tif", elevation_m)
    for k, month in enumerate(MONTHS):
        sun = elevation_m * (8 + 6 * np.sin(k / 2)).astype(np.float32)
        sun[:5, :9] = np.nan
        put(out / f"global/monthly/total_sun_{month}_average.tif", sun, "Wh m-2 d-1")
        put(out / f"eemt/EEMT_Topo_{month}_1980.tif", sun / 4000, "MJ m-2 month-1")
    put(out / "slope.tif", elevation_m / 40, "degrees")
    put(out / "aspect.tif", elevation_m % 360, "degrees")
    put(out / "eemt/summary/EEMT_Topo_mean.tif", elevation_m / 30, "MJ m-2 yr-1")
    return out, dem


@pytest.mark.slow
def test_a_run_gets_a_picture_of_each_map_it_holds(run):
    out, dem = run
    made = list(quicklook.draw_run(out, dem))
    assert {path.name for path in made} == {
        "EEMT_Topo_mean.png",
        "slope.png",
        "aspect.png",
        "total_sun_months_average.png",
        "EEMT_Topo_months_1980.png",
        "overview.png",
    }
    assert sorted(made) == sorted((out / "quicklook").iterdir())  # and no temporary file
    for path in made:
        colourful(path)


@pytest.mark.parametrize(
    ("days", "words"), [("365", "in a year"), ("1", "on one day"), ("31", "in 31 days")]
)
def test_a_sum_over_some_days_is_not_called_a_year(tmp_path, days, words):
    path = tmp_path / "total_sun_annual.tif"
    blocks = [(0, 0, hills(4, 4))]
    rasters.write_map(path, grid(4, 4), blocks, description="", units="h", tags={"DAYS": days})
    assert gallery._days(path) == words


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(3, 4), (200, 30), (20, 400), (90, 100), (1, 50)])
def test_a_picture_of_any_shape_fits_a_slide(tmp_path, shape):
    path = put(tmp_path / "total_sun.tif", hills(*shape), "Wh m-2")
    quicklook.draw_map(path, path, tmp_path / "map.png", "Sunlight on the terrain in a year")
    months = {f"{k}": path for k in range(12)}
    quicklook.draw_months(months, path, tmp_path / "months.png", "Sunlight")
    quicklook.draw_overview(
        [quicklook.Panel(path, "one"), quicklook.Panel(path, "two")],
        None,
        tmp_path / "overview.png",
        "Both",
    )
    for name in ("map", "months", "overview"):
        height, width = imread(tmp_path / f"{name}.png").shape[:2]
        assert 300 <= height <= 1700
        assert 700 <= width <= 2400


def test_nothing_is_drawn_of_a_map_without_cells_or_a_dem_of_other_ground(tmp_path):
    empty = put(tmp_path / "empty.tif", np.full((5, 5), np.nan, np.float32))
    with pytest.raises(InputError, match="has no valid cell to draw"):
        quicklook.draw_map(empty, None, tmp_path / "a.png", "")
    path = put(tmp_path / "map.tif", hills(20, 20))
    other = put(tmp_path / "other.tif", hills(20, 20), cell_m=10.0)
    with pytest.raises(InputError, match="does not cover the same ground"):
        quicklook.draw_map(path, other, tmp_path / "a.png", "")
    with pytest.raises(InputError, match="does not exist"):
        quicklook.draw_map(tmp_path / "none.tif", None, tmp_path / "a.png", "")
    assert not list(tmp_path.glob("*a.png*"))


def test_without_matplotlib_the_remedy_is_one_sentence(tmp_path, monkeypatch):
    path = put(tmp_path / "map.tif", hills(20, 20))
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ArgumentError, match=r"pip install 'eemt-core\[plot\]'"):
        quicklook.draw_map(path, None, tmp_path / "a.png", "")


def test_a_large_map_is_read_small(tmp_path):
    path = put(tmp_path / "map.tif", np.ones((2000, 600), np.float32))
    assert pictures._read(path, 500).values.shape == (500, 150)


# --- colours and light ---


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(0, 2**31))
def test_limits_hold_the_middle_96_percent(centre, spread, seed):
    values = np.random.default_rng(seed).normal(centre, spread, (40, 50)).astype(np.float32)
    values[0, :7] = np.nan
    low, high = styles.robust_limits([values[:, :20], values[:, 20:]])
    assert low < high
    inside = ((values >= low) & (values <= high)).sum() / np.isfinite(values).sum()
    assert 0.94 < inside <= 1


def test_limits_of_equal_values_are_still_apart():
    for value in (0.0, 5.0, -3.0):
        low, high = styles.robust_limits([np.full((3, 3), value, np.float32)])
        assert low < value < high


def test_without_light_a_cell_has_the_colour_of_the_bar_and_nodata_none():
    values = np.array([[0.0, 5.0, 10.0, np.nan]], np.float32)
    image = canvas.shaded(values, "viridis", (0.0, 10.0), None, 0.5)
    np.testing.assert_array_equal(image[0, :3], matplotlib.colormaps["viridis"]([0.0, 0.5, 1.0]))
    assert image[0, 3, 3] == 0


def test_light_leaves_the_hue_alone():
    values = np.full((1, 3), 3.0, np.float32)
    light = np.array([[0.4, 1.0, 1.2]], np.float32)
    image = canvas.shaded(values, "cividis", (0.0, 10.0), light, 0.5)[0, :, :3]
    assert image[0].sum() < image[1].sum() < image[2].sum()
    for cell in image:
        np.testing.assert_allclose(cell / cell.sum(), image[1] / image[1].sum(), atol=1e-6)


@pytest.mark.parametrize("facing_deg", range(0, 360, 45))
def test_what_faces_the_north_west_is_brightest(facing_deg):
    row, col = np.indices((20, 20))
    a = np.radians(facing_deg)
    plane = (-0.2 * 30 * (np.sin(a) * col - np.cos(a) * row)).astype(np.float32)
    light = canvas.hillshade(plane, grid(20, 20))
    # Lambert's law with the slope stretched to 20 degrees and the sun 45 degrees high
    tilt = np.radians(20)
    expected = np.cos(tilt) + np.sin(tilt) * np.cos(a - np.radians(315))
    np.testing.assert_allclose(light, expected, atol=1e-4)


def test_flat_land_is_neither_dark_nor_bright():
    assert (canvas.hillshade(np.full((4, 5), 7.0, np.float32), grid(4, 5)) == 1).all()


def test_hillshade_agrees_with_matplotlib():
    from matplotlib.colors import LightSource

    z = hills(60, 80)
    row, col = np.gradient(z, 30.0)
    stretch = np.tan(np.radians(20)) / np.percentile(np.hypot(row, col), 75)
    peer = LightSource(315, 45).shade_normals(
        np.dstack([-col * stretch, row * stretch, np.ones_like(z)])
        / np.sqrt(1 + (col * stretch) ** 2 + (row * stretch) ** 2)[..., None]
    )
    ours = canvas.hillshade(z, grid(60, 80))
    # shade_normals scales its result to the range 0 to 1
    spread = (ours - ours.min()) / (ours.max() - ours.min())
    np.testing.assert_allclose(spread, peer, atol=1e-5)


@pytest.mark.parametrize(
    ("unit", "shown"),
    [
        ("MJ m-2 month-1", "MJ m⁻² month⁻¹"),
        ("Wh m-2", "Wh m⁻²"),
        ("degrees", "degrees"),
        ("ln(m)", "ln(m)"),
        ("1", "1"),
    ],
)
def test_units_are_printed_with_raised_powers(unit, shown):
    assert styles.pretty_unit(unit) == shown


def test_large_sums_are_in_kilowatt_hours():
    values, unit = styles.readable(np.full((2, 2), 2.1e6, np.float32), "Wh m-2")
    assert unit == "kWh m-2"
    assert (values == 2100).all()
    assert styles.readable(np.full((2, 2), 5000, np.float32), "Wh m-2 d-1")[1] == "Wh m-2 d-1"


@given(st.floats(1e-2, 1e7))
def test_a_scale_bar_has_a_round_length_of_two_fifths_at_least(length_m):
    bar = canvas.round_length(length_m)
    assert 0.399 * length_m < bar <= length_m
    assert f"{bar:e}"[0] in "125"


def test_a_picture_has_the_ground_s_lengths(tmp_path):
    # in this cylinder a square on the ground at 60 N is three times as wide as high
    cells = Affine(52.0, 0, 2_400_000, 0, -17.4, 6_345_000)
    z = np.add.outer(np.arange(40.0), np.arange(80.0)).astype(np.float32)
    path = write_geotiff(tmp_path / "slope.tif", z, crs="EPSG:6933", transform=cells)
    layer = pictures._read(path, 1000)
    assert layer.cell_m == pytest.approx((30.0, 30.0), rel=0.02)
    assert pictures._aspect(layer.grid) == pytest.approx(2.0, rel=0.02)
    assert layer.grid.cols * layer.grid.cell_size_m[0] == pytest.approx(2400, rel=0.02)
