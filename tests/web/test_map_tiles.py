"""Tiles of maps: right values at the right place, quick, transparent where nothing is known."""

import io
import threading

import numpy as np
import pytest
import rasterio
from morecantile import tms
from PIL import Image
from rasterio.warp import transform

from eemt_core.web.maps.readers import Readers
from eemt_core.web.maps.tiles import read_tile
from web_service import add_finished

MERCATOR = tms.get("WebMercatorQuad")
MAP = "global/annual/total_sun_annual.tif"
WORLD = ((0.0, 0.0, 1.0, 1.0),)
LEVEL = 15  # pixels of 3.8 m on cells of 30 m


@pytest.fixture(scope="module")
def middle(shown):
    """Column and row of the tile in the middle of the map."""
    west, south, east, north = shown.get("maps").json()["bounds"]
    tile = MERCATOR.tile((west + east) / 2, (south + north) / 2, LEVEL)
    return tile.x, tile.y


def tile(shown, x, y, z=LEVEL, **query):
    return shown.get(f"tiles/{z}/{x}/{y}.png", params={"map": MAP, **query})


def picture(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    image = Image.open(io.BytesIO(answer.content))
    assert image.size == (256, 256)
    return np.array(image.convert("RGBA"))


def cells_under(shown, x, y, z=LEVEL, shift=(0.0, 0.0)):
    """Value of the cell below each pixel, by a way of its own: point by point."""
    box = MERCATOR.xy_bounds(x, y, z)
    pixel = (box.right - box.left) / 256
    px = box.left + (np.arange(256) + 0.5 + shift[0]) * pixel
    py = box.top - (np.arange(256) + 0.5 + shift[1]) * pixel
    xs, ys = (a.ravel() for a in np.meshgrid(px, py))
    with rasterio.open(shown.maps / MAP) as source:
        mx, my = transform("EPSG:3857", source.crs, xs, ys)
        rows, cols = map(np.array, rasterio.transform.rowcol(source.transform, mx, my))
        cells = np.full(rows.shape, np.nan)
        inside = (rows >= 0) & (rows < source.height) & (cols >= 0) & (cols < source.width)
        cells[inside] = source.read(1)[rows[inside], cols[inside]]
    return cells.reshape(256, 256)


def colour_of(values, scale, low, high):
    """Colours by the definition: as many equal classes as the scale has."""
    table = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] + [255] for c in scale])
    number = np.clip((values - low) / (high - low) * len(scale), 0, len(scale) - 1)
    return np.where(np.isnan(values)[..., None], 0, table[np.nan_to_num(number).astype(int)])


@pytest.mark.parametrize("colours", ["viridis", "twilight_shifted"])
def test_a_pixel_has_the_colour_of_the_cell_below_it(shown, middle, colours):
    scale = shown.client.get("/api/colors").json()[colours]
    seen = picture(tile(shown, *middle, colors=colours, low=1.6e6, high=2.4e6))
    right = np.zeros((256, 256), bool)
    # GDAL finds a pixel's cell within an eighth of a pixel, so beside a cell's edge either is right
    for shift in ((0, 0), (0.2, 0.2), (0.2, -0.2), (-0.2, 0.2), (-0.2, -0.2)):
        expected = colour_of(cells_under(shown, *middle, shift=shift), scale, 1.6e6, 2.4e6)
        same = np.all(seen == expected, axis=-1) | ((seen[..., 3] == 0) & (expected[..., 3] == 0))
        right |= same
        if shift == (0, 0):
            assert same.mean() > 0.9
    assert right.all()
    assert len(np.unique(seen.reshape(-1, 4), axis=0)) > 20


def test_cells_without_data_are_transparent_and_others_are_not(shown):
    with rasterio.open(shown.maps / MAP) as source:
        x, y = source.xy(15, 37)  # in the hole of the DEM
        (lon,), (lat,) = transform(source.crs, "EPSG:4326", [x], [y])
    place = MERCATOR.tile(lon, lat, LEVEL)
    seen, cells = picture(tile(shown, place.x, place.y)), cells_under(shown, place.x, place.y)
    clear = seen[..., 3] == 0
    assert 0.02 < clear.mean() < 0.98
    # differences at the edges of cells alone, see above
    assert (clear != np.isnan(cells)).mean() < 0.02


def test_neighbouring_tiles_fit_together(shown, middle):
    x, y = middle
    left, right = (picture(tile(shown, x + i, y)) for i in (0, 1))
    whole = np.hstack([cells_under(shown, x + i, y) for i in (0, 1)])
    scale = shown.client.get("/api/colors").json()["viridis"]
    low, high = np.nanmin(whole), np.nanmax(whole)
    left, right = (picture(tile(shown, x + i, y, low=low, high=high)) for i in (0, 1))
    seam = np.hstack([left, right])[:, 246:266]
    expected = colour_of(whole, scale, low, high)[:, 246:266]
    assert np.all(seam == expected, axis=-1).mean() > 0.9


def test_without_ends_the_colours_span_the_values_of_the_map(shown, middle):
    facts = {m["path"]: m for g in shown.get("maps").json()["groups"] for m in g["maps"]}[MAP]
    plain = tile(shown, *middle)
    assert plain.content == tile(shown, *middle, low=facts["low"], high=facts["high"]).content


@pytest.mark.parametrize("place", [(0, 0, LEVEL), (2**24 - 1, 2**24 - 1, 24), (9, 9, 2)])
def test_beyond_the_map_tiles_are_transparent(shown, place):
    x, y, z = place
    assert not picture(tile(shown, x, y, z)).any(axis=None, where=[False, False, False, True])


def test_far_out_the_whole_map_is_a_few_pixels(shown):
    seen = picture(tile(shown, 0, 0, 0))
    assert 0 <= (seen[..., 3] > 0).sum() <= 4


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"map": "nowhere.tif"}, 404),
        ({"map": "run.json"}, 404),
        ({"map": "../run.log"}, 404),
        ({"map": "/etc/passwd"}, 404),
        ({"map": "\0"}, 404),
        ({"colors": "jet"}, 422),
        ({"low": 5, "high": 5}, 422),
        ({"low": 5, "high": 1}, 422),
        ({"low": "nan"}, 422),
        ({"high": "inf"}, 422),
        ({"low": -1.7e308, "high": 1.7e308}, 422),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_sentence(shown, middle, query, code):
    answer = tile(shown, *middle, **query)
    assert answer.status_code == code
    assert answer.json()["detail"]


@pytest.mark.parametrize("path", ["tiles/25/0/0.png", "tiles/-1/0/0.png", "tiles/3/-1/0.png"])
def test_levels_and_places_that_there_are_not_are_refused(shown, path):
    assert shown.get(path, params={"map": MAP}).status_code == 422


def test_a_browser_that_has_the_tile_gets_no_second_one(shown, middle):
    first = tile(shown, *middle)
    mark = first.headers["etag"]
    assert "private" in first.headers["cache-control"]
    url = f"tiles/{LEVEL}/{middle[0]}/{middle[1]}.png"
    for known in (mark, f"W/{mark}", f'"other", {mark}', "*"):
        again = shown.get(url, params={"map": MAP}, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
    other = shown.get(url, params={"map": MAP}, headers={"If-None-Match": '"other"'})
    assert other.content == first.content


def test_a_map_that_has_changed_is_drawn_again_for_who_has_the_old_one(
    shown, finished_maps, middle
):
    job = add_finished(shown.data, finished_maps)
    url = f"/api/jobs/{job}/tiles/{LEVEL}/{middle[0]}/{middle[1]}.png"
    ends = {"map": MAP, "low": 1.6e6, "high": 2.4e6}
    old = shown.client.get(url, params=ends)
    path = shown.maps.parent.parent / job / "maps" / MAP
    with rasterio.open(path, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as target:
        target.write(target.read(1) + 1e5, 1)
        target.build_overviews(target.overviews(1))
    new = shown.client.get(url, params=ends, headers={"If-None-Match": old.headers["etag"]})
    assert (new.status_code, new.headers["etag"] != old.headers["etag"]) == (200, True)
    assert not np.array_equal(picture(new), picture(old))


def test_many_threads_get_the_same_tiles(shown, middle):
    x, y = middle
    places = [(x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    expected = {place: tile(shown, *place).content for place in places}
    wrong = []

    def look():
        for place in places:
            if tile(shown, *place).content != expected[place]:
                wrong.append(place)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_map_is_opened_once_and_again_where_others_crowd_it_out(shown, middle):
    readers, path, other = Readers(most_open=1), shown.maps / MAP, shown.maps / "slope.tif"

    def draw():
        with readers.reading(path) as reader:
            return reader, read_tile(reader, (LEVEL, *middle), WORLD)

    first, cells = draw()
    assert draw()[0] is first
    with readers.reading(other):  # crowds it out
        assert first.dataset.closed
    anew, same = draw()
    assert anew is not first
    np.testing.assert_array_equal(same, cells)
    readers.close()
    assert anew.dataset.closed
