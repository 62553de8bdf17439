"""The hillshade of a finished job: light of the slopes, without seams, gone with the job."""

import io
import os
import threading
from pathlib import Path

import numpy as np
import pytest
import rasterio
from morecantile import tms
from PIL import Image
from rasterio.enums import Resampling
from rasterio.transform import from_bounds
from rasterio.vrt import WarpedVRT

from eemt_core.web.jobs.job import JobFolder
from eemt_core.web.maps.shelf import MapShelf
from runs import eemt_run, write_dem
from web_service import add_finished

MERCATOR = tms.get("WebMercatorQuad")
LEVEL = 14


def grey(answer):
    """Brightness from 1 to 255 of a tile's pixels; 0 is transparent."""
    assert answer.status_code == 200, answer.text
    image = Image.open(io.BytesIO(answer.content))
    assert (image.mode, image.info["transparency"]) == ("L", 0)
    return np.array(image)


@pytest.fixture(scope="module")
def shade(shown):
    """The file of the hillshade."""
    assert shown.get(f"hillshade/{LEVEL}/0/0.png").status_code == 200
    return JobFolder(shown.maps.parent).hillshade


@pytest.fixture(scope="module")
def middle(shown):
    west, south, east, north = shown.get("maps").json()["bounds"]
    tile = MERCATOR.tile((west + east) / 2, (south + north) / 2, LEVEL)
    return tile.x, tile.y


def test_brightness_is_the_cosine_between_light_and_ground(shown, shade):
    slope_deg, aspect_deg = (
        rasterio.open(shown.maps / f"{name}.tif").read(1) for name in ("slope", "aspect")
    )
    steep = np.tan(np.radians(slope_deg))
    steeper = np.arctan(steep * np.tan(np.radians(20)) / np.nanpercentile(steep, 75))
    # light from 315 degrees, 45 degrees high
    cosine = np.cos(np.radians(45)) * np.cos(steeper) + np.sin(np.radians(45)) * np.sin(
        steeper
    ) * np.cos(np.radians(aspect_deg - 315))
    with rasterio.open(shade) as source:
        light = source.read(1)
    assert np.array_equal(np.isnan(light), np.isnan(slope_deg))
    # relative to flat ground, in steps of 1/128
    expected = np.clip(cosine, 0, None) / np.cos(np.radians(45))
    assert np.nanmax(np.abs(light - expected)) <= 0.5 / 128 + 1e-5
    assert np.nanmax(light) > 1.1 > 0.8 > np.nanmin(light)


def test_tiles_have_no_seams(shown, shade, middle):
    x, y = middle
    tiles = np.block(
        [
            [grey(shown.get(f"hillshade/{LEVEL}/{x + i}/{y + j}.png")) for i in (0, 1)]
            for j in (0, 1)
        ]
    )
    one, last = MERCATOR.xy_bounds(x, y, LEVEL), MERCATOR.xy_bounds(x + 1, y + 1, LEVEL)
    place = from_bounds(one.left, last.bottom, last.right, one.top, 512, 512)
    with (
        rasterio.open(shade) as source,
        WarpedVRT(
            source,
            crs="EPSG:3857",
            transform=place,
            width=512,
            height=512,
            resampling=Resampling.bilinear,
        ) as whole,
    ):
        light = whole.read(1)
    share = light / np.sqrt(2)
    expected = np.where(
        np.isnan(light), 0, np.clip(np.floor(np.nan_to_num(share) * 255), 0, 254) + 1
    )
    seams = np.zeros((512, 512), bool)
    seams[:, 254:258] = seams[254:258] = True
    off = np.abs(tiles - expected)
    # GDAL approximates the way back to the map, within an eighth of a pixel
    assert (off[seams] <= 4).mean() > 0.99
    assert off[seams].mean() < 1
    assert (tiles > 0).mean() > 0.1


def test_beyond_the_map_and_in_its_holes_it_is_transparent(shown, shade, middle):
    assert not grey(shown.get(f"hillshade/{LEVEL}/0/0.png")).any()
    west, _, _, north = shown.get("maps").json()["bounds"]
    around = grey(shown.get("hillshade/{2}/{0}/{1}.png".format(*MERCATOR.tile(west, north, 10))))
    assert 0 < (around > 0).mean() < 1


def test_it_is_computed_once_however_many_ask_at_once(shown, finished_maps):
    job = add_finished(shown.data, finished_maps)
    answers = []

    def ask():
        answers.append(shown.client.get(f"/api/jobs/{job}/hillshade/3/0/0.png").status_code)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 12
    folder = shown.client.app.state.service.folder(job).path
    assert {p.name for p in folder.iterdir()} == {"maps", "hillshade.tif"}


def test_a_browser_that_has_the_tile_gets_no_second_one(shown, shade, middle):
    url = "hillshade/{}/{}/{}.png".format(LEVEL, *middle)
    mark = shown.get(url).headers["etag"]
    assert shown.get(url, headers={"If-None-Match": mark}).status_code == 304


def test_level_ground_is_evenly_grey(tmp_path):
    dem = write_dem(tmp_path / "flat.tif", np.full((30, 40), 500.0))
    done = eemt_run(dem, "--out", tmp_path / "maps", "--days", "172", "--step", "60",
                    "--no-pictures")  # fmt: skip
    assert done.returncode == 0, done.stderr
    shelf = MapShelf()
    try:
        shelf.hillshade(shelf.record(JobFolder(tmp_path))).result()
    finally:
        shelf.close()
    with rasterio.open(JobFolder(tmp_path).hillshade) as source:
        assert np.all(source.read(1) == 1.0)


def test_with_too_little_disk_it_is_refused_and_no_file_is_left(finished_maps, tmp_path):
    os.symlink(finished_maps, tmp_path / "maps")
    shelf = MapShelf(least_free_mb=2**40)
    try:
        work = shelf.hillshade(shelf.record(JobFolder(tmp_path)))
        assert "disk" in str(work.exception())
    finally:
        shelf.close()
    assert [p.name for p in tmp_path.iterdir()] == ["maps"]


def test_beside_maps_that_lie_elsewhere_nothing_is_written(finished_maps, tmp_path):
    before = sorted(finished_maps.parent.rglob("*"))
    shelf = MapShelf()
    try:
        record = shelf.record(JobFolder(tmp_path / "jobs" / "one", maps_elsewhere=finished_maps))
        shelf.hillshade(record).result()
        tile = shelf.hillshade_tile(record, (0, 0, 0))
    finally:
        shelf.close()
    assert tile.startswith(b"\x89PNG")
    assert sorted(finished_maps.parent.rglob("*")) == before
    assert [p.name for p in (tmp_path / "jobs" / "one").iterdir()] == ["hillshade.tif"]


def open_files(folder):
    """Files below a folder that this process has open, removed ones too."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            target = os.readlink(link)
        except OSError:  # closed while we look
            continue
        if target.startswith(str(folder)):
            found.append(target)
    return found


def test_a_removed_job_leaves_no_open_file_and_no_folder(shown, finished_maps):
    job = add_finished(shown.data, finished_maps)
    folder = shown.client.app.state.service.folder(job).path
    with rasterio.open(finished_maps / "slope.tif") as source:
        lon, lat = source.lnglat()
    values = {"group": "eemt_topo_monthly", "lon": lon, "lat": lat}
    assert shown.client.get(f"/api/jobs/{job}/values", params=values).status_code == 200
    assert shown.client.get(f"/api/jobs/{job}/hillshade/9/0/0.png").status_code == 200
    assert len(open_files(folder)) >= 12
    assert shown.client.delete(f"/api/jobs/{job}").status_code == 200
    assert open_files(folder) == []
    assert not folder.exists()
    assert shown.client.get(f"/api/jobs/{job}/hillshade/9/0/0.png").status_code == 404


def test_a_job_may_be_removed_while_its_hillshade_is_computed(shown, finished_maps):
    for _ in range(5):
        job = add_finished(shown.data, finished_maps)
        codes = []

        def ask(job=job, codes=codes):
            codes.append(shown.client.get(f"/api/jobs/{job}/hillshade/9/0/0.png").status_code)

        asking = threading.Thread(target=ask)
        asking.start()
        assert shown.client.delete(f"/api/jobs/{job}").status_code == 200
        asking.join()
        assert codes[0] in (200, 404)
        assert not shown.client.app.state.service.folder(job).path.exists()
