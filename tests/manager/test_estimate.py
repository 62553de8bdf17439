"""Estimates: numbers of maps and tiles are exact, memory and disk are never too low."""

import json
import os
import subprocess
import threading
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio

from eemt_core import EnergyRequest, estimate
from eemt_core.cli.run import command as eemt_run_command
from eemt_core.demo import climate_path
from eemt_core.demo import write_dem as write_demo
from eemt_core.errors import ArgumentError, InputError, ResourceError
from eemt_core.manager.plan import staffing
from runs import PROGRAM, eemt_run, mountains, request, write_dem

QUICK = {"step_minutes": 60.0, "directions": 16}
ALL_DAYS = tuple(range(1, 366))


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((300, 340)))


def asked(dem, out, kind):
    """A request of each kind of run."""
    if kind == "tiles":
        return request(dem, out, days=ALL_DAYS, solar=QUICK, tile_cells=128)
    if kind == "daily":
        days = tuple(range(150, 180))
        return request(dem, out, days=days, solar={**QUICK, "daily": True}, tile_cells=192)
    if kind == "eemt":
        energy = EnergyRequest(climate_path())
        return request(dem, out, days=ALL_DAYS, solar=QUICK, energy=energy)
    return request(None, out, days=(15, 172), solar=QUICK)  # the demonstration's: reprojected


class Watched:
    """A run of the program: how long it took, and the most memory and disk that it held."""

    def __init__(self, data, folder):
        file = folder / "request.json"
        file.write_text(json.dumps(data))
        started = time.monotonic()
        process = subprocess.Popen(
            [*PROGRAM, "--request", str(file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.memory_mb = self.disk_bytes = 0
        watch = threading.Thread(target=self._watch, args=(process, Path(data["out"])))
        watch.start()
        said, _ = process.communicate(timeout=300)
        self.seconds = time.monotonic() - started
        watch.join()
        assert process.returncode == 0, said
        self.record = json.loads((Path(data["out"]) / "run.json").read_text())
        self.final_bytes = size_of(Path(data["out"]))

    def _watch(self, process, out):
        while process.poll() is None:
            self.memory_mb = max(self.memory_mb, tree_mb(process.pid))
            self.disk_bytes = max(self.disk_bytes, size_of(out))
            time.sleep(0.02)


def tree_mb(root):
    """Memory of a process and its descendants, with shared memory counted once [MB]."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue  # it has ended meanwhile
        parents[int(folder.name)] = int(words[1])
    tree = {root}
    while new := {child for child, parent in parents.items() if parent in tree} - tree:
        tree |= new
    total = 0
    for number in tree:
        try:
            rollup = Path(f"/proc/{number}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(ln.split()[1]) for ln in rollup.splitlines() if ln.startswith("Pss:"))
    return total / 1024


def size_of(folder):
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(path, name)).st_size
            except OSError:
                continue
    return total


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tiles", "daily", "eemt", "demo"])
def test_an_estimate_is_what_the_run_then_takes(dem, tmp_path, kind):
    wanted = asked(dem, tmp_path / "out", kind)
    found = estimate(wanted)
    assert not (tmp_path / "out").exists()
    run = Watched(wanted.to_dict(), tmp_path)
    record = run.record
    assert found.maps == len(record["maps"])
    assert found.tiles == record["tiles"]["count"]
    grid = record["dem"]["grid"]
    assert (found.rows, found.cols, found.cells) == (
        grid["rows"], grid["cols"], grid["rows"] * grid["cols"],
    )  # fmt: skip
    assert found.tile_memory_mb >= record["tiles"]["peak_memory_mb"]
    # never below the measured values. They are higher by reserves: GDAL's cache, and space for the
    # journal, pictures and maps that compress well, which are large relative to so small a run
    assert run.memory_mb <= found.memory_mb <= 10 * run.memory_mb
    assert run.disk_bytes <= found.peak_disk_bytes <= 10 * run.disk_bytes
    assert run.final_bytes <= found.final_disk_bytes <= 10 * run.final_bytes
    # the kernels are timed briefly, and the machine's load may change between that and the run
    pairs = [(found.seconds, run.seconds)]
    while not any(taken / 3 <= told <= 3 * taken for told, taken in pairs):
        assert len(pairs) < 3, pairs
        told, home = estimate(wanted).seconds, tmp_path / f"again-{len(pairs)}"
        home.mkdir()
        pairs.append((told, Watched(asked(dem, home / "out", kind).to_dict(), home).seconds))


def test_pictures_count(dem, tmp_path):
    wanted = request(dem, tmp_path / "out", solar=QUICK)
    drawn = estimate(replace(wanted, pictures=True))
    assert drawn.final_disk_bytes > estimate(wanted).final_disk_bytes


def test_the_tiles_and_processes_are_those_of_the_machine(dem, tmp_path, monkeypatch):
    wanted = request(dem, tmp_path / "out", solar=QUICK, tile_cells=64, threads=2)
    found = estimate(wanted)
    assert (found.processes, found.threads, found.tile_rows) == (2, 1, 64)
    monkeypatch.setattr(staffing, "available_memory_bytes", lambda: 2**20)
    with pytest.raises(ResourceError, match="use a smaller tile_cells") as caught:
        estimate(wanted)
    assert caught.value.field == "tile_cells"


def test_what_the_headers_tell_is_refused(dem, tmp_path):
    with pytest.raises(InputError):
        estimate(request(tmp_path / "absent.tif", tmp_path / "out"))
    with pytest.raises(ArgumentError, match="folder of the maps"):
        estimate(request(dem, dem.parent))
    assert not (tmp_path / "out").exists()


def test_the_command_prints_it_and_writes_nothing(dem, tmp_path):
    options = (dem, "-o", tmp_path / "out", "--days", "172", "--directions", "8", "--estimate")
    told = eemt_run(*options)
    assert told.returncode == 0, told.stderr
    assert "300 x 340" in told.stdout
    document = json.loads(eemt_run(*options, "--json").stdout)
    assert (document["rows"], document["cols"], document["tiles"]) == (300, 340, 1)
    assert document["basis"]
    assert list(tmp_path.iterdir()) == []
    assert "--json is for --estimate" in eemt_run(dem, "-o", tmp_path, "--json").stderr
    assert any(p.name == "estimate" for p in eemt_run_command.params)


def test_a_large_dem_is_not_read(tmp_path):
    path, shape = tmp_path / "large.tif", (8000, 10_000)
    size = {"height": shape[0], "width": shape[1], "count": 1, "dtype": "float32"}
    place = {"crs": "EPSG:32613", "transform": rasterio.Affine(10, 0, 5e5, 0, -10, 4.5e6)}
    with rasterio.open(path, "w", driver="GTiff", tiled=True, SPARSE_OK=True, **size, **place):
        pass
    tracemalloc.start()
    try:
        found = estimate(request(path, tmp_path / "out", days=ALL_DAYS, solar=QUICK))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.cells == shape[0] * shape[1]
    assert peak_bytes < 4 * found.cells / 4  # a quarter of its cells
    assert [p.name for p in tmp_path.iterdir()] == ["large.tif"]


def test_an_estimate_for_workers_elsewhere_gives_no_time(dem, tmp_path):
    from eemt_core import ClusterRequest

    found = estimate(request(dem, tmp_path / "out", solar=QUICK, cluster=ClusterRequest()))
    assert found.seconds is None
    assert found.core_seconds > 0
    assert np.isfinite(found.core_seconds)


def test_the_demonstrations_dem_is_not_written_to_out(tmp_path):
    write_demo(tmp_path / "own.tif")  # it can be written here
    estimate(request(None, tmp_path / "out", solar=QUICK))
    assert [path.name for path in tmp_path.iterdir()] == ["own.tif"]
