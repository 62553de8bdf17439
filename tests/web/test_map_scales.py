"""Tiles at all scales and places: means where cells are smaller than pixels, quick far out too."""

import statistics
import time

import numpy as np
import pytest
from morecantile import tms
from rasterio.warp import transform

from eemt_core.grids.grid import Grid
from eemt_core.manager.maps.names import terrain_maps
from eemt_core.quicklook.styles import style_of
from eemt_core.rasters import bounds_deg, crs_wkt, write_map
from eemt_core.web.maps.readers import Readers
from eemt_core.web.maps.tiles import boxes, is_beyond_overviews, overview_level, read_tile

MERCATOR = tms.get("WebMercatorQuad")
WORLD = ((0.0, 0.0, 1.0, 1.0),)


@pytest.fixture
def readers():
    held = Readers()
    yield held
    held.close()


def random_map(path, crs, x0, y0, cell_m, shape):
    """Write a map of random values with a hole; return its grid, its cells and its extent."""
    cells = np.random.default_rng(5).uniform(0, 100, shape).astype(np.float32)
    cells[shape[0] // 4 : shape[0] // 3, shape[1] // 4 : shape[1] // 3] = np.nan
    grid = Grid(*shape, x0, y0, cell_m, cell_m, 1.0, crs_wkt(crs))
    write_map(path, grid, [(0, 0, cells)], description="", units="1")
    return grid, cells, boxes(*bounds_deg(grid))


def of_all(read, extent, level):
    """Values of all pixels, from all tiles that an extent reaches."""
    found = []
    for west, north, east, south in extent:
        for x in range(int(west * 2**level), int(min(east, 1 - 1e-12) * 2**level) + 1):
            for y in range(int(north * 2**level), int(min(south, 1 - 1e-12) * 2**level) + 1):
                if (values := read((level, x, y))) is not None:
                    found.append(values)
    return np.array(found)


PLACES = {
    "in the middle of its zone": ("EPSG:32616", 735_000.0, 4_030_000.0, 30.0, (900, 1300)),
    "across the date line": ("EPSG:32601", 260_000.0, 6_000_000.0, 100.0, (900, 1300)),
    "in the web's own projection": ("EPSG:3857", -9e6, 4.4e6, 100.0, (300, 400)),
    "of half a continent": ("EPSG:5070", -2e6, 3e6, 4000.0, (700, 1000)),
}


@pytest.mark.parametrize("where", PLACES)
def test_tiles_show_all_of_a_map_and_nothing_beside_it(readers, tmp_path, where):
    _, cells, extent = random_map(tmp_path / "map.tif", *PLACES[where])
    left = sum(east - west for west, _, east, _ in extent)
    level = round(np.log2(2.0 / left))  # a few tiles across
    with readers.reading(tmp_path / "map.tif") as reader:
        near = of_all(lambda place: read_tile(reader, place, extent), extent, level)
        world = {(0, 0), (2**level - 1, 0)}  # tiles at its corners
        assert all(read_tile(reader, (level, *corner), extent) is None for corner in world)
        # what would be seen if all of each tile were asked for
        plain = of_all(lambda place: read_tile(reader, place, WORLD), extent, level)
        smooth = of_all(lambda place: read_tile(reader, place, extent, "bilinear"), extent, level)
    known = np.isfinite(near)
    # 0.02 %: GDAL finds a place within an eighth of a pixel
    assert (known != np.isfinite(plain)).mean() < 2e-4
    # a hillshade covers the same pixels
    assert (known != np.isfinite(smooth)).mean() < 2e-4
    assert known.mean() > 0.05
    assert np.isin(near[known], cells).all()


@pytest.mark.parametrize("where", PLACES)
def test_far_out_a_pixel_has_the_mean_of_the_cells_below_it(readers, tmp_path, where):
    grid, _, extent = random_map(tmp_path / "map.tif", *PLACES[where])
    _, south, _, north = bounds_deg(grid)
    last = overview_level(grid, (south + north) / 2, 0)
    level = round(np.log2(0.1 / sum(e - w for w, _, e, _ in extent)))  # 30 pixels
    assert is_beyond_overviews(grid, (south + north) / 2, level)
    with readers.reading(tmp_path / "map.tif", last) as reader:
        seen = of_all(lambda place: read_tile(reader, place, extent, "average"), extent, level)
    known = seen[np.isfinite(seen)]
    assert 100 < known.size < 1500
    # of 100 cells at least a pixel, of which the deviation is 29; fewer at the edges
    assert abs(np.median(known) - 50) < 1
    assert np.median(abs(known - 50)) < 3


def test_a_map_of_small_cells_is_beyond_its_overviews_far_out_only():
    grid = Grid(900, 1300, 735_000.0, 4_030_000.0, 30.0, 30.0, 1.0, crs_wkt("EPSG:32616"))
    # overviews up to cells of 120 m; at 36 degrees pixels have 123 m at level 10, 247 m at 9
    assert not is_beyond_overviews(grid, 36.0, 10)
    assert is_beyond_overviews(grid, 36.0, 9)


def test_far_out_a_tile_is_drawn_faster_than_by_rio_tiler_alone(readers, tmp_path, monkeypatch):
    _, _, extent = random_map(tmp_path / "map.tif", *PLACES["in the middle of its zone"])

    def draw(read):
        begun = time.thread_time()  # what others do on the machine does not count
        read()
        return time.thread_time() - begun

    with readers.reading(tmp_path / "map.tif", 2) as reader:
        x, y = (int(side * 4) for side in extent[0][:2])
        ours = [draw(lambda: read_tile(reader, (2, x, y), extent, "average")) for _ in range(7)]
        monkeypatch.delenv("GDAL_VRT_WARP_USE_DATASET_RASTERIO")  # ours alone
        plain = [draw(lambda: reader.tile(x, y, 2)) for _ in range(7)]
    # it looks for 65,536 pixels where we look for some, which took ten times as long
    assert statistics.median(ours) < 0.5 * statistics.median(plain)


def test_maps_whose_overviews_are_no_means_are_those_whose_tiles_are_none():
    specs = terrain_maps(sky_view=True)
    assert [spec.circular for spec in specs] == [style_of(spec.path).circular for spec in specs]
    assert [spec.path for spec in specs if spec.circular] == ["aspect.tif"]


def test_an_extent_holds_the_pixels_of_its_sides():
    # 60 degrees north is 0.2904 of the way down, by the definition of Web Mercator
    ((west, north, east, south),) = boxes(-90.0, 0.0, 0.0, 60.0)
    assert west < 0.25 < 0.5 < east
    assert north < 0.2904 < 0.5 < south
    assert east - west < 0.26
    assert boxes(-180.0, -90.0, 180.0, -80.0)[-1][3] == 1.0
    parts = boxes(170.0, -10.0, -170.0, 10.0)
    assert sum(right - left for left, _, right, _ in parts) == pytest.approx(20.4 / 360)
    assert {side for part in parts for side in (part[0], part[2])} >= {0.0, 1.0}


@pytest.mark.parametrize(("level", "factor"), [(16, 1), (15, 1), (14, 2), (13, 4), (8, 4)])
def test_small_scales_show_the_means_of_the_cells_below_a_pixel(tmp_path, level, factor):
    dice = np.random.default_rng(3)
    cells = dice.uniform(0, 100, (1200, 1600)).astype(np.float32)
    # on the equator, where a pixel of level 14 has 9.6 m
    grid = Grid(*cells.shape, 166_021.0, 10_000_000.0, 4.0, 4.0, 1.0, crs_wkt("EPSG:32731"))
    write_map(tmp_path / "map.tif", grid, [(0, 0, cells)], description="", units="1")
    means = cells.reshape(1200 // factor, factor, 1600 // factor, factor).mean(axis=(1, 3))
    chosen = overview_level(grid, 0.0, level)
    assert 2**chosen == factor
    ((lon,), (lat,)) = transform(grid.crs, "EPSG:4326", [168_000.0], [9_998_000.0])
    place = MERCATOR.tile(lon, lat, level)
    readers = Readers()
    with readers.reading(tmp_path / "map.tif", chosen) as reader:
        seen = read_tile(reader, (level, place.x, place.y), WORLD)
    readers.close()
    box = MERCATOR.xy_bounds(place.x, place.y, level)
    pixel = (box.right - box.left) / 256
    middles = (np.arange(256) + 0.5) * pixel
    xs, ys = (a.ravel() for a in np.meshgrid(box.left + middles, box.top - middles))
    x, y = map(np.array, transform("EPSG:3857", grid.crs, xs, ys))
    rows, cols = ((v // (4.0 * factor)).astype(int) for v in (grid.y0 - y, x - grid.x0))
    inside = (rows > 0) & (rows < means.shape[0] - 1) & (cols > 0) & (cols < means.shape[1] - 1)
    assert inside.sum() > 20
    # the value belongs to a place below the pixel, if not to its middle
    around = np.stack(
        [means[rows[inside] + i, cols[inside] + j] for i in (-1, 0, 1) for j in (-1, 0, 1)]
    )
    assert abs(around - seen.ravel()[inside]).min(axis=0).max() < 1e-4  # float32, of 100
