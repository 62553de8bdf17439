"""Rasters beside a DEM are uploaded, looked at, and used by runs as the command uses them."""

import json
import shlex

import numpy as np
import pytest
from affine import Affine

from eemt_core import EnergyRequest, RunRequest, run
from eemt_core.demo import climate_path
from eemt_core.errors import EemtError
from eemt_core.web.jobs.form import in_form_words
from geotiffs import write_geotiff
from runs import assert_same_maps, eemt_run, maps_of, mountains
from web_forms import post, submit, upload

SHAPE = (60, 80)
# near the demonstration's station
TENNESSEE = {"crs": "EPSG:32616", "transform": Affine(30, 0, 735_000, 0, -30, 4_030_000)}
EEMT = {
    "workflow_type": "eemt", "climate": "demo", "step": "60", "directions": "8",
    "pictures": "false", "num_threads": "2",
}  # fmt: skip
COMMAND = (
    *("--climate", climate_path(), "--step", "60", "--directions", "8", "--no-pictures"),
    *("--threads", "2"),
)


def field(low, high):
    """Values that rise from the west to the east of the DEM."""
    return np.broadcast_to(np.linspace(low, high, SHAPE[1], dtype=np.float32), SHAPE)


def monthly(low, high):
    return np.stack([field(low, high) * (1 + month / 12) for month in range(12)])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A DEM and all that lies beside it; turbidity is on coarser cells and wider."""
    folder = tmp_path_factory.mktemp("rasters")
    coarse = {"crs": TENNESSEE["crs"], "transform": Affine(400, 0, 734_000, 0, -400, 4_031_000)}
    return {
        "dem": write_geotiff(folder / "small.tif", mountains(SHAPE) + 500, units="m", **TENNESSEE),
        "lai": write_geotiff(folder / "lai.tif", monthly(1, 3), **TENNESSEE),
        "canopy_height": write_geotiff(folder / "my canopy.tif", field(2, 25), **TENNESSEE),
        "twi": write_geotiff(folder / "twi.tif", field(3, 12), **TENNESSEE),
        "linke_value": write_geotiff(
            folder / "linke.tif", np.full((12, 14), 2.5, np.float32), **coarse
        ),
    }


@pytest.fixture(scope="module")
def dem_name(service, files):
    return upload(service, files["dem"]).json()["filename"]


def send(service, kind, path, dem_name="", name=None):
    """Send a raster, to be laid over a DEM if one is named."""
    file = ("file", name or path.name, path.read_bytes())
    return post(
        service, "/api/upload-raster", ("kind", kind), ("uploaded_filename", dem_name), file
    )


@pytest.fixture(scope="module")
def sent(service, files, dem_name):
    """What the service says of each raster, by the form's field."""
    answers = {kind: send(service, kind, files[kind], dem_name) for kind in [*files][1:]}
    for answer in answers.values():
        assert answer.status_code == 200, answer.text
    return {kind: answer.json() for kind, answer in answers.items()}


def sentence_of_run(dem, out, *, linke=None, twi=None, **energy):
    """The sentence with which a run of these files ends, in the words of the page."""
    of_energy = EnergyRequest(climate_path(), **energy) if energy or twi else None
    with pytest.raises(EemtError) as refused:
        run(RunRequest(dem, out, energy=of_energy, linke=linke, twi=twi))
    return in_form_words(refused.value.sentence)


def test_a_raster_tells_what_it_holds(service, sent):
    lai = sent["lai"]
    assert (lai["kind"], lai["original_name"], lai["bands"]) == ("lai", "lai.tif", 12)
    assert (lai["rows"], lai["cols"]) == SHAPE
    assert lai["crs"] == "WGS 84 / UTM zone 16N (EPSG:32616)"
    assert lai["low"] == 1.0
    assert lai["high"] == pytest.approx(3 * (1 + 11 / 12))
    assert (lai["nodata_share"], lai["cover"], lai["notes"]) == (0.0, 1.0, [])
    assert lai["cell_size_m"] == pytest.approx([30, 30], rel=1e-3)
    assert sent["linke_value"]["kind"] == "linke_value"
    with service.client() as client:
        listed = client.get("/api/rasters").raise_for_status().json()
        assert lai in listed
        assert client.get(f"/api/rasters/{lai['filename']}").json() == lai


def test_topo_veg_of_the_page_is_that_of_the_command(service, files, dem_name, sent, tmp_path):
    chosen = {kind: sent[kind]["filename"] for kind in sent}
    answer = submit(service, uploaded_filename=dem_name, variant="topo-veg", **EEMT, **chosen)
    assert answer.status_code == 200, answer.text
    job = answer.json()["job_id"]
    with service.client() as client:  # a job needs no upload any more
        client.delete(f"/api/rasters/{chosen['twi']}").raise_for_status()
        assert client.get(f"/api/rasters/{chosen['twi']}").status_code == 404
    done = service.wait_for(job, "completed", "failed")
    assert (done["status"], done["error_message"]) == ("completed", "")
    options = [f"--{kind.removesuffix('_value').replace('_', '-')}" for kind in chosen]
    pairs = [word for pair in zip(options, map(files.get, chosen), strict=True) for word in pair]
    alone = eemt_run(
        files["dem"], "-o", tmp_path / "out", "--variant", "topo-veg", *COMMAND, *pairs
    )
    assert alone.returncode == 0, alone.stderr
    maps = service.data / "results" / job / "maps"
    assert "eemt/summary/EEMT_TopoVeg_mean.tif" in maps_of(maps)
    assert_same_maps(maps, tmp_path / "out")


def test_topo_veg_lacks_what_the_command_says(service, dem_name, sent):
    form = {"uploaded_filename": dem_name, "variant": "topo-veg", **EEMT}
    lai = sent["lai"]["filename"]
    for more, field, word in (
        ({}, "lai", "needs the leaf area: give lai or ndvi"),
        ({"lai": lai}, "canopy_height", "give canopy height"),
        ({"lai": lai, "ndvi": lai}, "ndvi", "not both"),
        ({"lai": "../../etc/passwd"}, "lai", "must be the filename of an uploaded raster"),
        ({"lai": "s3://maps/lai.tif"}, "lai", "must be the filename of an uploaded raster"),
        ({"lai": f"{'0' * 32}.tif"}, "lai", "no such raster"),
        ({"linke_value": "dust"}, "linke_value", "must be a number"),
    ):
        answer = submit(service, **form, **more)
        assert answer.status_code == (404 if word.startswith("no such") else 422)
        assert (answer.json()["field"], word in answer.json()["detail"]) == (field, True)


def test_the_worldwide_turbidity_is_one_word(service, dem_name):
    form = {"workflow_type": "sol", "days": "172", "uploaded_filename": dem_name}
    job = submit(service, **form, linke_value="auto").json()["job_id"]
    asked = json.loads((service.data / "results" / job / "request.json").read_text())
    assert RunRequest.from_dict(asked).linke == "auto"
    with service.client() as client:
        client.post(f"/api/jobs/{job}/cancel")


def flags(values):
    """Leaf areas as MODIS stores them, a flag among them."""
    values = np.array(values)
    values[10:20, 10:20] = 255
    return values


@pytest.mark.parametrize(
    ("kind", "name", "values", "options"),
    [
        ("lai", "two.tif", np.zeros((2, *SHAPE), np.float32), {}),
        ("lai", "far away.tif", np.ones(SHAPE, np.float32), {"crs": "EPSG:32612"}),
        ("lai", "nowhere.tif", np.ones((7, 7), np.float32), {"crs": None}),
        ("canopy_height", "it's tall.tif", flags(field(2, 25)), {}),
        ("ndvi", "scaled.tif", field(2000, 7000), {}),
        ("twi", "dry.tif", field(-9, -1), {}),
    ],
)
def test_a_raster_that_cannot_serve_is_refused_as_the_command_refuses_it(
    service, files, dem_name, tmp_path, kind, name, values, options
):
    raster = write_geotiff(tmp_path / name, values, **{**TENNESSEE, **options})
    answer = send(service, kind, raster, dem_name)
    if kind == "twi":  # what turns on the form is told when all of it is there
        form = {"uploaded_filename": dem_name, "variant": "topo", **EEMT}
        answer = submit(service, **form, twi=answer.json()["filename"])
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == kind
    beside = {"lai": "canopy_height", "ndvi": "canopy_height", "canopy_height": "lai"}.get(kind)
    also = {} if beside is None else {beside: files[beside]}
    given = {kind.removesuffix("_value"): raster, **also}
    said = sentence_of_run(files["dem"], tmp_path / "out", **given)
    # a path that a shell would take apart is quoted in a command, and so is its name
    for path in (raster, raster.with_stem(f"{raster.stem}-mended")):
        said = said.replace(shlex.quote(str(path)), shlex.quote(path.name))
    assert answer.json()["detail"] == said.replace(str(raster), raster.name)
