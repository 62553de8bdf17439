"""All maps of whole runs are cloud-optimised GeoTIFFs to those who judge such files."""

import pytest
import rasterio

from climate_files import STATION
from cog_judges import validated
from geotiffs import write_geotiff
from oracles.relief import relief
from runs import eemt_run

pytestmark = pytest.mark.slow

QUICK = ("--step", "60", "--directions", "8", "--no-pictures", "--threads", "2")


def run(tmp_path, shape, *options):
    dem = write_geotiff(tmp_path / "dem.tif", 1500 + relief(shape, 3).astype("f4"))
    done = eemt_run(dem, "-o", tmp_path / "maps", *QUICK, *options)
    assert done.returncode == 0, done.stderr
    maps = sorted((tmp_path / "maps").rglob("*.tif"))
    return [path for path in maps if not any(part.startswith(".") for part in path.parts)]


@pytest.mark.parametrize(
    "options",
    [("--compress", "zstd", "--averages", "tif"), ("--compress", "deflate", "--precision", "full")],
)
def test_all_maps_of_a_run_are_accepted(tmp_path, options):
    (tmp_path / "station.toml").write_text(STATION)
    climate = ("--climate", tmp_path / "station.toml", "--variant", "trad,topo")
    maps = run(tmp_path, (530, 70), "--tile-size", "192", *climate, *options)
    assert len(maps) > 70
    assert validated(*maps) == []
    for path in maps:
        with rasterio.open(path) as source:
            assert source.overviews(1) == [2]
            assert source.tags(ns="IMAGE_STRUCTURE")["COMPRESSION"] == options[1].upper()
            assert source.read(1).shape == (530, 70)


@pytest.mark.parametrize("shape", [(3, 600), (600, 3), (3, 3)])
def test_maps_of_a_few_cells_are_accepted(tmp_path, shape):
    maps = run(tmp_path, shape, "--workflow", "sol", "--days", "172", "--tile-size", "64")
    assert len(maps) > 10
    assert validated(*maps) == []
