"""What tests of the web room share: a service, a DEM, one finished run, a browser."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from affine import Affine

from browser import chromium
from certificates import write_certificate
from eemt_core.demo import climate_path
from eemt_core.web.access.tokens import add_token
from geotiffs import write_geotiff
from runs import eemt_run, mountains
from web_service import WebService, add_finished, application, cheap_password, web_service

# near the demonstration's station, in the middle of its zone's width
TENNESSEE = {"crs": "EPSG:32616", "transform": Affine(30, 0, 735_000, 0, -30, 4_030_000)}
NO_DATA = (slice(10, 20), slice(30, 45))


def small_dem(path):
    """A DEM of a few kilometres with a hole, where EEMT takes a second."""
    elevation_m = 400 + mountains((90, 130)).astype(np.float32)
    elevation_m[NO_DATA] = -9999
    return write_geotiff(path, elevation_m, nodata=-9999, **TENNESSEE)


@pytest.fixture(scope="session")
def finished_maps(tmp_path_factory):
    """The output folder of a finished run of EEMT, trad and topo; copy it before changing it."""
    folder = tmp_path_factory.mktemp("finished")
    done = eemt_run(
        *(small_dem(folder / "small.tif"), "--out", folder / "maps", "--climate", climate_path()),
        *("--step", "60", "--directions", "8", "--no-pictures", "--threads", "2"),
    )
    assert done.returncode == 0, done.stderr
    return folder / "maps"


@dataclass
class Shown:
    """A service without a server, with one completed job."""

    client: object
    data: Path
    job: str

    @property
    def maps(self):
        """The folder of the job's maps."""
        return self.client.app.state.service.folder(self.job).maps

    def get(self, path, **options):
        """Ask for something of the job."""
        return self.client.get(f"/api/jobs/{self.job}/{path}", **options)


@pytest.fixture(scope="module")
def shown(finished_maps, tmp_path_factory):
    """A service that shows the finished run."""
    data = tmp_path_factory.mktemp("data")
    with application(data) as client:
        yield Shown(client, data, add_finished(data, finished_maps))


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A service of its own process, for one file of tests."""
    with web_service(tmp_path_factory.mktemp("web") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    """Hills as a GeoTIFF that says all that a run wants to know."""
    path = tmp_path_factory.mktemp("dem") / "hills.tif"
    return write_geotiff(path, mountains((60, 80)) + 1000, units="m")


@pytest.fixture(scope="module")
def browser():
    """One browser; each test opens a page of its own in it.

    Playwright has an event loop in this thread meanwhile, so other modules' tests could have none.
    """
    with chromium() as running:
        yield running


@dataclass
class Site:
    """A service of its own process, with one completed job."""

    service: WebService
    job: str

    @property
    def url(self):
        return self.service.url

    @property
    def page(self):
        """Path of the page with the maps."""
        return f"/results/{self.job}"


@pytest.fixture(scope="session")
def site(finished_maps, tmp_path_factory):
    """A site that shows the finished run to a browser; no test may change it."""
    with web_service(tmp_path_factory.mktemp("site") / "data") as service:
        yield Site(service, add_finished(service.data, finished_maps))


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A folder with a certificate of 127.0.0.1 that nobody has signed, and the page's password."""
    folder = tmp_path_factory.mktemp("lab")
    write_certificate(folder)
    cheap_password(folder / "password")
    return folder


@pytest.fixture(scope="module")
def token(lab):
    """A token that the page in that folder takes."""
    return add_token(lab / "tokens")
