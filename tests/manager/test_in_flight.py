"""Tasks are written once, however often they are given to the engine before they begin."""

from contextlib import closing

import pytest

from eemt_core.engines.base import Completion
from eemt_core.engines.local import LocalEngine
from eemt_core.grids import pyramid
from eemt_core.journal import Journal, TilePlan
from eemt_core.manager.folder import OutFolder
from eemt_core.manager.inputs.tile_inputs import TileInputs
from eemt_core.manager.plan.plan import make_plan
from eemt_core.manager.reporter import Silent
from eemt_core.manager.schedule.in_flight import InFlight
from eemt_core.manager.schedule.work_items import WorkItem
from eemt_core.rasters import read_window
from eemt_core.tiles.contract import BLOCKS_FILE, RESULT_FILE
from eemt_core.tiles.task import Resources
from runs import mountains, request, write_dem


@pytest.fixture
def work(tmp_path):
    """Two real tiles, with an engine that runs one at a time."""
    dem = write_dem(tmp_path / "dem.tif", mountains((64, 128)))
    out = OutFolder(tmp_path / "out")
    out.open(overwrite=False, resume=False)
    out.make_folders()
    asked = request(dem, tmp_path / "out", days=(172,), tile_cells=64, halo_cells=64)
    plan = make_plan(asked, out, Silent())
    coarse = pyramid.build(
        lambda window: read_window(dem, *window.numbers),
        *plan.grid.shape,
        cell_size_m=plan.grid.cell_size_m,
        levels=plan.far_levels,
        folder=out.work / "pyramid",
    )
    tiles = [TilePlan(t.index, t.name, t.core.cells, 1.0, *t.core.numbers) for t in plan.tiling]
    engine = LocalEngine(1)
    with (
        closing(TileInputs(plan, coarse)) as inputs,
        closing(engine),
        Journal.create(tmp_path / "journal.sqlite") as journal,
    ):
        started = "2026-11-27T00:00:00+00:00"
        journal.begin_run("", "", plan.fingerprint, "v3", "local", "", 1, tiles, started)
        yield InFlight(inputs, engine, out, journal), list(plan.tiling), engine, journal
    out.close()


def files(folder):
    """Return the files of a folder, and when each was made and written."""
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.iterdir()
        if path.name not in (RESULT_FILE, BLOCKS_FILE, "log.txt")
    }


def test_a_task_that_waits_is_given_anew_with_the_files_that_are_there(work):
    in_flight, (first, second), engine, journal = work
    need = Resources(1, 1000, 100)
    waits = WorkItem(second, need)
    in_flight.submit(WorkItem(first, need))
    in_flight.submit(waits)
    [before] = waits.attempts.values()
    written = files(before.folder)
    assert {"task.json", "dem.arrays", "geometry.arrays", "far.arrays"} == set(written)
    in_flight.expected_s = lambda item: 7
    in_flight.submit_anew(waits)
    [after] = waits.attempts.values()
    assert (after.folder, after.journal_id) == (before.folder, before.journal_id)
    assert after.name != before.name
    assert (before.expected_s, after.expected_s) == (0, 7)
    assert files(after.folder) == written
    assert in_flight.find(before.name) is None
    assert in_flight.find(after.name) == (waits, after)
    ended = {}
    while len(ended) < 2:
        for event in engine.wait(60.0):
            if isinstance(event, Completion):
                ended[event.name] = event.exit_code
    # nothing came of the first submission, and the second found all its files
    assert ended == {f"{first.name}.1": 0, after.name: 0}
    assert (after.folder / BLOCKS_FILE).is_file()
    assert journal.results() == {}
    assert len(list(in_flight.folder.attempts.iterdir())) == 2
    in_flight.remove_files(after)
    assert not after.folder.exists()
