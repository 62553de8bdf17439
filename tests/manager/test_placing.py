"""Maps that are placed from tiles' blocks: the same however a DEM is cut, whole or not there."""

import json
import random
import shutil
import signal
import subprocess
import time
from dataclasses import replace

import numpy as np
import pytest
import rasterio

from eemt_core.engines.base import Completion
from eemt_core.engines.local import LocalEngine
from eemt_core.errors import InputError, ResourceError
from eemt_core.journal import read_status
from eemt_core.manager.reporter import Silent
from eemt_core.manager.run import run
from geotiffs import write_geotiff
from interrupting import Interrupting, finished_tiles
from runs import (
    PROGRAM,
    QUICK_SUN,
    assert_same_files,
    assert_same_maps,
    eemt_run,
    files_of,
    maps_of,
    mountains,
    request,
    start_eemt_run,
    write_dem,
)

pytestmark = pytest.mark.slow


def levels_of(path):
    """All cells of a map: of full resolution, and of each overview."""
    with rasterio.open(path) as source:
        found, count = [source.read(1)], len(source.overviews(1))
    for level in range(count):
        with rasterio.open(path, overview_level=level) as source:
            found.append(source.read(1))
    return found


@pytest.fixture(scope="module")
def long_dem(tmp_path_factory):
    """A DEM with two levels of overviews, the size of which is a multiple of nothing."""
    z = mountains((40, 1101))
    z[10:20, 300:500] = np.nan
    return write_dem(tmp_path_factory.mktemp("long") / "dem.tif", z, nodata=-9999.0)


@pytest.mark.parametrize("precision", ["full", None])
def test_overviews_do_not_depend_on_how_the_dem_is_cut(long_dem, tmp_path, precision):
    asked = request(
        long_dem, tmp_path / "whole", solar=QUICK_SUN, halo_cells=4096, precision=precision
    )
    run(replace(asked, tile_cells=4096), Silent())
    run(replace(asked, out=tmp_path / "cut", tile_cells=192), Silent())
    names = [name for name in maps_of(tmp_path / "whole") if name.endswith(".tif")]
    assert len(names) > 10
    for name in names:
        one, other = (levels_of(tmp_path / out / name) for out in ("whole", "cut"))
        assert len(one) == len(other) == 3
        for left, right in zip(one, other, strict=True):
            np.testing.assert_array_equal(left, right, err_msg=name)


@pytest.mark.parametrize("shape", [(1, 1), (1, 150), (150, 1), (2, 2), (65, 129)])
def test_a_dem_of_any_size_is_mapped(tmp_path, shape):
    dem = write_dem(tmp_path / "dem.tif", mountains((200, 200))[: shape[0], : shape[1]])
    asked = request(dem, tmp_path / "whole", days=(20, 172), solar=QUICK_SUN)
    run(asked, Silent())
    run(replace(asked, out=tmp_path / "cut", tile_cells=64), Silent())
    maps = maps_of(tmp_path / "whole")
    assert {cells.shape for cells in maps.values()} == {shape}
    assert np.isfinite(maps["global/annual/total_sun_annual.tif"]).all()
    assert_same_maps(tmp_path / "whole", tmp_path / "cut")


def test_tiles_without_a_valid_cell_are_gaps(tmp_path):
    z = mountains((100, 200))
    z[:, :130] = np.nan
    dem = write_dem(tmp_path / "dem.tif", z, nodata=-9999.0)
    asked = request(dem, tmp_path / "whole", solar=QUICK_SUN)
    run(asked, Silent())
    run(replace(asked, out=tmp_path / "cut", tile_cells=64), Silent())
    for name, cells in maps_of(tmp_path / "cut").items():
        np.testing.assert_array_equal(np.isnan(cells), np.isnan(z), err_msg=name)
    assert_same_maps(tmp_path / "whole", tmp_path / "cut")


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((150, 190)))


@pytest.fixture(scope="module")
def full(dem, tmp_path_factory):
    """Maps that keep all bits."""
    out = tmp_path_factory.mktemp("full") / "out"
    run(request(dem, out, days=(15, 20, 172), solar=QUICK_SUN, tile_cells=128), Silent())
    return out


@pytest.mark.parametrize("bits", [6, 10, 16])
def test_maps_keep_as_many_bits_as_are_asked_for(dem, full, tmp_path, bits):
    asked = request(
        dem, tmp_path / "out", days=(15, 20, 172), solar=QUICK_SUN, tile_cells=128, precision=bits
    )
    run(asked, Silent())
    with rasterio.open(tmp_path / "out" / "slope.tif") as source:
        assert source.tags()["EEMT_PRECISION_BITS"] == str(bits)
    rounded, largest = maps_of(tmp_path / "out"), 0.0
    for name, cells in maps_of(full).items():
        if name.endswith(".tif"):
            assert not (rounded[name].view(np.uint32) % 2 ** (23 - bits)).any()
        error = np.abs(rounded[name].astype(float) - cells)
        # an average is a product, which float32 rounds once more
        assert (error <= np.abs(cells) * (2.0 ** -(bits + 1) + 2.0**-23)).all(), name
        largest = max(largest, float((error / np.maximum(np.abs(cells), 1e-30)).max()))
    assert largest > 2.0 ** -(bits + 2)


def test_maps_keep_ten_bits_or_all_in_mode_rsun(dem, tmp_path):
    for mode, bits in (("exact", "10"), ("rsun", "23")):
        out = tmp_path / mode
        run(request(dem, out, solar={**QUICK_SUN, "mode": mode}, precision=None), Silent())
        with rasterio.open(out / "slope.tif") as source:
            assert source.tags()["EEMT_PRECISION_BITS"] == bits


@pytest.mark.parametrize("choice", [{"averages": "tif"}, {"compress": "zstd"}])
def test_form_changes_no_cell(dem, full, tmp_path, choice):
    out, days = tmp_path / "out", (15, 20, 172)
    run(request(dem, out, days=days, solar=QUICK_SUN, tile_cells=128, **choice), Silent())
    other = {name.removesuffix(".vrt"): cells for name, cells in maps_of(full).items()}
    for name, cells in maps_of(out).items():
        wanted = other.get(name, other.get(name.removesuffix(".tif").removesuffix(".vrt")))
        np.testing.assert_array_max_ulp(cells, wanted, 1)
    with rasterio.open(out / "global/monthly/total_sun_jan_sum.tif") as source:
        assert source.compression.name == choice.get("compress", "deflate")
    averages = sorted(path.suffix for path in out.glob("**/*_average.*"))
    assert set(averages) == {f".{choice.get('averages', 'vrt')}"}


def test_a_folder_of_maps_may_be_moved(full, tmp_path):
    before = maps_of(full)
    shutil.copytree(full, tmp_path / "moved" / "maps")
    after = maps_of(tmp_path / "moved" / "maps")
    assert before.keys() == after.keys()
    for name, cells in before.items():
        np.testing.assert_array_equal(after[name], cells)


class ShortOfMemory(LocalEngine):
    """An engine in which a tile and a part of it run out of memory."""

    def wait(self, timeout_s):
        return [
            replace(event, exit_code=4, lack="memory", message="it ran out of memory")
            if isinstance(event, Completion) and event.name.split(".")[0] in self.too_large
            else event
            for event in super().wait(timeout_s)
        ]

    too_large = ("tile-000000", "tile-000000a")


@pytest.mark.parametrize("precision", ["full", None])
def test_a_tile_that_is_cut_for_lack_of_memory_has_the_bytes_of_the_whole(dem, tmp_path, precision):
    asked = request(
        dem, tmp_path / "whole", days=(172,), solar=QUICK_SUN, tile_cells=192, precision=precision
    )
    run(asked, Silent())
    run(replace(asked, out=tmp_path / "cut"), Silent(), ShortOfMemory)
    assert read_status(tmp_path / "cut").attempts.done == 3
    assert_same_files(tmp_path / "whole", tmp_path / "cut")


@pytest.fixture
def unfinished(dem, tmp_path):
    """A run whose tiles are computed, and of whose maps none is written."""
    asked = request(dem, tmp_path / "out", days=(15, 20, 172), solar=QUICK_SUN, tile_cells=128)
    with pytest.raises(KeyboardInterrupt):
        run(asked, Silent(), Interrupting)
    return asked


@pytest.mark.parametrize("seed", range(6))
def test_a_run_that_is_killed_while_it_places_blocks_goes_on(dem, full, tmp_path, seed):
    """Whole maps stay as they are, no tile is encoded twice, and nothing else is left."""
    out, chance = tmp_path / "out", random.Random(seed)
    options = (
        dem, "-o", out, "--days", "15,20,172", "--step", "60", "--directions", "8", "--tile-size",
        "128", "--precision", "full", "--no-pictures",
    )  # fmt: skip
    process = start_eemt_run(*options)
    deadline, count = time.monotonic() + 120, chance.randrange(1, 12)
    while len(files_of(out)) < count and process.poll() is None:
        assert time.monotonic() < deadline
    time.sleep(chance.random() * 0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    whole = {name: (out / name).stat().st_mtime_ns for name in files_of(out)}
    reference = files_of(full)
    assert all(files_of(out)[name] == reference[name] for name in whole)
    # the record is written before tiles are removed
    was_done, done = (out / "run.json").exists(), finished_tiles(out)

    resumed = eemt_run(*options, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert_same_files(full, out)
    if not was_done:
        assert read_status(out).tile_counts.from_earlier == len(done) == 4
        maps = {name for name in whole if name.endswith(".tif")}
        assert {name: (out / name).stat().st_mtime_ns for name in maps} == {
            name: whole[name] for name in maps
        }
    assert not [path for path in out.glob("**/.*") if path.name != ".eemt"]


@pytest.mark.parametrize("harm", [None, "damaged"])
def test_the_wetness_index_is_computed_once(dem, full, tmp_path, harm):
    class Listener(Silent):
        """Ends the run as soon as maps are to be written, if it shall."""

        sentences, is_ending = (), False

        def detail(self, sentence):
            self.sentences += (sentence,)

        def progress(self, stage, done, total, unit, note=""):
            if self.is_ending and stage == "maps":
                raise KeyboardInterrupt

    asked = request(dem, tmp_path / "out", days=(15, 20, 172), solar=QUICK_SUN, tile_cells=128)
    first, second = Listener(), Listener()
    first.is_ending = True
    with pytest.raises(KeyboardInterrupt):
        run(asked, first)
    if harm:
        (kept,) = asked.out.glob(".eemt/kept/wetness-*/results.blocks")
        kept.write_bytes(kept.read_bytes()[:-1])
    run(replace(asked, resume=True), second)
    told = "Computing the wetness index over the whole DEM."
    assert told in first.sentences
    assert (told in second.sentences) == (harm is not None)
    assert_same_files(full, asked.out)


@pytest.mark.parametrize("harm", ["cut short", "of another run", "no map"])
def test_a_map_that_is_not_this_runs_is_written_again(dem, full, unfinished, tmp_path, harm):
    target = unfinished.out / "slope.tif"
    if harm == "no map":
        target.write_bytes(b"none")
    elif harm == "cut short":
        content = (full / "slope.tif").read_bytes()
        target.write_bytes(content[: len(content) * 2 // 3])
    else:
        solar = replace(unfinished.solar, albedo=0.7)
        run(replace(unfinished, out=tmp_path / "other", solar=solar), Silent())
        shutil.copy(tmp_path / "other" / "slope.tif", target)
    run(replace(unfinished, resume=True), Silent())
    assert_same_files(full, unfinished.out)


def test_a_full_disk_while_blocks_are_placed_leaves_tiles_and_no_half_map(tmp_path):
    """No file may grow beyond 400 kB: a tile's result and the packed terrain have less, a map more.

    Whole metres of elevation pack well.
    """
    dem = write_dem(tmp_path / "dem.tif", np.rint(mountains((448, 512))))
    twi = write_geotiff(tmp_path / "twi.tif", np.full((448, 512), 8.0, np.float32))
    out, file = tmp_path / "out", tmp_path / "request.json"
    asked = request(dem, out, solar=QUICK_SUN, tile_cells=64, halo_cells=64, twi=twi)
    file.write_text(json.dumps(asked.to_dict()))
    options = ("--request", file)
    limited = subprocess.run(
        ["bash", "-c", 'ulimit -f 400; exec "$@"', "bash", *PROGRAM, *map(str, options)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert limited.returncode == ResourceError.exit_code, limited.stderr
    assert ".tif cannot be written" in limited.stderr
    assert len(finished_tiles(out)) == 56
    assert not [path for path in out.glob("**/.*") if path.name != ".eemt"]
    for name in files_of(out):
        with rasterio.open(out / name) as source:
            source.read(1)
    resumed = eemt_run(*options, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert read_status(out).tile_counts.from_earlier == 56
    np.testing.assert_array_equal(maps_of(out)["twi.tif"], 8.0)


def test_a_tiles_file_that_is_gone_when_maps_are_written_is_told(dem, unfinished):
    class Losing(Silent):
        """Loses a tile's blocks when maps begin to be written."""

        def progress(self, stage, done, total, unit, note=""):
            if stage == "maps":
                for file in unfinished.out.glob(".eemt/tiles/tile-000002/results.blocks"):
                    file.unlink()

    with pytest.raises(InputError, match=r"tile-000002/results\.blocks cannot be read .*resume"):
        run(replace(unfinished, resume=True), Losing())
    run(replace(unfinished, resume=True), Silent())
