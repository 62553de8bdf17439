"""A DEM is taken piece by piece, looked at, shown and deleted."""

import io
import os
import socket
import threading
from urllib.parse import urlsplit

import numpy as np
import pytest

from eemt_core.demo import write_dem as write_demo
from eemt_core.errors import ResourceError
from eemt_core.web import service as module
from eemt_core.web.uploads.shelf import Shelf
from geotiffs import write_geotiff
from runs import mountains
from web_forms import BOUNDARY, HEAD, facts_of, multipart, post, submit, upload
from web_service import application, wait_until


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    return write_geotiff(tmp_path_factory.mktemp("dem") / "hills.tif", mountains((60, 80)) + 1000)


def kept(service):
    """What lies in the folder of uploads."""
    return sorted(path.name for path in (service.data / "uploads" / "dems").iterdir())


def test_an_upload_is_answered_as_the_predecessor_did(service, dem):
    answer = upload(service, dem)
    assert answer.status_code == 200
    assert list(answer.json()) == ["status", "filename", "original_name", "size", "message"]
    assert answer.json()["status"] == "success"
    assert answer.json()["original_name"] == "hills.tif"
    assert answer.json()["size"] == dem.stat().st_size
    assert answer.json()["filename"] != "hills.tif"


def test_an_upload_is_kept_as_it_was_sent(service, dem):
    name = upload(service, dem).json()["filename"].removesuffix(".tif")
    stored = service.data / "uploads" / "dems" / name / "dem.tif"
    assert stored.read_bytes() == dem.read_bytes()


def test_an_upload_tells_what_it_holds(service, tmp_path):
    elevation_m = np.array([[100.0, np.nan], [250.5, 180.0], [120.0, 140.0]], np.float32)
    path = write_geotiff(tmp_path / "few.tif", elevation_m, nodata=np.nan, units="m")
    facts = facts_of(service, upload(service, path))
    assert (facts["rows"], facts["cols"]) == (3, 2)
    assert (facts["elevation_min_m"], facts["elevation_max_m"]) == (100.0, 250.5)
    assert facts["nodata_share"] == pytest.approx(1 / 6)
    assert facts["elevation_unit"] == "m"
    assert facts["crs"] == "WGS 84 / UTM zone 13N (EPSG:32613)"
    # on the central meridian a metre of the map is 1 / 0.9996 m on the ground
    assert facts["cell_size_m"] == pytest.approx([10.004, 10.004], abs=1e-3)
    # pyproj's place of the north-west corner, and twenty to thirty metres from it the other one
    west, south, east, north = facts["bounds"]
    assert (west, north) == pytest.approx((-105.0, 36.14472), abs=2e-5)
    assert (east - west, north - south) == pytest.approx((2.2e-4, 2.7e-4), abs=6e-5)


def test_feet_are_told_in_metres(service, tmp_path):
    elevation_ft = np.full((20, 20), 1000.0, np.float32)
    path = write_geotiff(tmp_path / "feet.tif", elevation_ft, units="ft")
    facts = facts_of(service, upload(service, path))
    assert facts["elevation_unit"] == "ft"
    assert facts["elevation_min_m"] == pytest.approx(304.8)
    assert "are in ft; they are brought to metres" in facts["notes"][0]
    assert "feet.tif" in facts["notes"][0]


def test_what_can_be_said_beside_the_file_is_asked_for(service, tmp_path):
    state_plane_ft = write_geotiff(
        tmp_path / "plane.tif", mountains((40, 40)) + 1000, crs="EPSG:2227"
    )
    hole = mountains((40, 40)) + 1000
    hole[10:20, 10:20] = -9999
    for path, asked in (
        (state_plane_ft, "elevation_unit"),
        (write_geotiff(tmp_path / "hole.tif", hole), "nodata"),
    ):
        answer = upload(service, path)
        assert answer.status_code == 200
        facts = facts_of(service, answer)
        assert facts["asks"] == asked
        assert asked.replace("_", " ") in facts["notes"][0]
        assert facts["elevation_unit"] is None


def test_the_hillshade_is_a_picture_of_bearable_size(service, tmp_path):
    from PIL import Image

    demo = write_demo(tmp_path / "demo.tif")
    name = upload(service, demo).json()["filename"]
    with service.client() as client:
        answer = client.get(f"/api/uploads/{name}/hillshade.png")
    assert answer.headers["content-type"] == "image/png"
    image = Image.open(io.BytesIO(answer.content))
    assert 300 < max(image.size) <= 1024
    grey = np.asarray(image)[..., 0]
    assert grey.std() > 20  # there is relief in it


def test_a_deleted_upload_is_gone(service, dem):
    name = upload(service, dem).json()["filename"]
    with service.client() as client:
        assert client.delete(f"/api/uploads/{name}").status_code == 200
        assert client.get(f"/api/uploads/{name}").status_code == 404
        assert client.delete(f"/api/uploads/{name}").status_code == 404
    assert name.removesuffix(".tif") not in kept(service)


def test_ten_uploads_at_once_all_arrive(service, dem):
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(upload(service, dem))) for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 10
    assert len({answer.json()["filename"] for answer in answers}) == 10


def test_an_upload_that_is_broken_off_leaves_nothing(service, dem):
    before = kept(service)
    body = multipart(("file", "hills.tif", dem.read_bytes()))
    address = urlsplit(service.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        head = (
            f"POST /api/upload-file HTTP/1.1\r\nHost: {address.netloc}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode() + body[: len(body) // 2])
        wait_until(lambda: len(kept(service)) > len(before))
    wait_until(lambda: kept(service) == before)


def test_no_file_is_a_wrong_form(service):
    answer = post(service, "/api/upload-file", ("text", "hello"))
    assert (answer.status_code, answer.json()["field"]) == (422, "file")
    assert post(service, "/api/upload-file", ("file", "", b"")).status_code == 422


def test_a_file_in_another_field_is_refused(service, dem):
    answer = post(service, "/api/upload-file", ("picture", "a.tif", dem.read_bytes()))
    assert (answer.status_code, answer.json()["field"]) == (422, "picture")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"x"),
        (f"multipart/form-data; boundary={BOUNDARY}", b"no parts at all"),
        (f"multipart/form-data; boundary={'b' * 3000}", b"--x"),
        (f"multipart/form-data; boundary={BOUNDARY}", f"--{BOUNDARY}\r\n\r\nx".encode()),
        (f"multipart/form-data; boundary={BOUNDARY}", b""),
    ],
)
def test_what_is_no_form_is_refused(service, kind, body):
    with service.client() as client:
        answer = client.post("/api/upload-file", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 422


@pytest.fixture
def client(tmp_path):
    with application(tmp_path / "data", largest_upload_mb=1, most_uploads=2) as client:
        yield client


def shelf(client):
    """What lies in the folder of uploads of a service within this process."""
    return os.listdir(client.app.state.service.dems.shelf.folder)


def upload_names(client):
    return [f"{name}.tif" for name in shelf(client)]


def test_a_file_that_is_too_large_is_refused_as_it_comes(client):
    body = multipart(("file", "a.tif", bytes(3 * 2**19)))
    pieces = (body[i : i + 2**16] for i in range(0, len(body), 2**16))
    announced = client.post("/api/upload-file", content=body, headers=HEAD)
    unannounced = client.post("/api/upload-file", content=pieces, headers=HEAD)
    for answer in (announced, unannounced):
        assert answer.status_code == 422
        assert "more than 1 MiB" in answer.json()["detail"]
        assert answer.json()["field"] == "file"
    much = multipart(("file", "a.tif", bytes(3 * 2**20)))
    assert client.post("/api/upload-file", content=much, headers=HEAD).status_code == 413
    assert shelf(client) == []


def test_no_more_are_kept_than_may_be(client, dem):
    for code in (200, 200, 507):
        answer = upload(client, dem)
        assert answer.status_code == code
    assert answer.json()["detail"] == (
        "2 uploaded DEMs are kept already, which is the most: delete some"
    )
    form = {"workflow_type": "sol", "days": "172"}  # that a shelf is full keeps no job away
    named = upload_names(client)[0]
    assert submit(client, uploaded_filename=named, **form).status_code == 200
    sent = ("dem_file", "a.tif", dem.read_bytes())
    assert post(client, "/api/submit-job", *form.items(), sent).status_code == 200
    assert len(shelf(client)) == 2


def test_a_file_that_is_still_coming_counts_among_those_kept(tmp_path):
    shelf = Shelf(tmp_path / "shelf", 1, "uploaded DEMs")
    shelf.open()
    with shelf.place():
        with pytest.raises(ResourceError, match="1 uploaded DEMs are kept already"), shelf.place():
            pass
        with shelf.place(is_passing=True):
            pass
    with shelf.place():  # it has gone
        pass


def test_one_file_is_taken_at_a_time_and_little_text(client, dem):
    two = [("file", name, dem.read_bytes()) for name in ("a.tif", "b.tif")]
    long = ("text", "x" * 2**17)
    for parts, words in ((two, "more than 1 files"), ([long], "more than 65536 bytes of text")):
        answer = post(client, "/api/upload-file", *parts)
        assert answer.status_code == 422
        assert words in answer.json()["detail"]
    plain = client.post("/api/estimate", data=dict([long]))
    assert "more than 65536 bytes of text" in plain.json()["detail"]
    assert shelf(client) == []


def test_a_file_for_which_the_disk_has_no_room_is_refused_before_it_comes(client, dem, monkeypatch):
    monkeypatch.setattr(module, "free_disk_mb", lambda _: 1025)  # of which 1024 stay free
    assert upload(client, dem).status_code == 200
    body = multipart(("file", "a.tif", bytes(3 * 2**19)))
    answer = client.post("/api/upload-file", content=body, headers=HEAD)
    assert (answer.status_code, "must stay free" in answer.json()["detail"]) == (507, True)


def test_a_full_disk_takes_no_upload(tmp_path, dem):
    with application(tmp_path / "data", least_free_mb=10**9) as client:
        answer = upload(client, dem)
        assert answer.status_code == 507
        assert "must stay free" in answer.json()["detail"]
        assert shelf(client) == []


def test_what_an_earlier_service_did_not_finish_is_removed(tmp_path):
    left = tmp_path / "data" / "uploads" / "dems" / ".new-0123"
    left.mkdir(parents=True)
    (left / "0.part").write_bytes(b"half")
    with application(tmp_path / "data"):
        assert not left.exists()
