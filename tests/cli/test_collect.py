"""Maps of results that processes left elsewhere: what is taken, what is refused, what is kept."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from climate_files import STATION
from eemt_core.errors import ArgumentError, IncompleteError, InputError, VersionError
from eemt_core.manager.collect import collect_tiles
from eemt_core.manager.export import export_tiles
from eemt_core.manager.reporter import Silent
from eemt_core.manager.request import ClusterRequest, EnergyRequest
from eemt_core.manager.run import run
from eemt_core.manager.stop import Stop
from exported_tiles import NAMES, asked, contents, run_tile
from geotiffs import write_geotiff
from lies import with_cell
from runs import PROGRAM, assert_same_maps, mountains, request, write_dem

pytestmark = pytest.mark.slow


class Stopping(Silent):
    """Asks for a stop at the third tile, and hears of the stages that there were."""

    def __init__(self):
        self.stop, self.stages = Stop(), set()

    def progress(self, stage, done, total, unit, note=""):
        self.stages.add(stage)
        if (stage, done) == ("tiles", 2):
            self.stop.ask()


def left_in(out):
    return sorted(path.name for path in (out / ".eemt" / "tiles").iterdir())


def test_collecting_may_be_cut_short_and_called_again(four_tiles, their_maps, computed, tmp_path):
    stopping, request = Stopping(), asked(four_tiles, tmp_path / "out")
    with pytest.raises(KeyboardInterrupt):
        collect_tiles(request, computed, stopping, stopping.stop)
    assert stopping.stages == {"tiles"}
    assert left_in(request.out) == NAMES[:3]
    # it is kept, whatever becomes of it there
    shutil.rmtree(computed / "results" / NAMES[0])
    killed = computed / "results" / f".{NAMES[0]}.host.0.part"
    killed.mkdir()
    collect_tiles(request, computed, Silent())
    assert_same_maps(their_maps, request.out)
    assert not (request.out / ".eemt").exists()
    assert not killed.exists()


def test_what_was_collected_serves_a_run_of_one_machine(four_tiles, their_maps, computed, tmp_path):
    shutil.rmtree(computed / "results" / NAMES[2])
    out = tmp_path / "out"
    with pytest.raises(
        IncompleteError, match=r"1 of 4 tiles .* valid result: tile-000002: compute"
    ):
        collect_tiles(asked(four_tiles, out), computed, Silent())
    assert (computed / "missing.txt").read_text() == "tile-000002\n"
    run(asked(four_tiles, out, resume=True), Silent())
    assert_same_maps(their_maps, out)


def test_workers_of_a_request_are_not_waited_for(four_tiles, their_maps, computed, tmp_path):
    request = asked(four_tiles, tmp_path / "out", cluster=ClusterRequest())
    collect_tiles(request, computed, Silent())
    assert_same_maps(their_maps, request.out)


@pytest.mark.parametrize("is_finished", [True, False])
def test_maps_and_tiles_of_another_run_are_left_alone(
    is_finished, four_tiles, their_maps, computed, tmp_path
):
    out = tmp_path / "out"
    if is_finished:
        shutil.copytree(their_maps, out)
    else:
        shutil.rmtree(computed / "results" / NAMES[3])
        with pytest.raises(IncompleteError):
            collect_tiles(asked(four_tiles, out), computed, Silent())
    before = contents(out)
    with pytest.raises(ArgumentError, match="of other parameters: give another folder"):
        collect_tiles(asked(four_tiles, out, days=(3,)), computed, Silent())
    after = contents(out)
    after.pop(".eemt/lock", None)
    before.pop(".eemt/lock", None)
    assert after == before
    # who means it says so; but maps are not lost to a folder of another run either
    replacing = asked(four_tiles, out, days=(3,), overwrite=True)
    with pytest.raises(InputError, match=r"holds tiles of other parameters \(days\)"):
        collect_tiles(replacing, computed, Silent())
    if is_finished:
        assert contents(out) == before


def test_a_folder_of_another_run_is_told(four_tiles, computed, tmp_path):
    request = asked(four_tiles, tmp_path / "out")
    other = write_dem(tmp_path / "other.tif", mountains((128, 128), seed=9))
    with pytest.raises(InputError, match="holds tiles of other input files: give the DEM"):
        collect_tiles(asked(other, tmp_path / "out"), computed, Silent())
    with pytest.raises(InputError, match="holds no exported tiles"):
        collect_tiles(request, tmp_path, Silent())
    about = json.loads((computed / "export.json").read_text())
    about["fingerprint"]["code"] = "0.1.0-other"
    (computed / "export.json").write_text(json.dumps(about))
    with pytest.raises(VersionError, match="another build of eemt-core"):
        collect_tiles(request, computed, Silent())
    (computed / "export.json").write_text("{")
    with pytest.raises(InputError, match=r"export.json cannot be read as JSON: .*as it wrote it"):
        collect_tiles(request, computed, Silent())
    assert not (tmp_path / "out").exists()


def test_a_result_that_cannot_be_is_computed_again_though_its_checksums_are_right(
    four_tiles, their_maps, computed, tmp_path
):
    result, request = computed / "results" / NAMES[1], asked(four_tiles, tmp_path / "out")
    task = shutil.copy(computed / "tiles" / NAMES[1] / "task.json", result)
    with_cell(result, "slope", (0, 0), 99.0)
    Path(task).unlink()
    assert run_tile(computed, NAMES[1])[1] == "tile-000001 was complete already.\n"
    with pytest.raises(IncompleteError, match=r"tile-000001 \(its result slope holds 99, which"):
        collect_tiles(request, computed, Silent())
    assert "tile-000001 done in" in run_tile(computed, NAMES[1])[1]
    collect_tiles(request, computed, Silent())
    assert_same_maps(their_maps, request.out)


def test_damaged_results_are_told_and_left_to_who_may_be_copying_them(
    four_tiles, computed, tmp_path
):
    one, other, third, fourth = (computed / "results" / name for name in NAMES)
    with (one / "results.blocks").open("r+b") as file:
        file.truncate(1000)
    (other / "result.json").unlink()
    (third / "results.blocks").unlink()
    os.mkfifo(third / "results.blocks")
    os.truncate(fourth / "results.blocks", 2**40)  # it takes no room, but its copy would
    before = {path.name: set(path.iterdir()) for path in (one, other, third, fourth)}
    with pytest.raises(IncompleteError, match="4 of 4 tiles") as told:
        collect_tiles(asked(four_tiles, tmp_path / "out"), computed, Silent())
    assert told.value.what.count("(its result is damaged)") == 4
    assert {path.name: set(path.iterdir()) for path in (one, other, third, fourth)} == before
    assert not (tmp_path / "out").exists()


def test_the_wetness_index_is_that_which_was_exported(four_tiles, their_maps, computed, tmp_path):
    request = asked(four_tiles, tmp_path / "out")
    for name in ("results.blocks", "result.json"):
        place = computed / "wetness" / name
        content = place.read_bytes()
        for damaged in (content.replace(b"0", b"1", 1), content[:100], None):
            place.unlink()
            if damaged is not None:
                place.write_bytes(damaged)
            with pytest.raises(InputError, match="does not hold the wetness index as it was"):
                collect_tiles(request, computed, Silent())
            place.touch()
        place.write_bytes(content)
    collect_tiles(request, computed, Silent())
    assert_same_maps(their_maps, request.out)


def test_a_full_disk_is_no_fault_of_a_result(four_tiles, computed, tmp_path):
    command = [*PROGRAM, "--request", tmp_path / "request.json", "--collect", computed]
    document = asked(four_tiles, tmp_path / "out").to_dict()
    (tmp_path / "request.json").write_text(json.dumps(document))
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 130; exec "$@"', "bash", *map(str, command)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 4, done.stderr
    assert "results.blocks cannot be written" in done.stderr
    assert len(list((computed / "results").iterdir())) == 4


def test_all_that_a_run_may_take_goes_through_an_export(tmp_path):
    def raster(name, values):
        return write_geotiff(tmp_path / f"{name}.tif", values.astype(np.float32))

    rng, shape = np.random.default_rng(1), (64, 100)
    elevation_m = 1800 + mountains(shape)
    elevation_m[:5, :9] = np.nan
    (tmp_path / "station.toml").write_text(STATION)
    energy = EnergyRequest(
        climate=tmp_path / "station.toml",
        lai=raster("lai", rng.uniform(0.5, 5.0, shape)),
        canopy_height=raster("canopy", rng.uniform(0.5, 15.0, shape)),
    )
    options = {
        "days": range(1, 366),
        "tile_cells": 64,
        "threads": 2,
        "energy": energy,
        "linke": str(raster("linke", rng.uniform(2.0, 5.0, shape))),
        "solar": {"step_minutes": 60.0, "directions": 8},
    }
    dem = raster("dem", elevation_m)
    local = run(request(dem, tmp_path / "local", **options), Silent())
    elsewhere = request(dem, tmp_path / "out", **options)
    exported = export_tiles(elsewhere, tmp_path / "tiles", Silent())
    assert len(list((exported / "tiles" / "tile-000000").iterdir())) == 10
    moved = exported.rename(tmp_path / "moved")
    assert run_tile(moved, *(moved / "tiles.txt").read_text().split())[0] == 0
    collect_tiles(elsewhere, moved, Silent())
    assert len(list(local.glob("eemt/**/*.tif"))) > 30
    assert_same_maps(local, elsewhere.out)
