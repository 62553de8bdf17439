"""What tasks say of their time is learned from the tiles that are done."""

from eemt_core.engines.local import LocalEngine
from eemt_core.grids.tiling import Tiling
from eemt_core.manager.schedule.expected_time import ExpectedTime
from eemt_core.manager.schedule.speculation import Speculation
from eemt_core.manager.schedule.work_items import Attempt, WorkItem
from eemt_core.tiles.task import Resources


def test_a_time_is_told_when_three_tiles_are_done_with_half_as_much_again(tmp_path):
    items = [WorkItem(tile, Resources(1, 100, 10)) for tile in Tiling(64, 192, 64)]
    speculation, engine = Speculation(), LocalEngine(1)
    try:
        time = ExpectedTime(engine, speculation)
        cells = items[0].tile.core.cells
        items[1].attempts["a"] = Attempt("a", tmp_path, 1)
        for seconds in (7.0, 10.0):
            speculation.learn(cells, seconds)
        assert [time.of(items[0]), time.unsaid(items)] == [0, []]
        speculation.learn(cells, 12.0)
        assert time.of(items[0]) == 15
        # of those that wait in the engine without one, not of those that run
        assert time.unsaid(items) == [items[1]]
        items[1].attempts["a"].started = 1.0
        assert time.unsaid(items) == []
    finally:
        engine.close()
