"""Results are fetched whole, in parts and as zips; nothing but them is."""

import io
import json
import os
import shutil
import subprocess
import zipfile

import numpy as np
import pytest
import rasterio

from eemt_core.web.jobs.job import JobFolder
from eemt_core.web.maps.archive import zip_of
from web_service import add_finished

MAP = "eemt/summary/EEMT_Topo_mean.tif"


def record_of(maps):
    return json.loads((maps / "run.json").read_text())


def unzipped(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert int(answer.headers["content-length"]) == len(answer.content)
    return zipfile.ZipFile(io.BytesIO(answer.content))


@pytest.fixture(scope="module")
def everything(shown):
    return shown.get("results")


def test_the_zip_has_every_file_with_the_same_bytes(shown, everything):
    archive = unzipped(everything)
    assert archive.testzip() is None
    names = {*record_of(shown.maps)["maps"], "run.json"}
    assert set(archive.namelist()) == names
    for name in names:
        assert archive.read(name) == (shown.maps / name).read_bytes()
    assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_unzip_takes_it(everything, shown, tmp_path):
    path = tmp_path / "all.zip"
    path.write_bytes(everything.content)
    subprocess.run(["unzip", "-q", path, "-d", tmp_path / "out"], check=True, timeout=60)
    for name in record_of(shown.maps)["maps"]:
        assert (tmp_path / "out" / name).read_bytes() == (shown.maps / name).read_bytes()


def test_averages_come_with_the_sums_that_they_refer_to(shown, tmp_path):
    answer = shown.get("results", params={"group": "total_sun_monthly_average", "month": "feb"})
    unzipped(answer).extractall(tmp_path)
    names = {path.name for path in tmp_path.glob("global/monthly/*")}
    assert names == {"total_sun_feb_average.vrt", "total_sun_feb_sum.tif"}
    with rasterio.open(tmp_path / "global/monthly/total_sun_feb_average.vrt") as source:
        assert np.isfinite(source.read(1)).any()


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ({"group": "eemt_topo_monthly"}, lambda told: told["series"] == "eemt_topo_monthly"),
        # with the averages of a month come their sums, which are of the same month
        ({"month": "feb"}, lambda told: told["month"] == 2),
        (
            {"month": "feb", "group": "eemt_trad_monthly"},
            lambda told: told["month"] == 2 and told["series"] == "eemt_trad_monthly",
        ),
    ],
)
def test_a_group_or_month_has_its_maps_and_the_record(shown, query, chosen):
    answer = shown.get("results", params=query)
    wanted = {name for name, told in record_of(shown.maps)["maps"].items() if chosen(told)}
    assert wanted
    assert set(unzipped(answer).namelist()) == wanted | {"run.json"}
    for value in query.values():
        assert value in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"group": "none"}, 404),
        ({"group": "slope", "month": "jan"}, 404),
        ({"month": "../jan"}, 422),
        ({"month": "january"}, 422),
    ],
)
def test_a_group_or_month_that_there_is_not_is_refused(shown, query, code):
    answer = shown.get("results", params=query)
    assert answer.status_code == code
    assert answer.json()["detail"]


@pytest.mark.slow
def test_a_map_of_more_than_2_gib_fits_into_the_zip(shown, finished_maps, tmp_path):
    job = add_finished(shown.data, finished_maps)
    inside = shown.client.app.state.service
    record = inside.maps.record(inside.folder(job))
    size = 2**31 + 2**20  # from 2 GiB on Python's zip files have fields of 64 bits
    os.truncate(record.folder / MAP, size)  # longer, by a hole
    pieces, nothing = zip_of(record, (MAP, "run.json")), bytes(2**16)
    with (tmp_path / "large.zip").open("wb") as target:
        for piece in pieces:
            if piece == nothing[: len(piece)]:
                target.seek(len(piece), os.SEEK_CUR)  # leaves a hole too
            else:
                target.write(piece)
        assert target.tell() == len(pieces)
    with zipfile.ZipFile(tmp_path / "large.zip") as archive:
        assert archive.getinfo(MAP).file_size == size
        # behind the large one: its place needs 64 bits
        assert json.loads(archive.read("run.json")) == record_of(record.folder)


def test_a_zip_is_not_begun_where_a_map_is_missing(shown, finished_maps):
    job = add_finished(shown.data, finished_maps)
    (shown.maps.parent.parent / job / "maps" / MAP).unlink()
    answer = shown.client.get(f"/api/jobs/{job}/results")
    assert answer.status_code == 404
    assert MAP in answer.json()["detail"]


def test_one_file_is_fetched_whole(shown):
    answer = shown.get(f"results/{MAP}")
    assert answer.content == (shown.maps / MAP).read_bytes()
    assert answer.headers["content-type"] == "image/tiff"
    assert 'filename="EEMT_Topo_mean.tif"' in answer.headers["content-disposition"]
    assert shown.get("results/run.json").json() == record_of(shown.maps)


@pytest.mark.parametrize("part", [(0, 0), (10, 99), (5, None), (None, 7)])
def test_parts_of_a_file_are_its_bytes(shown, part):
    first, last = part
    whole = (shown.maps / MAP).read_bytes()
    asked = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    answer = shown.get(f"results/{MAP}", headers={"Range": asked})
    assert answer.status_code == 206
    if first is None:
        assert answer.content == whole[-last:]
    else:
        assert answer.content == whole[first : None if last is None else last + 1]
    assert answer.headers["content-range"].endswith(f"/{len(whole)}")


def test_a_part_beyond_the_end_is_refused(shown):
    asked = {"Range": "bytes=999999999-"}
    assert shown.get(f"results/{MAP}", headers=asked).status_code == 416


def test_a_part_of_a_file_that_has_changed_is_the_whole(shown):
    mark = shown.get(f"results/{MAP}").headers["etag"]
    for known, code in ((mark, 206), ('"other"', 200)):
        headers = {"Range": "bytes=0-9", "If-Range": known}
        assert shown.get(f"results/{MAP}", headers=headers).status_code == code


def test_the_length_of_a_file_is_told_without_it(shown):
    answer = shown.client.head(f"/api/jobs/{shown.job}/results/{MAP}")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == (shown.maps / MAP).stat().st_size
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.content == b""


@pytest.fixture
def spoilt(shown, finished_maps, tmp_path):
    """A job's maps that may be changed, and a file beside them that nobody may see."""
    job = add_finished(shown.data, finished_maps)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    return job, shown.maps.parent.parent / job / "maps", secret


def test_links_that_lead_elsewhere_are_not_followed(shown, spoilt):
    job, maps, secret = spoilt
    (maps / MAP).unlink()
    (maps / MAP).symlink_to(secret)  # a file
    shutil.rmtree(maps / "insol")
    shutil.copytree(maps / "global", secret.parent / "insol")
    (maps / "insol").symlink_to(secret.parent / "insol")  # a folder
    hours = "insol/annual/hours_sun_annual.tif"
    (secret.parent / hours).parent.mkdir(exist_ok=True)
    (secret.parent / hours).write_text("secret")
    os.mkfifo(maps / "pipe")
    os.replace(maps / "pipe", maps / "twi.tif")  # opening it would wait for ever
    for name in (MAP, hours, "twi.tif"):
        assert shown.client.get(f"/api/jobs/{job}/results/{name}").status_code == 404
    assert shown.client.get(f"/api/jobs/{job}/results").status_code == 404


def test_a_record_that_lists_what_lies_elsewhere_opens_nothing(shown, spoilt):
    job, maps, secret = spoilt
    content = record_of(maps)
    outside = os.path.relpath(secret, maps)
    names = [outside, str(secret), "../request.json", "eemt/../run.json", "", ".", "\0"]
    (maps.parent / "request.json").write_text('"secret"')
    content["pictures"] = names
    (maps / "run.json").write_text(json.dumps(content))
    record = shown.client.app.state.service.maps.record(JobFolder(maps.parent))
    assert (maps / outside).read_text() == "secret"
    assert [record.path(name) for name in names] == [None] * len(names)
    assert shown.client.get(f"/api/jobs/{job}/results/{secret}").status_code == 404
    assert shown.client.get(f"/api/jobs/{job}/results").status_code == 404


def test_listed_pictures_are_shown_and_in_the_zip(shown, spoilt):
    job, maps, _ = spoilt
    content = record_of(maps)
    (maps / "quicklook").mkdir()
    (maps / "quicklook" / "slope.png").write_bytes(b"\x89PNG picture")
    (maps / "quicklook" / "other.png").write_bytes(b"\x89PNG another")
    content["pictures"] = ["quicklook/slope.png"]
    (maps / "run.json").write_text(json.dumps(content))
    answer = shown.client.get(f"/api/jobs/{job}/results/quicklook/slope.png")
    assert answer.content == b"\x89PNG picture"
    assert answer.headers["content-disposition"].startswith("inline")
    assert shown.client.get(f"/api/jobs/{job}/results/quicklook/other.png").status_code == 404
    names = unzipped(shown.client.get(f"/api/jobs/{job}/results")).namelist()
    assert "quicklook/slope.png" in names
    assert "quicklook/other.png" not in names
