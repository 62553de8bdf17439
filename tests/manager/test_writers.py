"""Maps written by several processes: same bytes, one error, no files left after a failure."""

from dataclasses import replace

import numpy as np
import pytest

from eemt_core.errors import ArgumentError, EemtError
from eemt_core.grids.grid import Grid
from eemt_core.manager.maps import writers
from eemt_core.manager.maps.writers import MapBlock, MapJob, write_all
from eemt_core.tiles.array_file import append_array

GRID = Grid(70, 90, 500_000.0, 4_000_000.0, 10.0, 10.0, 1.0, "")


@pytest.fixture
def layers(tmp_path):
    """Three layers of the grid's cells, behind something else in their file."""
    path = tmp_path / "layers"
    append_array(path, (5, 7))
    place, cells = append_array(path, (3, 70, 90))
    cells[...] = np.random.default_rng(0).normal(size=(3, 70, 90))
    cells.flush()
    return replace(place, file=str(path))


def jobs(folder, layers, grids=(GRID, GRID, GRID)):
    (folder / "maps").mkdir(parents=True, exist_ok=True)
    for n, grid in enumerate(grids):
        blocks = (
            MapBlock(0, 0, layers, n % 3, (0, 40)),
            MapBlock(40, 0, layers, n % 3, (40, 70)),
        )
        yield MapJob(str(folder / f"maps/{n}.tif"), grid, blocks, 0.5, f"map {n}", "m", {"A": "b"})


def test_any_number_of_processes_writes_the_same_files(layers, tmp_path):
    found = []
    for processes in (1, 2, 3):
        folder, told = tmp_path / str(processes), []
        write_all(jobs(folder, layers), 3, processes, told.append)
        assert told == sorted(told)
        found.append({p.name: p.read_bytes() for p in (folder / "maps").iterdir()})
    assert sorted(found[0]) == ["0.tif", "1.tif", "2.tif"]
    assert found[0] == found[1] == found[2]


def test_a_block_is_multiplied_in_double_precision(layers):
    values = layers.load()[1, 10:20]
    cells = MapBlock(10, 0, layers, 1, (10, 20)).cells(1 / 31)
    np.testing.assert_array_equal(cells, (values.astype(np.float64) * (1 / 31)).astype(np.float32))


@pytest.mark.parametrize("processes", [1, 2])
def test_the_first_error_ends_it_and_leaves_whole_maps_alone(layers, tmp_path, processes):
    small = Grid(60, 90, 500_000.0, 4_000_000.0, 10.0, 10.0, 1.0, "")
    with pytest.raises(ArgumentError, match="reaches beyond the map"):
        write_all(jobs(tmp_path, layers, (small, *[GRID] * 40)), 41, processes, lambda _: None)
    names = [path.name for path in (tmp_path / "maps").iterdir()]
    assert all(not name.startswith(".") for name in names)
    assert "0.tif" not in names


def test_a_helper_that_dies_is_an_error(layers, tmp_path, monkeypatch):
    monkeypatch.setattr(writers.sys, "executable", "/bin/true")
    with pytest.raises(EemtError, match="has died"):
        write_all(jobs(tmp_path, layers, [GRID] * 200), 200, 2, lambda _: None)


def test_what_goes_wrong_in_making_a_job_is_not_lost(layers, tmp_path):
    def faulty():
        yield from jobs(tmp_path, layers)
        raise KeyError("no such tile")

    with pytest.raises(KeyError, match="no such tile"):
        write_all(faulty(), 4, 2, lambda _: None)
    assert len(list((tmp_path / "maps").iterdir())) == 3
