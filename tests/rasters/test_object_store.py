"""Rasters in a store that speaks S3: read as files are, or a sentence that says what is wrong."""

import os

import pytest

from eemt_core.errors import InputError
from eemt_core.rasters import FORMATS_VARIABLE, WindowReader, raster_files, read_window
from geotiffs import write_geotiff
from object_store import ObjectStore
from runs import mountains


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return write_geotiff(tmp_path_factory.mktemp("plain") / "dem.tif", mountains((400, 500)))


@pytest.fixture(scope="module")
def store(plain, tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    (folder / "text.tif").write_text("no raster")
    with ObjectStore(folder, plain, folder / "text.tif") as running:
        yield running


@pytest.fixture
def known(store, monkeypatch, tmp_path):
    """The store's variables are set, and no others of this kind."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, text in store.variables.items():
        monkeypatch.setenv(name, text)
    return monkeypatch


@pytest.mark.parametrize("name", ["s3://maps/dem.tif", "s3:/maps/dem.tif", "/vsis3/maps/dem.tif"])
def test_cells_are_those_of_the_file(plain, known, name):
    here = read_window(plain, 3, 4, 30, 40)
    assert read_window(name, 3, 4, 30, 40).tobytes() == here.tobytes()
    assert raster_files(name).remote == ("/vsis3/maps/dem.tif",)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("s3://maps/DEM.tif", "/vsis3/maps/DEM.tif does not exist: check the name"),
        ("s3://other/dem.tif", "/vsis3/other/dem.tif cannot be read"),
        ("s3://maps/text.tif", "is not a raster that GDAL can read"),
    ],
)
def test_what_is_not_there_is_told(known, name, said):
    with pytest.raises(InputError) as caught:
        read_window(name, 0, 0, 1, 1)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"AWS_SECRET_ACCESS_KEY": None}, "no credentials to read"),
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "signature"),
        ({"AWS_ACCESS_KEY_ID": "wrong"}, "Access Key Id"),
        ({"AWS_S3_ENDPOINT": "127.0.0.1:1"}, "Failed to connect to 127.0.0.1"),
        ({"AWS_S3_ENDPOINT": "nowhere.invalid"}, "Could not resolve host: nowhere.invalid"),
    ],
)
def test_who_may_not_read_or_cannot_is_told(known, variables, said):
    """Each with a name of its own, since GDAL remembers what it once was answered."""
    for variable, text in variables.items():
        if text is None:
            known.delenv(variable)
        else:
            known.setenv(variable, text)
    name = f"maps/{said.partition(' ')[0]}.tif"
    with pytest.raises(InputError) as caught:
        read_window(f"s3://{name}", 0, 0, 1, 1)
    assert said in str(caught.value)
    assert f"/vsis3/{name}" in str(caught.value)


def test_where_files_come_from_strangers_no_name_leads_there(store, known):
    known.setenv(FORMATS_VARIABLE, "GTiff")
    before = store.requests()
    for name in ("s3://maps/dem.tif", "/vsis3/maps/dem.tif", "/vsizip//vsis3/maps/dem.tif/a.tif"):
        with pytest.raises(InputError, match="lies on another machine: give a raster file of this"):
            read_window(name, 0, 0, 1, 1)
        with pytest.raises(InputError, match="lies on another machine"):
            raster_files(name)
    assert store.requests() == before


def test_a_store_that_goes_away_is_told(plain, known, tmp_path):
    with ObjectStore(tmp_path, plain) as brief:
        known.setenv("AWS_S3_ENDPOINT", brief.variables["AWS_S3_ENDPOINT"])
        known.setenv("AWS_ACCESS_KEY_ID", brief.variables["AWS_ACCESS_KEY_ID"])
        known.setenv("AWS_SECRET_ACCESS_KEY", brief.variables["AWS_SECRET_ACCESS_KEY"])
        reader = WindowReader("s3://maps/dem.tif")
    with pytest.raises(InputError, match=r"/vsis3/maps/dem.tif cannot be read"):
        reader.read(0, 0, 400, 500)
    reader.close()
