"""A run that is told to stop when it is about to do something else is stopped all the same."""

from dataclasses import replace

import pytest

from eemt_core import quicklook
from eemt_core.engines.base import Completion
from eemt_core.engines.local import LocalEngine
from eemt_core.journal import read_status
from eemt_core.manager.reporter import Silent
from eemt_core.manager.run import run
from eemt_core.manager.stop import Stop
from interrupting import finished_tiles
from runs import QUICK_SUN, maps_of, mountains, request, write_dem

pytestmark = pytest.mark.slow

TILES = 4


@pytest.fixture
def asked(tmp_path):
    dem = write_dem(tmp_path / "dem.tif", mountains((100, 120)))
    return request(dem, tmp_path / "out", solar=QUICK_SUN, tile_cells=64)


def test_while_the_last_tile_ends(asked):
    stop = Stop()

    class ToldAtTheEnd(LocalEngine):
        done = 0

        def wait(self, timeout_s):
            events = super().wait(timeout_s)
            self.done += sum(isinstance(e, Completion) and "tile" in e.name for e in events)
            if self.done == TILES:
                assert stop.ask()  # so nobody else need interrupt the run
            return events

    with pytest.raises(KeyboardInterrupt):
        run(asked, Silent(), ToldAtTheEnd, stop)
    assert len(finished_tiles(asked.out)) == TILES
    assert maps_of(asked.out) == {}
    assert read_status(asked.out).run.state == "interrupted"


def test_while_what_draws_pictures_is_loaded(asked, monkeypatch):
    """A compiled module that is interrupted while it is loaded raises an error of its own."""
    stop = Stop()

    def draws(*_):
        assert not stop.ask()
        raise ImportError("initialization failed")

    monkeypatch.setattr(quicklook, "draw_run", draws)
    with pytest.raises(KeyboardInterrupt):
        run(replace(asked, pictures=True), Silent(), stop=stop)
    assert read_status(asked.out).run.state == "interrupted"
