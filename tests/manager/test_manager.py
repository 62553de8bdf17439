"""Whole runs: the same maps for every tiling, and no results lost if a run is stopped."""

import json
import sqlite3
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from affine import Affine

from decoded import result_array
from eemt_core.engines.local import LocalEngine
from eemt_core.errors import ArgumentError, InputError
from eemt_core.files import read_json, write_json
from eemt_core.manager.reporter import Silent
from eemt_core.manager.run import run
from eemt_core.tiles import compute
from eemt_core.tiles.contract import read_far_field, read_task
from eemt_core.tiles.whole_dem import WHOLE_DEM_FILE
from interrupting import Interrupting, finished_tiles
from runs import (
    assert_same_maps,
    maps_of,
    mountains,
    request,
    task_folders,
    write_dem,
)  # fmt: skip

pytestmark = pytest.mark.slow


class Listener(Silent):
    """Keeps what it hears."""

    def __init__(self):
        self.sentences = []

    def say(self, sentence):
        self.sentences.append(sentence)

    detail = say

    def computed(self):
        """Names of the tiles that were computed."""
        return {s.split()[0] for s in self.sentences if " done in " in s}


def with_a_range_far_away():
    """Hills in cells of 30 m, with a mountain range 10 km to the south, towards the winter sun.

    The range's flanks are up to 50 degrees steep. At 47 degrees north it shades the hills for more
    than an hour after sunrise and before sunset on the shortest days.
    """
    z = mountains((512, 1024), roughness=4.0, height_m=60.0)
    rows, cols = np.mgrid[0:512, 0:1024]
    z += (1350.0 + 150.0 * np.sin(cols / 19.0)) * np.exp(-(((rows - 440) / 25.0) ** 2))
    return z.astype(np.float32)


def write_far_range(path, z):
    return write_dem(path, z, transform=Affine(30, 0, 500_000, 0, -30, 5_210_000))


@pytest.fixture(scope="module")
def cut_and_whole(tmp_path_factory):
    """Sums of days 1 and 172 in the tiles of a cut DEM, and in the same cells of the whole."""
    home = tmp_path_factory.mktemp("cut")
    dem = write_far_range(home / "dem.tif", with_a_range_far_away())
    days = {"days": (1, 172)}
    (whole,) = task_folders(
        request(dem, home / "out-whole", tile_cells=1024, **days), home / "whole", cores=2
    )
    compute.run(whole)
    reference = result_array(whole, "total")
    pairs = []
    for folder in task_folders(
        request(dem, home / "out-cut", tile_cells=128, halo_cells=128, **days),
        home / "cut",
        cores=2,
    )[2:6]:
        compute.run(folder)
        same = reference[:, *read_task(folder).work.core.slices]
        pairs.append((result_array(folder, "total"), same))
        assert read_far_field(folder)
    return pairs


@pytest.mark.parametrize(("layer", "day"), [(0, 1), (1, 172)])
def test_tiles_agree_with_the_whole_although_a_far_range_shades_them(cut_and_whole, layer, day):
    error = np.concatenate([((t - w) / w)[layer].ravel() for t, w in cut_and_whole])
    # the bounds of the requirement: 0.01 % of the daily sum in the mean, 0.5 % in the worst cell
    assert abs(error.mean()) < 1e-4
    assert np.abs(error).max() < 5e-3


def test_the_far_range_matters(cut_and_whole, tmp_path):
    """Without the far field winter sums exceed the limits, so the test above can fail."""
    dem = write_far_range(tmp_path / "near.tif", with_a_range_far_away()[:256])
    asked = request(dem, tmp_path / "out", days=(1, 172), tile_cells=128, halo_cells=128)
    folder = task_folders(asked, tmp_path / "tiles")[2]
    compute.run(folder)
    error = result_array(folder, "total")[0] / cut_and_whole[0][1][0] - 1.0
    assert error.mean() > 10 * 1e-4
    assert error.max() > 5e-3


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A DEM of 2 x 3 tiles, with a lake of nodata, whose halos hold all of it; and its maps."""
    home = tmp_path_factory.mktemp("small")
    z = mountains((110, 170))
    z[40:50, 60:75] = np.nan
    dem = write_dem(home / "dem.tif", z, nodata=-9999.0)
    run(request(dem, home / "whole", days=(20, 172), threads=2), Silent())
    return dem, home / "whole"


@pytest.mark.parametrize("threads", [1, 2])
def test_tiles_have_the_bytes_of_the_whole_where_the_halo_holds_it(small, tmp_path, threads):
    dem, whole = small
    asked = request(dem, tmp_path / "out", days=(20, 172), tile_cells=64, threads=threads)
    run(asked, Silent())
    assert_same_maps(whole, tmp_path / "out")


def test_maps_say_what_they_are(small):
    dem, out = small
    with rasterio.open(out / "global/monthly/total_sun_jan_sum.tif") as source:
        tags = source.tags()
        assert source.units == ("Wh m-2",)
        assert "sum of 1 of the 31 days of jan" in source.descriptions[0]
        assert np.isnan(source.nodata)
        values = source.read(1)
    assert json.loads(tags["EEMT_PARAMETERS"])["solar"]["step_minutes"] == 30.0
    assert float(tags["STATISTICS_MAXIMUM"]) == pytest.approx(np.nanmax(values), rel=1e-6)
    assert float(tags["STATISTICS_MEAN"]) == pytest.approx(np.nanmean(values), rel=1e-5)
    record = read_json(out / "run.json")
    assert set(record["maps"]) == set(maps_of(out))
    assert record["inputs"]["dem"][str(dem)]["sha256"] in str(tags)
    assert not (out / ".eemt").exists()


def test_nodata_stays_where_it_is(small):
    dem, out = small
    with rasterio.open(dem) as source:
        nodata = np.isnan(source.read(1))
    for name, values in maps_of(out).items():
        np.testing.assert_array_equal(np.isnan(values), nodata, err_msg=name)


def test_sums_and_means_of_months_and_the_year_fit(small):
    maps = maps_of(small[1])
    jan, jun = (maps[f"global/monthly/total_sun_{m}_sum.tif"] for m in ("jan", "jun"))
    np.testing.assert_array_equal(jan, maps["global/monthly/total_sun_jan_average.vrt"])
    np.testing.assert_allclose(jan + jun, maps["global/annual/total_sun_annual.tif"], rtol=1e-6)
    parts = sum(maps[f"global/annual/{p}_sun_annual.tif"] for p in ("beam", "diffuse", "reflected"))
    np.testing.assert_allclose(parts, maps["global/annual/total_sun_annual.tif"], rtol=1e-6)


def test_daily_maps_add_up_to_the_months(small, tmp_path):
    dem, whole = small
    solar = {"daily": True}
    run(request(dem, tmp_path / "out", days=(20, 21, 172), solar=solar), Silent())
    maps = maps_of(tmp_path / "out")
    days = [maps[f"global/daily/total_sun_day_{day}.tif"] for day in (20, 21)]
    np.testing.assert_allclose(sum(days), maps["global/monthly/total_sun_jan_sum.tif"], rtol=1e-6)
    np.testing.assert_allclose(days[0], maps_of(whole)["global/monthly/total_sun_jan_sum.tif"])
    assert {name for name in maps if "day_172" in name} == {
        "global/daily/total_sun_day_172.tif",
        "global/daily/flat_total_sun_day_172.tif",
        "insol/daily/hours_sun_day_172.tif",
    }


@pytest.fixture
def stopped(small, tmp_path):
    """A run that was interrupted with some of its six tiles done."""
    asked = request(small[0], tmp_path / "out", days=(20, 172), tile_cells=64, threads=2)
    with pytest.raises(KeyboardInterrupt):
        run(asked, Silent(), Interrupting)
    assert list((tmp_path / "out").glob("*.tif")) == []
    return asked


def test_resume_computes_no_verified_tile_twice(small, stopped):
    before, listener = finished_tiles(stopped.out), Listener()
    assert 3 <= len(before) < 6
    run(replace(stopped, resume=True), listener)
    assert listener.computed() == {f"tile-{n:06d}" for n in range(6)} - set(before)
    assert_same_maps(small[1], stopped.out)


def spoil(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda tile: spoil(tile / "results.blocks"), "its result is damaged"),
        (lambda tile: (tile / "results.blocks").unlink(), "its result is damaged"),
        (lambda tile: (tile / "result.json").unlink(), "it was not finished"),
        (lambda tile: (tile / "result.json").write_text("{}"), "its result is damaged"),
        (
            lambda tile: write_json(
                tile / "result.json",
                {
                    **read_json(tile / "result.json"),
                    "fingerprint": {
                        **read_json(tile / "result.json")["fingerprint"],
                        "code": "older",
                    },
                },
            ),
            "its result is of other code",
        ),
    ],
)
def test_resume_says_why_a_tile_is_computed_again(small, stopped, harm, reason):
    name = finished_tiles(stopped.out)[0]
    harm(stopped.out / ".eemt" / "tiles" / name)
    listener = Listener()
    run(replace(stopped, resume=True), listener)
    assert f"{name} is computed again: {reason}." in listener.sentences
    assert name in listener.computed()
    assert_same_maps(small[1], stopped.out)


def test_resume_with_other_parameters_uses_no_old_tile(stopped):
    listener = Listener()
    other = replace(stopped.solar, albedo=0.5)
    run(replace(stopped, solar=other, resume=True), listener)
    assert len(listener.computed()) == 6
    assert any("other parameters" in sentence for sentence in listener.sentences)


class Stumbling(LocalEngine):
    """An engine that spoils each task's description at its first attempt, so that it fails."""

    times = 1

    def submit(self, submission):
        tile, _, attempt = submission.name.partition(".")
        if tile.startswith("tile") and int(attempt) <= self.times:
            path = submission.folder / "task.json"
            description = read_json(path)
            description["outputs"].append("what no task computes")
            write_json(path, description)
        super().submit(submission)


def test_an_unexpected_failure_is_tried_once_more(small, tmp_path):
    listener = Listener()
    run(request(small[0], tmp_path / "out", days=(20, 172)), listener, Stumbling)
    assert any("trying it again" in sentence for sentence in listener.sentences)
    assert_same_maps(small[1], tmp_path / "out")


def test_a_second_failure_ends_the_run_and_leaves_no_map(small, tmp_path):
    class Falling(Stumbling):
        times = 2

    with pytest.raises(Exception, match=r"tile-000000 \(rows 0-109, columns 0-169\) failed"):
        run(request(small[0], tmp_path / "out"), Silent(), Falling)
    assert maps_of(tmp_path / "out") == {}


def test_an_output_folder_with_maps_is_not_written_to_by_mistake(small, tmp_path):
    dem, out = small[0], tmp_path / "out"
    asked = request(dem, out)
    run(asked, Silent())
    with pytest.raises(ArgumentError, match="add overwrite or resume"):
        run(asked, Silent())
    (out / "mine.txt").write_text("keep")
    run(replace(asked, solar=replace(asked.solar, days=(1,)), overwrite=True), Silent())
    assert (out / "mine.txt").read_text() == "keep"
    assert "global/monthly/total_sun_jan_sum.tif" in maps_of(out)
    assert "global/monthly/total_sun_jun_sum.tif" not in maps_of(out)


def test_a_finished_run_is_not_done_again(small, tmp_path):
    asked = request(small[0], tmp_path / "out")
    run(asked, Silent())
    stamp = (tmp_path / "out" / "slope.tif").stat().st_mtime_ns
    listener = Listener()
    run(replace(asked, resume=True), listener)
    assert any("holds all maps of this run already" in s for s in listener.sentences)
    assert (tmp_path / "out" / "slope.tif").stat().st_mtime_ns == stamp


def test_a_strangers_folder_is_left_alone(small, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").write_text("all of it")
    for options in ({}, {"overwrite": True}, {"resume": True}):
        with pytest.raises(ArgumentError, match="was not written by eemt-run"):
            run(request(small[0], tmp_path / "out", **options), Silent())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.docx"]


def test_bad_input_leaves_nothing_behind(tmp_path):
    dem = write_dem(tmp_path / "dem.tif", np.full((5, 5), np.nan))
    with pytest.raises(InputError, match="no valid cell"):
        run(request(dem, tmp_path / "deep" / "out"), Silent())
    assert not (tmp_path / "deep").exists()


def test_a_dem_within_the_output_folder_is_refused(small, tmp_path):
    with pytest.raises(ArgumentError, match="lies in the folder of the maps"):
        run(request(small[0], small[0].parent), Silent())


def test_the_last_tile_has_all_cores_where_it_would_be_alone(small, tmp_path):
    threads = {}

    class Noting(LocalEngine):
        def submit(self, submission):
            threads[submission.name] = submission.resources.cores
            super().submit(submission)

    asked = request(small[0], tmp_path / "out", days=(20, 172), tile_cells=64, threads=4)
    run(asked, Silent(), Noting)  # six tiles: four at once, then two
    assert sorted(n for name, n in threads.items() if name != "wetness") == [1, 1, 1, 1, 2, 2]
    assert_same_maps(small[1], tmp_path / "out")


def test_a_failed_wetness_index_ends_the_run_while_tiles_are_under_way(small, tmp_path):
    class NoWetness(LocalEngine):
        def submit(self, submission):
            if submission.name == "wetness":
                (submission.folder / WHOLE_DEM_FILE).write_bytes(b"nothing")
            super().submit(submission)

    asked = request(small[0], tmp_path / "out", days=range(1, 366), tile_cells=64, threads=2)
    with pytest.raises(Exception, match=r"the wetness index failed: input dem\.packed"):
        run(asked, Silent(), NoWetness)
    assert maps_of(tmp_path / "out") == {}


@pytest.mark.parametrize(
    "row", ["{", "3", '{"xxh3": NaN}', '{"xxh3": 3}', "{}", "[" * 10000, b"\xff\x00", None]
)
def test_resume_heals_a_journal_that_holds_a_bad_result(small, stopped, row):
    name = finished_tiles(stopped.out)[0]
    journal = sqlite3.connect(stopped.out / "journal.sqlite", isolation_level=None)
    journal.execute("PRAGMA ignore_check_constraints = ON")
    value = row if row is not None else 7
    journal.execute("UPDATE results SET result = ? WHERE tile = ?", (value, int(name[-6:])))
    journal.close()
    listener = Listener()
    run(replace(stopped, resume=True), listener)
    why = "what the journal kept of its result is damaged"
    assert f"{name} is computed again: {why}." in listener.sentences
    assert_same_maps(small[1], stopped.out)
