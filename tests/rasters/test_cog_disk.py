"""Maps on the disk: full ones, large ones, several at once, and the memory that writing takes."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import rasterio
import tifffile

from cog_judges import validated
from eemt_core import rasters
from eemt_core.blocks.codec import Codec
from eemt_core.blocks.pyramid import Pyramid
from eemt_core.rasters._layout import laid_out
from encoded_maps import cells_of, encoded, levels_of, place, runs_of, write

PROGRAM = """
import json, resource, signal, sys
order = json.load(open(sys.argv[1]))
sys.path[:0] = order["path"]
from pathlib import Path
from encoded_maps import place
from eemt_core.errors import ResourceError
from eemt_core.rasters import Run
if limit := order["limit_bytes"]:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
levels = [[Run(Path(file), *rest) for file, *rest in level] for level in order["runs"]]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    place(Path("map.tif"), order["shape"], levels, order["edge"])
except ResourceError as error:
    print(type(error).__name__, error.lack, error)
else:
    print("grown by", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, "KiB")
"""


def in_process(folder, runs, shape=(600, 300), edge=64, limit_bytes=0, prefix=()):
    """Write a map into a folder, in a process of its own; return what that says."""
    order = {"path": sys.path, "shape": shape, "edge": edge, "limit_bytes": limit_bytes}
    order["runs"] = [
        [(str(run.file), *run[1:6], run.lengths.tolist()) for run in level] for level in runs
    ]
    written = folder.with_name("order.json")
    written.write_text(json.dumps(order))
    command = [*prefix, sys.executable, "-c", PROGRAM, written]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert not run.stderr, run.stderr
    return run.stdout


@pytest.mark.parametrize("limit_bytes", [100, 2_000, 300_000])
def test_a_full_disk_is_a_resource_error_and_leaves_the_old_map(tmp_path, limit_bytes):
    # A limit on the size of files fails writes as a full disk does: in the directories, in an
    # overview, in the map's own blocks
    levels = levels_of(cells_of(600, 300), 2)
    blocks, place_ = tmp_path / "blocks", tmp_path / "maps"
    blocks.mkdir()
    place_.mkdir()
    runs = [runs_of(level, 64, 1, blocks, f"{n}") for n, level in enumerate(levels)]
    place(place_ / "map.tif", (600, 300), runs)
    before = (place_ / "map.tif").read_bytes()
    assert len(before) > 400_000
    said = in_process(place_, runs, limit_bytes=limit_bytes)
    assert said.startswith("ResourceError disk map.tif cannot be written (File too large): ")
    assert said.count("\n") == 1
    assert (place_ / "map.tif").read_bytes() == before
    assert [p.name for p in place_.iterdir()] == ["map.tif"]


def test_a_disk_without_space_says_so_and_holds_nothing(tmp_path):
    levels = levels_of(cells_of(600, 300), 2)
    runs = [runs_of(level, 64, 1, tmp_path, f"{n}") for n, level in enumerate(levels)]
    (tmp_path / "disk").mkdir()
    mount = 'mount -t tmpfs -o size=256k none "$PWD"; cd "$PWD"; "$@"; ls -A'
    unshare = ["unshare", "--map-root-user", "--mount", "sh", "-ec", mount, "sh"]
    said = in_process(tmp_path / "disk", runs, prefix=unshare)
    full = "ResourceError disk map.tif cannot be written (No space left on device): free some space"
    assert said.startswith(full)
    assert said.count("\n") == 1  # and no file is listed


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    runs = [runs_of(cells_of(30, 30), 64, 1, tmp_path, "run")]
    with pytest.raises(Exception, match=r"map\.tif cannot be written \(No such file") as caught:
        place(tmp_path / "no" / "map.tif", (30, 30), runs)
    assert caught.value.sentence.endswith("check the path; what a run uses must stay until it ends")


def test_what_a_killed_run_left_of_its_maps_is_removed(tmp_path):
    gone = (".map.tif.7.tif", ".map.tif.7.plain.tif", ".a.vrt.31.tif", "sub/.map.tif.8.tif")
    others = {".a.tif.7.tif", ".map.tif", "map.tif.7.tif", ".map.tif.7.vrt", "map.tif"}
    (tmp_path / "sub").mkdir()
    for name in (*gone, *others):
        (tmp_path / name).touch()
    paths = [tmp_path / name for name in ("map.tif", "a.vrt", "sub/map.tif", "no/map.tif")]
    rasters.remove_leftovers(*paths)
    assert {path.name for path in tmp_path.glob("**/*") if path.is_file()} == others


def test_a_map_is_written_over_what_a_killed_process_of_the_same_number_left(tmp_path):
    (tmp_path / f".map.tif.{os.getpid()}.tif").write_bytes(b"half")
    place(tmp_path / "map.tif", (30, 30), [runs_of(cells_of(30, 30), 64, 1, tmp_path, "run")])
    assert not list(tmp_path.glob(".*"))
    assert rasters.is_whole(tmp_path / "map.tif", (30, 30))


def test_maps_written_by_several_threads_are_those_of_one(tmp_path):
    write(tmp_path / "one.tif", cells_of(900, 700))
    runs = [
        runs_of(level, 64, 2, tmp_path / "blocks", f"{n}")
        for n, level in enumerate(levels_of(cells_of(900, 700), 2))
    ]
    with ThreadPoolExecutor(4) as pool:
        paths = [tmp_path / f"{n}.tif" for n in range(24)]
        list(pool.map(lambda path: place(path, (900, 700), runs), paths))
    assert {path.read_bytes() for path in paths} == {(tmp_path / "one.tif").read_bytes()}


@pytest.mark.parametrize(("more", "is_big"), [(0, False), (1, True)])
def test_a_file_is_a_bigtiff_from_four_gib_on(more, is_big):
    pyramid = Pyramid(512, 1024, 512)
    above = np.array([[1000]])
    head, _ = laid_out(pyramid, Codec(), [np.array([[1, 1]]), above], [])
    left = 2**32 - 1 - len(head) - 1000
    lengths = [np.array([[2**31, left - 2**31 + more]]), above]
    head, offsets = laid_out(pyramid, Codec(), lengths, [])
    assert (head[2] == 43) == is_big
    assert offsets[1].item() == len(head)
    assert offsets[0].tolist() == [[len(head) + 1000, len(head) + 1000 + 2**31]]


def noise(count):
    """Blocks of random bits, which do not compress; every number is valid."""
    bits = np.random.default_rng(0).integers(0, 2**30, (count, 512, 512), dtype=np.uint32)
    return bits.view(np.float32)


@pytest.mark.slow
def test_a_map_of_more_than_four_gib(tmp_path):
    """5 GB are on the disk for some seconds: some blocks of noise, placed again and again."""
    shape = (56 * 512, 57 * 512)
    pyramid = Pyramid(*shape, 512)
    assert shutil.disk_usage(tmp_path).free > 6e9, "6 GB of free space are needed for this test"
    cells = noise(8)
    # and one for all of the overviews
    contents = [
        *map(encoded, cells),
        encoded(cells[0, : pyramid.overview_edge, : pyramid.overview_edge]),
    ]
    (tmp_path / "blocks").write_bytes(b"".join(contents))
    ends = np.cumsum([len(content) for content in contents])
    runs = []
    for level in range(pyramid.levels):
        runs.append([])
        for row, col in np.ndindex(pyramid.blocks(level)):
            which = 8 if level else (5 * row + 3 * col) % 8
            begin = int(ends[which]) - len(contents[which])
            lengths = np.array([len(contents[which])])
            runs[-1].append(rasters.Run(tmp_path / "blocks", begin, row, col, 1, 1, lengths))
    path = tmp_path / "maps" / "map.tif"
    path.parent.mkdir()
    try:
        said = in_process(path.parent, runs, shape, 512)
        grown_kib = int(said.removeprefix("grown by ").removesuffix(" KiB\n"))
        assert path.stat().st_size > 2**32
        # four thousand runs and GDAL itself; a block has 1 MiB, the map 4.2 GiB
        assert grown_kib < 48 * 1024
        assert validated(path) == []
        with tifffile.TiffFile(path) as file:
            assert file.is_bigtiff
            assert max(file.pages[0].dataoffsets) > 2**32
        with rasterio.open(path) as source:
            for row, col in np.ndindex(pyramid.blocks(0)):
                window = rasterio.windows.Window(512 * col, 512 * row, 512, 512)
                found = source.read(1, window=window)
                assert found.tobytes() == cells[(5 * row + 3 * col) % 8].tobytes()
        assert rasters.is_whole(path, shape)
    finally:
        path.unlink(missing_ok=True)
