"""Maps are kept open, no more than may be, and read anew when their file is another."""

import threading

import numpy as np
import pytest
import rasterio

from eemt_core.web.maps import readers as module
from eemt_core.web.maps.readers import Readers
from geotiffs import write_geotiff


@pytest.fixture
def maps(tmp_path):
    """Five maps, each of one value."""
    return [write_geotiff(tmp_path / f"{n}.tif", np.full((4, 4), n, np.float32)) for n in range(5)]


def value(readers, path):
    with readers.reading(path) as reader:
        return float(reader.dataset.read(1)[0, 0])


def test_no_more_than_so_many_are_open(maps):
    readers = Readers(most_open=3)
    for _ in range(2):
        assert [value(readers, path) for path in maps] == [0, 1, 2, 3, 4]
        assert len(readers) == 3
    readers.close()
    assert len(readers) == 0


def test_threads_that_crowd_each_other_out_read_the_right_maps(maps):
    readers, wrong = Readers(most_open=2), []

    def work(seed):
        for n in np.random.default_rng(seed).integers(0, 5, 200):
            if value(readers, maps[n]) != n:
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    readers.close()


def test_a_map_that_is_replaced_is_read_anew(maps):
    readers = Readers()
    before = value(readers, maps[0]), readers.checksum(maps[0])
    maps[4].replace(maps[0])
    assert (value(readers, maps[0]), readers.checksum(maps[0])) == (4.0, readers.checksum(maps[0]))
    assert readers.checksum(maps[0]) != before[1]
    readers.close()


def test_maps_of_a_folder_that_is_about_to_go_are_not_opened_again(maps, tmp_path):
    readers = Readers()
    assert value(readers, maps[0]) == 0
    readers.forget(tmp_path)
    assert len(readers) == 0
    with pytest.raises(FileNotFoundError), readers.reading(maps[0]):
        pass
    readers.close()


def test_a_checksum_is_worked_out_once(maps, monkeypatch):
    counted = []

    def count(path):
        counted.append(path)
        return "sum"

    monkeypatch.setattr(module, "sha256_file", count)
    readers = Readers()
    assert {readers.checksum(maps[1]) for _ in range(5)} == {"sum"}
    assert counted == [maps[1]]


def test_only_geotiffs_are_opened(tmp_path):
    path = tmp_path / "x.tif"
    path.write_text('<VRTDataset rasterXSize="1" rasterYSize="1"/>')
    readers = Readers()
    with pytest.raises(rasterio.errors.RasterioIOError), readers.reading(path):
        pass
    readers.close()
