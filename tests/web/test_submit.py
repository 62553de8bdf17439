"""A form becomes a run, or is refused with the sentence with which the run would end."""

import json
import os
import threading

import numpy as np
import pytest

from eemt_core.machine import usable_cores
from eemt_core.manager.request import RunRequest
from eemt_core.web.jobs.fields import FIELDS
from geotiffs import write_geotiff
from runs import eemt_run, mountains
from web_forms import post, submit, upload

QUICK = {"workflow_type": "sol", "days": "172", "step": "60"}


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    elevation_m = mountains((64, 64)) + 1000
    return write_geotiff(tmp_path_factory.mktemp("dem") / "hills.tif", elevation_m, units="m")


@pytest.fixture(scope="module")
def uploaded(service, dem):
    return upload(service, dem).json()["filename"]


def request_of(service, answer):
    """The request of a job that was taken."""
    assert answer.status_code == 200, answer.text
    folder = service.data / "results" / answer.json()["job_id"]
    return RunRequest.from_dict(json.loads((folder / "request.json").read_text()))


def refused(answer, field, word, code=422):
    assert answer.status_code == code, answer.text
    assert answer.json()["field"] == field
    assert word in answer.json()["detail"]


def test_a_run_of_an_uploaded_dem_completes_and_outlives_the_upload(service, dem):
    name = upload(service, dem).json()["filename"]
    job = submit(service, uploaded_filename=name, **QUICK).json()
    assert job["status"] == "pending"
    with service.client() as client:
        client.delete(f"/api/uploads/{name}").raise_for_status()
    done = service.wait_for(job["job_id"], "completed", "failed")
    assert (done["status"], done["error_message"]) == ("completed", "")
    assert done["dem_filename"] == "hills.tif"


def test_a_form_without_files_may_be_plain(service, uploaded):
    with service.client() as client:
        answer = client.post("/api/submit-job", data={**QUICK, "uploaded_filename": uploaded})
    assert request_of(service, answer).solar.days == (172,)


def test_a_dem_may_come_with_the_form(service, dem):
    parts = (*QUICK.items(), ("dem_file", "mine.tif", dem.read_bytes()))
    answer = post(service, "/api/submit-job", *parts)
    asked = request_of(service, answer)
    assert asked.dem.read_bytes() == dem.read_bytes()
    with service.client() as client:
        job = client.get(f"/api/jobs/{answer.json()['job_id']}").json()
    assert job["dem_filename"] == "mine.tif"


def test_what_is_left_out_is_as_in_the_first_workflow(service, uploaded):
    asked = request_of(service, submit(service, uploaded_filename=uploaded, workflow_type="sol"))
    assert (asked.solar.step_minutes, asked.solar.linke, asked.solar.albedo) == (15, (3.0,), 0.2)
    assert asked.energy is None


def test_every_field_reaches_the_request(service, uploaded):
    asked = request_of(
        service,
        submit(
            service,
            uploaded_filename=uploaded,
            workflow_type="eemt",
            climate="demo",
            step="30",
            linke_value="2.5",
            albedo_value="0.3",
            num_threads="1",
            variant="trad",
            tile_cells="128",
            elevation_unit="m",
            nodata="-1,-2",
            wind_m_s="3",
            latent_heat="temperature",
            lapse_rate="6,7",
            pictures="false",
        ),
    )
    assert (asked.solar.step_minutes, asked.solar.linke, asked.solar.albedo) == (30, (2.5,), 0.3)
    assert (asked.threads, asked.tile_cells, asked.elevation_unit) == (1, 128, "m")
    assert (asked.nodata, asked.pictures) == ((-1.0, -2.0), False)
    assert asked.energy.variants == ("trad",)
    assert asked.energy.parameters == {"wind_m_s": 3.0, "latent_heat": "temperature"}
    assert asked.energy.lapse_c_per_km == (6.0, 7.0)


def test_twelve_turbidities_are_those_of_the_months(service, uploaded):
    months = ",".join(str(2 + n / 10) for n in range(12))
    asked = request_of(
        service, submit(service, uploaded_filename=uploaded, linke_value=months, **QUICK)
    )
    assert len(asked.solar.linke) == 12


@pytest.mark.parametrize(
    ("field", "text", "word"),
    [
        ("step", "61", "60"),
        ("step", "a while", "number"),
        ("linke_value", "0.5", "linke"),
        ("linke_value", "s3://maps/linke.tif", "must be a number"),
        ("albedo_value", "2", "albedo"),
        ("days", "0-400", "365"),
        ("num_threads", "-1", "whole number"),
        ("workflow_type", "both", "sol or eemt"),
        ("uploaded_filename", "../../etc/passwd", "no such upload"),
        ("uploaded_filename", "s3://maps/dem.tif", "no such upload"),
        ("uploaded_filename", "/vsis3/maps/dem.tif", "no such upload"),
        ("tile_cells", "0", "tile"),
        ("nodata", "x", "number"),
        ("mode", "grass", "exact"),
        ("daily", "perhaps", "true or false"),
        ("stepp", "15", "write step"),
        ("out", "/tmp", "unknown field"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(service, uploaded, field, text, word):
    form = {"uploaded_filename": uploaded, **QUICK, field: text}
    code = 404 if field == "uploaded_filename" else 422
    refused(submit(service, **form), field, word, code)


@pytest.mark.parametrize(
    ("field", "text", "word"),
    [
        ("climate", "", "needs a climate"),
        ("climate", "../../etc", "no such climate"),
        ("days", "1-100", "whole year"),
        ("start_year", "1990", "normals"),
        ("variant", "topo,none", "variants"),
        ("fu_w", "1", "fu_w"),
        ("wind_m_s", "1e9", "wind"),
        ("latent_heat", "warm", "latent_heat"),
        ("solar_ratio", "none", "global"),
    ],
)
def test_a_wrong_value_of_eemt_is_refused_by_its_name(service, uploaded, field, text, word):
    form = {"workflow_type": "eemt", "climate": "demo", "uploaded_filename": uploaded}
    refused(submit(service, **{**form, field: text}), field, word)


def test_no_job_takes_more_cores_than_there_are_for_it(service, uploaded):
    for asked in ("0", "99999"):
        answer = submit(service, uploaded_filename=uploaded, num_threads=asked, **QUICK)
        assert request_of(service, answer).threads == usable_cores()


def test_topo_veg_lacks_its_rasters(service, uploaded):
    form = {"workflow_type": "eemt", "climate": "demo", "variant": "topo-veg"}
    refused(submit(service, uploaded_filename=uploaded, **form), "lai", "needs the leaf area")


def test_what_a_dem_leaves_open_must_be_said(service, tmp_path):
    hole = mountains((40, 40)) + 1000
    hole[10:20, 10:20] = -9999
    path = write_geotiff(tmp_path / "hole.tif", hole, units="m")
    name = upload(service, path).json()["filename"]
    answer = submit(service, uploaded_filename=name, **QUICK)
    refused(answer, "nodata", "hole.tif has cells of -9999")
    alone = eemt_run(path, "-o", tmp_path / "out", "--days", "172")
    said = alone.stderr.strip().removeprefix("Error: ").replace(str(path), "hole.tif")
    assert answer.json()["detail"] == said.replace("--nodata=-9999", "nodata -9999").replace(
        "--nodata -9999", "nodata -9999"
    )
    assert submit(service, uploaded_filename=name, nodata="-9999", **QUICK).status_code == 200


def test_a_dem_is_named_once(service, uploaded, dem):
    parts = (*QUICK.items(), ("uploaded_filename", uploaded), ("dem_file", "a", dem.read_bytes()))
    refused(post(service, "/api/submit-job", *parts), "uploaded_filename", "not both")


def test_a_refused_form_leaves_nothing(service, dem):
    folders = [
        service.data / "uploads" / "dems",
        service.data / "results",
        service.data / "uploads",
    ]
    before = [sorted(os.listdir(folder)) for folder in folders]
    parts = (("step", "99"), ("dem_file", "a.tif", dem.read_bytes()))
    refused(post(service, "/api/submit-job", *parts), "step", "60")
    parts = (("step", "15"), ("dem_file", "a.tif", b"no picture at all"))
    refused(post(service, "/api/submit-job", *parts), "dem_file", "a.tif is no GeoTIFF")
    assert [sorted(os.listdir(folder)) for folder in folders] == before


def test_jobs_may_be_submitted_at_once(service, uploaded):
    answers = []
    ask = lambda: answers.append(submit(service, uploaded_filename=uploaded, **QUICK))  # noqa: E731
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 4


def test_an_estimate_tells_what_the_command_tells(service, uploaded, dem, tmp_path):
    form = {"workflow_type": "sol", "uploaded_filename": uploaded, "num_threads": "1"}
    found = post(service, "/api/estimate", *form.items()).raise_for_status().json()
    alone = eemt_run(dem, "-o", tmp_path / "out", "--threads", "1", "--estimate", "--json")
    said = json.loads(alone.stdout)
    untimed = set(said) - {"seconds", "core_seconds", "basis"}
    assert {name: found[name] for name in untimed} == {name: said[name] for name in untimed}
    assert found["seconds"] > 0
    assert found["lacks"] == []
    assert found["free_disk_bytes"] > found["peak_disk_bytes"]


def test_an_estimate_of_a_run_that_does_not_fit_says_what_is_missing(service, tmp_path):
    path = tmp_path / "wide.tif"
    write_sparse(path, 30_000)  # with daily maps some two terabytes
    name = upload(service, path).json()["filename"]
    form = {"workflow_type": "sol", "daily": "true", "uploaded_filename": name}
    found = post(service, "/api/estimate", *form.items()).json()
    assert "GB of disk" in found["lacks"][0]
    refused(submit(service, **form), "", "GB of disk", 507)


def write_sparse(path, size):
    """A DEM of so many rows and columns, of which a corner holds elevations."""
    import rasterio
    from affine import Affine

    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=size, width=size, dtype="float32",
        crs="EPSG:32613", transform=Affine(1, 0, 400_000, 0, -1, 4_000_000), sparse_ok=True,
        tiled=True, blockxsize=512, blockysize=512, nodata=-9999,
    ) as target:  # fmt: skip
        corner = np.full((512, 512), 1000, np.float32)
        target.write(corner, 1, window=((0, 512), (0, 512)))


def test_every_parameter_is_described(service):
    with service.client() as client:
        found = {p["name"]: p for p in client.get("/api/parameters").json()}
    assert found.keys() == FIELDS.keys()
    assert (found["step"]["low"], found["step"]["high"], found["step"]["unit"]) == (1, 60, "min")
    assert (found["step"]["default"], found["step"]["kind"]) == (15, "number")
    assert (found["linke_value"]["default"], found["albedo_value"]["default"]) == ("3", 0.2)
    assert found["variant"]["choices"] == ["trad", "topo", "topo-veg"]
    lai = found["lai"]
    assert (lai["kind"], lai["unit"], lai["low"], lai["high"]) == ("raster", "m2/m2", 0, 12)
    assert lai["variants"] == ["topo-veg"]
    assert found["linke_value"]["takes_raster"]
    assert found["days"]["default"] == "1-365"
    assert found["fu_w"]["workflow"] == "eemt"
    assert all(p["help"] and p["label"] for p in found.values())
    # words of Python are no words of a form
    assert not [p["name"] for p in found.values() if "None" in p["help"]]


def test_defaults_are_taken_as_they_are_told(service, uploaded):
    with service.client() as client:
        told = client.get("/api/parameters").json()
    form = {p["name"]: p["default"] for p in told if p["default"] is not None}
    texts = {n: str(v).lower() if isinstance(v, bool) else str(v) for n, v in form.items()}
    answer = submit(
        service, uploaded_filename=uploaded, workflow_type="eemt", climate="demo", **texts
    )
    asked = request_of(service, answer)
    plain = request_of(
        service, submit(service, uploaded_filename=uploaded, workflow_type="eemt", climate="demo")
    )
    assert asked.solar == plain.solar
    own = plain.energy.parameters
    assert {k: v for k, v in asked.energy.parameters.items() if k in own} == own
