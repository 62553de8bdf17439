"""Files from strangers name no path, take bounded memory and time, and leave nothing behind."""

import io
import time

import httpx
import psutil
import pytest
import rasterio
from PIL import Image

from eemt_core.web.uploads.names import shown_name
from geotiffs import write_geotiff
from raw_tiffs import raw_tiff
from runs import eemt_run, mountains
from web_forms import BOUNDARY, HEAD, facts_of, multipart, submit, upload
from web_service import web_service

VRT = """<VRTDataset rasterXSize="8" rasterYSize="8"><SRS>EPSG:32613</SRS>
<GeoTransform>500000,10,0,4000000,0,-10</GeoTransform>
<VRTRasterBand dataType="Float32" band="1"><SimpleSource>
<SourceFilename>{}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>
</VRTDataset>"""


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with web_service(tmp_path_factory.mktemp("web") / "data") as running:
        with running.client() as client:
            client.get("/health").raise_for_status()  # now all its folders are there
        yield running


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    """A raster of the machine's owner."""
    return write_geotiff(tmp_path_factory.mktemp("owner") / "secret.tif", mountains((8, 8)) + 1000)


def everything(service):
    folders = (service.data / "uploads", service.data / "results")
    return sorted(path for folder in folders for path in folder.rglob("*"))


def refused(service, content, word, name="dem.tif"):
    before = everything(service)
    answer = upload(service, content, name)
    assert answer.status_code == 422, answer.text
    assert word in answer.json()["detail"]
    assert str(service.data) not in answer.text
    assert everything(service) == before


@pytest.mark.parametrize(
    "source",
    ["{secret}", "/vsicurl/http://127.0.0.1:9/a.tif", "/etc/hostname", "/vsistdin/", "missing"],
)
def test_a_vrt_by_another_name_is_refused(service, secret, source):
    text = VRT.format(source.format(secret=secret))
    refused(service, text.encode(), "is no GeoTIFF")
    refused(service, b"  \n" + text.encode(), "is no GeoTIFF")


def test_a_polyglot_is_refused(service, secret):
    both = raw_tiff(64, 64, tile=64, before=VRT.format(secret).encode())
    refused(service, both, "is no GeoTIFF")


def test_a_tiff_may_not_name_its_overviews(service, secret, tmp_path):
    path = write_geotiff(tmp_path / "dem.tif", mountains((64, 64)) + 1000)
    for named in (secret, "/vsicurl/http://127.0.0.1:9/a.tif"):
        with rasterio.open(path, "r+") as target:
            target.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=str(named))
        refused(service, path.read_bytes(), "names another file that holds its overviews")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "is empty"),
        (b"II*\0", "not a raster"),
        (b"II*\0" + bytes(4000), "not a raster"),
        (b"\x89PNG\r\n\x1a\n" + bytes(4000), "is no GeoTIFF"),
        (b"<html>", "is no GeoTIFF"),
        (b"/etc/passwd", "is no GeoTIFF"),
        (raw_tiff(64, 64, tile=64)[:-30], "not a raster"),
        (raw_tiff(64, 64, tile=64, tile_bytes=b"no cells"), "cells cannot be read"),
        (raw_tiff(2**31 - 1, 2**31 - 1, tile=65536, tile_bytes=b"few"), "blocks"),
        (raw_tiff(2**31 - 1, 2**31 - 1, tile=16), ""),
    ],
)
def test_what_is_no_dem_is_refused(service, content, word):
    refused(service, content, word)


def test_a_picture_is_refused(service):
    written = io.BytesIO()
    Image.new("L", (9, 9)).save(written, "PNG")
    refused(service, written.getvalue(), "is no GeoTIFF")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\dem.tif", "dem.tif"),
        ("..", ".."),
        ("dem.tif%00.png", "dem.tif%00.png"),
        (b"dem\0.tif", "dem.tif"),
        ("a" * 3000 + ".tif", "a" * 199 + "…"),
        ("dem\u202efit.exe", "demfit.exe"),
        ("<script>alert(1)</script>.tif", "script>.tif"),
        (b"\xff\xfe.tif", "��.tif"),
        ("höhe\u0301.tif", "höhé.tif"),
        ("/vsicurl/http:", "http:"),
        ("  ", "file"),
    ],
)
def test_a_files_name_is_text_of_one_line(name, shown):
    assert (shown_name(name) or "file") == shown


@pytest.mark.parametrize(
    ("name", "shown"), [("../../etc/passwd", "passwd"), (b"dem\0.tif", "dem.tif"), ("  ", "file")]
)
def test_no_name_of_a_file_leads_anywhere(service, name, shown):
    answer = upload(service, raw_tiff(64, 64, tile=64), name)
    assert answer.status_code == 200, answer.text
    assert answer.json()["original_name"] == shown
    stored = service.data / "uploads" / "dems" / answer.json()["filename"].removesuffix(".tif")
    assert {path.name for path in stored.iterdir()} == {"dem.tif", "facts.json", "hillshade.png"}
    with service.client() as client:
        client.delete(f"/api/uploads/{answer.json()['filename']}").raise_for_status()


@pytest.mark.parametrize(
    "name",
    ["../jobs.sqlite", "%2e%2e%2fjobs.sqlite", "..%2f..%2fetc%2fpasswd", "a.tif", "%00.tif",
     "0123456789abcdef0123456789abcdef.tif", "/etc/passwd"],
)  # fmt: skip
def test_the_name_of_an_upload_leads_nowhere_else(service, name):
    with service.client() as client:
        for path in (f"/api/uploads/{name}", f"/api/uploads/{name}/hillshade.png"):
            assert client.get(path).status_code in (404, 422)
        assert client.delete(f"/api/uploads/{name}").status_code in (404, 405, 422)
    answer = submit(service, workflow_type="sol", uploaded_filename=name)
    assert answer.status_code == 404


def test_a_bomb_takes_bounded_time_and_memory(service):
    bomb = raw_tiff(150_000, 150_000)  # 90 GB of cells in less than a megabyte
    assert len(bomb) < 2**20
    before = psutil.Process(service.process.pid).memory_info().rss
    began = time.monotonic()
    facts = facts_of(service, upload(service, bomb, "bomb.tif"))
    assert time.monotonic() - began < 120
    assert (facts["rows"], facts["elevation_max_m"]) == (150_000, 1000)
    assert "only some were looked at" in facts["notes"][0]
    answer = submit(service, workflow_type="sol", uploaded_filename=facts["filename"], daily="true")
    assert answer.status_code == 507
    assert psutil.Process(service.process.pid).memory_info().rss - before < 64 * 2**20


def test_two_gigabytes_pass_through_little_memory(service):
    dem = raw_tiff(64, 64, tile=64)
    size = 2 * 2**30
    head, _, tail = multipart(("file", "large.tif", b"@")).partition(b"@")
    piece = bytes(2**20)

    def body():
        yield head + dem
        for _ in range((size - len(dem)) // len(piece)):
            yield piece
        yield bytes((size - len(dem)) % len(piece)) + tail

    before = peak_bytes(service.process.pid)
    length = {"Content-Length": str(len(head) + size + len(tail))}
    with httpx.Client(timeout=300) as client:
        answer = client.post(
            f"{service.url}/api/upload-file", content=body(), headers={**HEAD, **length}
        )
    assert answer.status_code == 200, answer.text
    assert answer.json()["size"] == size
    assert peak_bytes(service.process.pid) - before < 32 * 2**20
    assert BOUNDARY not in answer.text
    with service.client() as client:
        client.delete(f"/api/uploads/{answer.json()['filename']}").raise_for_status()


def peak_bytes(pid):
    """The most memory that a process has had."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def test_a_run_opens_no_file_that_an_upload_could_name(service, secret, tmp_path):
    from eemt_core.web.service import Service
    from eemt_core.web.settings import WebSettings

    environment = Service(WebSettings(data=tmp_path / "data")).environment()
    vrt = tmp_path / "dem.tif"
    vrt.write_text(VRT.format(secret))
    named = write_geotiff(tmp_path / "named.tif", mountains((64, 64)) + 1000)
    with rasterio.open(named, "r+") as target:
        target.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=str(secret))
    quick = ("--days", "172", "--step", "60", "--directions", "8", "--no-pictures")
    assert eemt_run(vrt, "-o", tmp_path / "alone", *quick).returncode == 0
    for path, word in ((vrt, "not a raster that GDAL can read"), (named, "names another file")):
        done = eemt_run(path, "-o", tmp_path / "out", *quick, env=environment)
        assert (done.returncode, word in done.stderr) == (3, True), done.stderr
