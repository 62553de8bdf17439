"""The list of a finished job's maps says what the run's record says, in groups."""

import json
import math

import numpy as np
import pytest
import rasterio
from rasterio.warp import transform_bounds

from eemt_core.web.identity import new_id
from eemt_core.web.jobs.job import Job
from web_service import PASSWORD, add_finished, application, cheap_password


@pytest.fixture(scope="module")
def catalog(shown):
    answer = shown.get("maps")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def record(shown):
    return json.loads((shown.maps / "run.json").read_text())


def test_every_map_of_the_run_is_in_one_group(catalog, record):
    paths = [m["path"] for group in catalog["groups"] for m in group["maps"]]
    assert sorted(paths) == sorted(record["maps"])


def test_low_high_and_mean_are_those_of_the_file(shown, catalog):
    for group in catalog["groups"]:
        one = group["maps"][-1]
        with rasterio.open(shown.maps / one["path"]) as source:
            cells = source.read(1, masked=True)
        assert one["low"] == pytest.approx(cells.min(), rel=1e-6)  # float32 in the file
        assert one["high"] == pytest.approx(cells.max(), rel=1e-6)
        assert one["mean"] == pytest.approx(cells.mean(dtype=float), rel=1e-6)


def test_the_colours_of_a_group_hold_nearly_all_its_values(shown, catalog):
    # from the 2nd to the 98th percentile; of months every other one is looked at
    for name, off in (("eemt_topo_mean", 0.001), ("slope", 0.001), ("total_sun_monthly_sum", 0.03)):
        group = by(catalog, name)
        cells = []
        for one in group["maps"]:
            with rasterio.open(shown.maps / one["path"]) as source:
                cells.append(source.read(1, masked=True).compressed())
        cells = np.concatenate(cells)
        inside = (cells >= group["low"]) & (cells <= group["high"])
        assert inside.mean() == pytest.approx(0.96, abs=off)


def test_kinds_variants_and_times_tell_the_maps_of_a_page_apart(catalog):
    by_id = {group["id"]: group for group in catalog["groups"]}
    months = by_id["eemt_topo_monthly"]
    assert (months["kind"], months["variant"]) == ("monthly", "topo")
    assert [m["month"] for m in months["maps"]] == list(range(1, 13))
    assert {m["year"] for m in months["maps"]} == {"1971-2000"}
    assert months["maps"][0]["label"] == "January 1971-2000"
    assert by_id["eemt_trad_yearly"]["kind"] == "annual"
    assert by_id["slope"]["kind"] == "single"
    assert by_id["total_sun_monthly_average"]["unit"] == "Wh m⁻² d⁻¹"
    assert by_id["sky_view"]["unit"] == ""


def test_the_page_names_a_scale_of_colours_that_there_is(shown, catalog):
    scales = shown.client.get("/api/colors").json()
    assert {group["colors"] for group in catalog["groups"]} <= scales.keys()
    assert by(catalog, "aspect")["high"] == 360.0  # a circle whatever its values are


def by(catalog, name):
    return next(group for group in catalog["groups"] if group["id"] == name)


def test_bounds_hold_the_map_and_no_more(shown, catalog):
    with rasterio.open(shown.maps / "slope.tif") as source:
        expected = transform_bounds(source.crs, "EPSG:4326", *source.bounds, densify_pts=200)
    # a hundredth of a cell of 30 m
    assert catalog["bounds"] == pytest.approx(expected, abs=3e-6)


def test_provenance_names_inputs_without_folders(shown, catalog, record):
    told = catalog["record"]
    assert told["parameters"] == record["parameters"]
    assert told["versions"] == record["versions"]
    assert {i["name"] for i in told["inputs"]} == {"small.tif", "allardt.toml"}
    assert str(shown.maps.parent) not in json.dumps(told)
    assert all(len(i["sha256"]) == 64 for i in told["inputs"])


def test_how_to_cite_is_what_the_citation_file_says(catalog, record):
    cite = catalog["cite"]
    assert record["program"].split()[1] in cite["text"]
    papers = {paper["doi"]: paper["text"] for paper in cite["references"]}
    assert papers["10.2136/vzj2014.07.0102"].startswith("Rasmussen, C., Pelletier, J. D., Troch")
    assert "(2015)" in papers["10.2136/vzj2014.07.0102"]


def test_a_job_without_maps_says_why(tmp_path):
    with application(tmp_path) as client:
        inside = client.app.state.service
        inside.dispatcher.end()  # it would find that nothing runs
        for state, code in (("failed", 404), ("running", 409), ("pending", 409)):
            job = Job(new_id(), "sol", state, "x.tif", 0.0)
            inside.jobs.add(job)
            answer = client.get(f"/api/jobs/{job.id}/maps")
            assert answer.status_code == code
            assert "maps" in answer.json()["detail"]
        inside.jobs.add(Job(new_id(), "sol", "completed", "x.tif", 0.0, files_removed=1.0))
        gone = client.get("/api/jobs", params={"status": "completed"}).json()[0]["id"]
        answer = client.get(f"/api/jobs/{gone}/maps")
        assert answer.status_code == 404
        assert "removed" in answer.json()["detail"]
        assert client.get(f"/api/jobs/{new_id()}/maps").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-For": "192.0.2.7"}, {"Forwarded": "for=192.0.2.7"}, {"Via": "1.1 lab"},
     {"Host": "lab.example"}],
)  # fmt: skip
def test_a_path_is_told_to_whom_it_helps(shown, finished_maps, tmp_path, headers):
    assert shown.get("maps").json()["folder"] == str(shown.maps)
    password = cheap_password(tmp_path / "password")
    with application(
        tmp_path / "data", server_names=("lab.example",), password_file=password
    ) as client:
        client.post("/api/login", data={"password": PASSWORD}).raise_for_status()
        job = add_finished(tmp_path / "data", finished_maps)
        answer = client.get(f"/api/jobs/{job}/maps", headers={"Cookie": cookies(client), **headers})
        assert answer.raise_for_status().json()["folder"] is None


def cookies(client):
    return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def test_a_map_without_any_value_has_no_low_and_no_high(shown, finished_maps):
    job = add_finished(shown.data, finished_maps)
    path = shown.client.app.state.service.folder(job).maps / "run.json"
    content = json.loads(path.read_text())
    content["maps"]["slope.tif"]["statistics"] = {}
    path.write_text(json.dumps(content))
    with rasterio.open(path.parent / "slope.tif", "r+", IGNORE_COG_LAYOUT_BREAK="YES") as target:
        target.write(np.full(target.shape, np.nan, np.float32), 1)
    group = by(shown.client.get(f"/api/jobs/{job}/maps").json(), "slope")
    assert (group["low"], group["high"], group["maps"][0]["mean"]) == (None, None, None)


def test_numbers_are_numbers_of_json(shown):
    def no_constant(word):
        raise AssertionError(word)

    content = json.loads(shown.get("maps").text, parse_constant=no_constant)
    assert all(math.isfinite(m["mean"]) for g in content["groups"] for m in g["maps"])
