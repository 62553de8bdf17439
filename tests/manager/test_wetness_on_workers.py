"""A worker's wetness index counts if it can be true; what fails there costs only time."""

import shutil
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from climate_files import STATION
from eemt_core.engines.base import Completion, Pool
from eemt_core.engines.local import LocalEngine
from eemt_core.grids import pyramid
from eemt_core.manager.folder import OutFolder
from eemt_core.manager.inputs.tile_inputs import TileInputs
from eemt_core.manager.inputs.wetness import (
    WetnessTask,
    read_wetness_result,
    wetness_need,
    write_wetness_task,
)
from eemt_core.manager.plan.encoding import wetness_encoding
from eemt_core.manager.plan.plan import make_plan
from eemt_core.manager.reporter import Silent
from eemt_core.manager.request import EnergyRequest
from eemt_core.manager.schedule import wetness_on_workers
from eemt_core.manager.schedule.messages import Messages
from eemt_core.manager.schedule.reputation import WorkerReputation
from eemt_core.manager.schedule.wetness_check import check_wetness
from eemt_core.manager.schedule.wetness_on_workers import WetnessOnWorkers
from eemt_core.rasters import read_window
from eemt_core.tiles import compute
from eemt_core.tiles.contract import ARRAYS_FILE, BLOCKS_FILE, RESULT_FILE
from eemt_core.tiles.result import InvalidResultError
from lies import with_cell
from runs import mountains_with_gaps, request, write_dem

pytestmark = pytest.mark.slow


class Told(Silent):
    """A reporter that remembers."""

    def __init__(self):
        self.sentences = []

    def detail(self, sentence):
        self.sentences.append(sentence)


class Work:
    """A real plan whose tiles need the index, and a folder with its task done."""

    def __init__(self, folder):
        dem = write_dem(folder / "dem.tif", mountains_with_gaps((192, 128)))
        climate = folder / "station.toml"
        climate.write_text(STATION)
        self.out = OutFolder(folder / "out")
        self.out.open(overwrite=False, resume=False)
        self.out.make_folders()
        energy = EnergyRequest(climate=climate, variants=("topo",))
        asked = request(dem, folder / "out", tile_cells=128, energy=energy)
        self.plan = make_plan(asked, self.out, Silent())
        assert self.plan.wetness.is_needed
        self.coarse = pyramid.build(
            lambda window: read_window(dem, *window.numbers),
            *self.plan.grid.shape,
            cell_size_m=self.plan.grid.cell_size_m,
            levels=0,
            folder=folder / "pyramid",
        )
        self.done = folder / "done"
        plan, need = self.plan, wetness_need(self.plan.wetness, 1)
        self.encoding = wetness_encoding(plan.pyramid, plan.codec)
        write_wetness_task(plan.wetness, self.done, need, plan.instruction_set, self.encoding)
        compute.run(self.done)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    made = Work(tmp_path_factory.mktemp("wetness"))
    yield made
    made.out.close()


@pytest.fixture
def result(work, tmp_path):
    """A copy of the task's folder, to do harm to."""
    return shutil.copytree(work.done, tmp_path / "task")


def test_the_tasks_own_result_counts(work, result):
    check_wetness(result, work.plan)


def change_byte(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", [BLOCKS_FILE, ARRAYS_FILE])
@pytest.mark.parametrize("place", [0, -1])
def test_a_changed_byte_is_found(work, result, name, place):
    change_byte(result / name, place)
    with pytest.raises(InvalidResultError, match="damaged"):
        check_wetness(result, work.plan)


@pytest.mark.parametrize("name", [BLOCKS_FILE, ARRAYS_FILE, RESULT_FILE])
def test_a_missing_file_is_found(work, result, name):
    (result / name).unlink()
    with pytest.raises(InvalidResultError, match="damaged"):
        check_wetness(result, work.plan)


@pytest.mark.parametrize(
    ("cell", "value", "why"),
    [
        ((100, 100), 1e6, "holds 1e"),
        ((100, 100), np.nan, "lacks a value in 1 cells"),
        ((20, 20), 5.0, "values in 1 cells without ground"),
    ],
)
def test_values_that_cannot_be_are_found(work, result, cell, value, why):
    with_cell(result, "twi", cell, np.float32(value))
    with pytest.raises(InvalidResultError, match=why):
        check_wetness(result, work.plan)


@pytest.mark.parametrize(
    ("cell", "value", "why"),
    [
        ((100, 100), 1e6, "values that cannot be"),
        ((100, 100), np.inf, "values that cannot be"),
        ((100, 100), np.nan, "elsewhere than the DEM"),
        ((20, 20), 5.0, "elsewhere than the DEM"),
    ],
)
def test_so_are_those_of_the_array_that_tiles_are_cut_from(work, result, cell, value, why):
    place = read_wetness_result(result).arrays["twi"]
    cells = np.memmap(result / ARRAYS_FILE, "<f4", "r+", place.place.offset, place.place.shape)
    cells[cell] = value
    cells.flush()
    text = (result / RESULT_FILE).read_text()
    (result / RESULT_FILE).write_text(text.replace(place.sha256, place.place.sha256(result)))
    with pytest.raises(InvalidResultError, match=why):
        check_wetness(result, work.plan)


class Workers(LocalEngine):
    """Workers who do to a task's result what they like; none are connected if `harm` is None.

    The first `unfit` of them are of no use to any task.
    """

    def __init__(self, harm, unfit=0):
        super().__init__(1)
        self.harm, self.unfit, self.submitted = harm, unfit, []

    @property
    def pool(self):
        return Pool(()) if self.harm is None else super().pool

    def submit(self, task):
        self.submitted.append(task)
        if self.harm is not None:
            super().submit(task)

    def wait(self, timeout_s):
        events = super().wait(timeout_s)
        for event in events:
            if isinstance(event, Completion) and event.name.startswith("wetness."):
                self.harm(self.submitted[-1].folder)
                if len(self.submitted) <= self.unfit:
                    why = {"exit_code": 1, "message": "too old", "is_worker_unfit": True}
                    events = [replace(event, **why)]
        return events


def carried_out(work, engine, folder, **options):
    """Let the engine compute the index, or this machine; return it and what was told."""
    told = Told()
    for name in ("attempts", "here"):
        (folder / name).mkdir(parents=True)
    plan = work.plan
    with (
        closing(TileInputs(plan, work.coarse)) as inputs,
        closing(engine),
        closing(LocalEngine(1)) as here,
        work.out.open_journal(anew=True) as journal,
    ):
        journal.begin_run("", "", {}, plan.instruction_set, "local", "", 1, (), "2026-11-27")

        def begin():
            place = folder / "here" / "wetness"
            return WetnessTask(plan.wetness, place, here, 1, plan.instruction_set, work.encoding)

        wetness = WetnessOnWorkers(
            inputs, engine, folder / "attempts", folder / "kept", 1, begin, told, journal,
            here_alone=True,
        )  # fmt: skip
        reputation, messages = WorkerReputation(engine), Messages(journal, told)
        while not wetness.is_done:
            assert inputs.wetness is None
            assert wetness.tiles_wait
            for event in engine.wait(0.1):
                if hasattr(event, "name"):
                    assert wetness.handles(event, reputation, messages)
            wetness.turn(0, options.get("waiting", 1))
        assert not wetness.tiles_wait
        return inputs.wetness, told.sentences


@pytest.fixture(scope="module")
def right(work):
    return np.fromfile(work.done / ARRAYS_FILE, "<f4", count=192 * 128)


def same(found, right, work):
    whole = found.layer.cut(next(iter(work.plan.tiling)).core)
    there = right.reshape(192, 128)[: whole.shape[0], : whole.shape[1]]
    return np.array_equal(whole, there, equal_nan=True)


def test_a_good_result_is_taken_and_kept(work, right, tmp_path):
    engine = Workers(lambda folder: None)
    found, told = carried_out(work, engine, tmp_path)
    assert same(found, right, work)
    assert len(engine.submitted) == 1
    assert "was computed on" in told[-1]
    assert not list((tmp_path / "attempts").iterdir())
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == sorted(
        [ARRAYS_FILE, BLOCKS_FILE, RESULT_FILE, "task.json"]
    )


def test_damage_is_tried_again_with_another_worker(work, right, tmp_path):
    left = [True]

    def harm_once(folder):
        if left.pop() if left else False:
            change_byte(folder / BLOCKS_FILE, 0)

    engine = Workers(harm_once)
    found, told = carried_out(work, engine, tmp_path)
    assert same(found, right, work)
    first, second = engine.submitted
    assert not first.avoid
    assert len(second.avoid) == 1
    assert any("is damaged); trying it again." in sentence for sentence in told)


def test_workers_of_no_use_are_no_failures_of_it(work, right, tmp_path):
    engine = Workers(lambda folder: None, unfit=4)
    found, told = carried_out(work, engine, tmp_path)
    assert same(found, right, work)
    assert len(engine.submitted) == 5
    assert not any("failed" in sentence for sentence in told)
    assert "was computed on" in told[-1]


def test_after_three_failures_this_machine_computes_it(work, right, tmp_path):
    engine = Workers(lambda folder: change_byte(folder / ARRAYS_FILE, 0))
    found, told = carried_out(work, engine, tmp_path)
    assert same(found, right, work)
    assert len(engine.submitted) == 3
    assert told[-1] == "This machine computes the wetness index itself: its result is damaged."


def test_when_nobody_is_left_after_the_tiles_this_machine_computes_it(
    work, right, tmp_path, monkeypatch
):
    monkeypatch.setattr(wetness_on_workers, "_NOBODY_S", 0.5)
    found, told = carried_out(work, Workers(None), tmp_path, waiting=0)
    assert same(found, right, work)
    assert told[-1] == "This machine computes the wetness index itself: no worker is connected."
