"""Climates are chosen from a list, uploaded, and hold nothing but their own data."""

import json
import re
import zipfile

import h5py
import numpy as np
import pytest

from climate_files import daymet_grid, weather, write_daymet, write_tif
from climate_folders import DEM, NATIVE, write_prism
from eemt_core.demo import climate_path
from eemt_core.errors import ResourceError
from eemt_core.manager.request import RunRequest
from eemt_core.rasters import write_map
from eemt_core.web.uploads.climates import Climates
from eemt_core.web.uploads.multipart import ReceivedFile
from eemt_core.web.uploads.shelf import Shelf
from runs import mountains
from web_forms import post, submit, upload
from web_service import web_service


@pytest.fixture(scope="module")
def owned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("owned")
    write_daymet(folder / "valley", NATIVE, years=(2010, 2011))
    (folder / "town.toml").write_bytes(climate_path().read_bytes())
    (folder / "nothing").mkdir()
    return folder


@pytest.fixture(scope="module")
def service(tmp_path_factory, owned):
    data = tmp_path_factory.mktemp("web") / "data"
    with web_service(data, "--climate-dir", owned) as running:
        yield running


def climates(service):
    with service.client() as client:
        return client.get("/api/climates").raise_for_status().json()


def send(service, *paths):
    parts = [("file", path.name, path.read_bytes()) for path in paths]
    return post(service, "/api/upload-climate", *parts)


def refused(answer, word):
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == "file"
    assert word in answer.json()["detail"]
    assert "/data/" not in answer.json()["detail"]


def dem_file(path):
    """A DEM over which the climates lie."""
    elevation_m = mountains(DEM.shape) + 1000
    write_map(path, DEM, [(0, 0, elevation_m)], description="DEM", units="m")
    return path


def test_the_list_has_the_demonstration_and_the_owners(service):
    found = climates(service)
    assert found[0]["id"] == "demo"
    labels = {c["label"].split(":")[0]: c for c in found[1:]}
    assert labels.keys() == {"valley", "town"}
    assert (labels["valley"]["kind"], labels["valley"]["periods"]) == ("daymet", ["2010", "2011"])
    assert not any(c["is_uploaded"] for c in found)


def test_a_stations_table_is_taken_and_deleted(service):
    told = climate_path().read_text().replace("ALLARDT, ", "<b>\\u202e\\n\\u001b")
    answer = post(service, "/api/upload-climate", ("file", "town.toml", told.encode()))
    assert answer.status_code == 200
    assert answer.json()["message"] == "<b> Tennessee, 1971-2000."  # one line, of plain text
    assert list(answer.json()) == ["climate", "kind", "periods", "message"]
    assert (answer.json()["kind"], answer.json()["periods"]) == ("station", ["1971-2000"])
    identity = answer.json()["climate"]
    assert identity in [c["id"] for c in climates(service)]
    with service.client() as client:
        assert client.delete(f"/api/climates/{identity}").status_code == 200
        assert client.delete(f"/api/climates/{identity}").status_code == 404
    assert identity not in [c["id"] for c in climates(service)]


@pytest.mark.parametrize("name", ["Gordon Gulch (2).toml", "山.toml", "$(rm -rf).toml"])
def test_a_table_may_have_any_name(service, name):
    answer = post(service, "/api/upload-climate", ("file", name, climate_path().read_bytes()))
    assert answer.status_code == 200, answer.text
    files = service.data / "uploads" / "climates" / answer.json()["climate"] / "files"
    (kept,) = files.iterdir()
    assert re.fullmatch(r"[A-Za-z0-9._-]+\.toml", kept.name)


def test_a_run_has_its_own_copy_of_an_uploaded_climate(service, tmp_path):
    folder = write_daymet(tmp_path / "daymet", NATIVE, form="nc")
    answer = send(service, *sorted(folder.iterdir()))
    assert answer.status_code == 200, answer.text
    climate = answer.json()["climate"]
    name = upload(service, dem_file(tmp_path / "dem.tif")).json()["filename"]
    job = submit(
        service, workflow_type="eemt", uploaded_filename=name, climate=climate, variant="trad",
        step="60", directions="8",
    )  # fmt: skip
    assert job.status_code == 200, job.text
    with service.client() as client:
        client.delete(f"/api/climates/{climate}").raise_for_status()
    job_id = job.json()["job_id"]
    place = service.data / "results" / job_id
    asked = RunRequest.from_dict(json.loads((place / "request.json").read_text()))
    assert asked.energy.climate == place / "climate"
    done = service.wait_for(job_id, "completed", "failed")
    assert (done["status"], done["error_message"]) == ("completed", "")


def test_archives_of_prism_are_unpacked(service, tmp_path):
    folder = write_prism(
        tmp_path / "prism", "prism_{var}_us_30s_2010{month:02d}.bil", driver="EHdr"
    )
    archive = tmp_path / "prism.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for path in sorted(folder.iterdir()):
            target.write(path, f"../../{path.name}")
        target.writestr("readme.txt", "of no use")
    answer = send(service, archive)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["kind"], answer.json()["periods"]) == ("prism", ["2010"])
    files = service.data / "uploads" / "climates" / answer.json()["climate"] / "files"
    names = {path.name for path in files.iterdir()}
    assert "prism_ppt_us_30s_201001.bil" in names
    assert not names & {"prism.zip", "readme.txt"}


def test_a_climate_that_does_not_cover_the_dem_is_refused_at_submit(service, tmp_path):
    far = daymet_grid(DEM)
    far = type(far)(far.rows, far.cols, far.x0 + 500_000, far.y0, far.dx, far.dy, 1.0, far.crs)
    folder = write_daymet(tmp_path / "far", far)
    climate = send(service, *sorted(folder.iterdir())).json()["climate"]
    name = upload(service, dem_file(tmp_path / "dem.tif")).json()["filename"]
    answer = submit(service, workflow_type="eemt", uploaded_filename=name, climate=climate)
    assert answer.status_code == 422
    assert "does not cover the DEM" in answer.json()["detail"]
    assert str(service.data) not in answer.json()["detail"]


def test_missing_months_are_told_at_once(service, tmp_path):
    folder = write_daymet(tmp_path / "daymet", NATIVE)
    paths = [path for path in sorted(folder.iterdir()) if "tmax" not in path.name]
    refused(send(service, *paths), "tmax")


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.toml", b"nothing = ", "toml"),
        ("a.toml", b"", "a.toml"),
        ("tmin_2010.nc", b"no NetCDF", "tmin_2010.nc"),
        ("tmin_2010.tif", b"<VRTDataset/>", "tmin_2010.tif"),
        ("a.zip", b"PK no archive", "a.zip is no archive"),
        ("tmin_2010.tif.ovr", b"", "no name of a climate's file"),
        ("tmin_2010.tif.aux.xml", b"", "no name of a climate's file"),
        ("tmin_2010.vrt", b"", "no name of a climate's file"),
        ("..tmin.tif", b"", "no name of a climate's file"),
        ("tmin\u202e2010.tif ", b"", "tmin2010.tif"),
    ],
)
def test_what_is_no_climate_is_refused(service, name, content, word):
    answer = post(service, "/api/upload-climate", ("file", name, content))
    refused(answer, word)


def test_a_file_is_sent_once(service):
    content = climate_path().read_bytes()
    parts = [("file", "a.toml", content), ("file", "A.TOML", content)]
    refused(post(service, "/api/upload-climate", *parts), "sent twice")


def taken_from_elsewhere(kind, path, other):
    """A NetCDF-4 file whose cells lie in another file."""
    cells = np.full((12, 4, 4), 5, np.float32)
    raw, source = other.with_suffix(".raw"), other.with_suffix(".h5")
    raw.write_bytes(cells.tobytes())
    with h5py.File(source, "w") as target:
        target["cells"] = cells
    with h5py.File(path, "w") as target:
        if kind == "external":
            target.create_dataset("tmin", cells.shape, "f4", external=[(str(raw), 0, cells.nbytes)])
        elif kind == "virtual":
            layout = h5py.VirtualLayout(cells.shape, "f4")
            layout[:] = h5py.VirtualSource(str(source), "cells", cells.shape)
            target.create_virtual_dataset("tmin", layout)
        elif kind == "group":
            target.create_group("deep").create_group("deeper")["tmin"] = h5py.ExternalLink(
                str(source), "cells"
            )
        else:
            target["tmin"] = h5py.ExternalLink(str(source), "cells")
    return path


@pytest.mark.parametrize("kind", ["external", "virtual", "link", "group"])
def test_a_netcdf_file_may_not_take_cells_from_others(service, tmp_path, kind):
    path = taken_from_elsewhere(kind, tmp_path / "tmin_2010.nc", tmp_path / "other")
    refused(send(service, path), "takes data from other files")


def test_a_raster_may_not_name_its_overviews(service, tmp_path):
    import rasterio

    other = write_tif(tmp_path / "other.tif", NATIVE, weather(NATIVE)["tmin"])
    folder = write_daymet(tmp_path / "daymet", NATIVE)
    path = next(folder.glob("*tmin*"))
    with rasterio.open(path, "r+") as target:
        target.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=str(other))
    refused(send(service, *sorted(folder.glob("*.tif"))), "names another file")


def test_an_archive_takes_no_disk_that_must_stay_free(tmp_path):
    shelf = Shelf(tmp_path / "climates", 1, "climates")
    shelf.open()
    with shelf.place() as place:
        archive = place / "0.part"
        with zipfile.ZipFile(archive, "w") as target:
            target.writestr("prism_tmin_us_30s_201001.bil", b"cells")
        sent = ReceivedFile("file", "prism.zip", archive, archive.stat().st_size)
        with pytest.raises(ResourceError, match=r"no room for what prism\.zip holds"):
            Climates(shelf).take(place, [sent], 2**30, least_free_mb=2**40)
    assert list(shelf.folder.iterdir()) == []


def test_an_archive_without_end_is_refused(tmp_path):
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("prism_tmin_us_30s_201001.bil", bytes(64 * 2**20))
    with web_service(tmp_path / "data", "--largest-upload", "32M") as service:
        refused(send(service, archive), "holds more than may be uploaded")
        assert list((service.data / "uploads" / "climates").iterdir()) == []
