"""Maps are being placed when the user interrupts, or when a tile's result proves to be a lie."""

import json
import random
import shutil
import signal
from dataclasses import replace

import pytest
from isal import isal_zlib

from decoded import opened
from eemt_core.engines.base import Completion
from eemt_core.engines.local import LocalEngine
from eemt_core.errors import InputError
from eemt_core.files import xxh3_file
from eemt_core.journal import read_status
from eemt_core.manager.reporter import Silent
from eemt_core.manager.run import run
from eemt_core.manager.schedule import verify
from eemt_core.tiles.contract import BLOCKS_FILE, RESULT_FILE
from interrupting import finished_tiles
from lies import with_cell
from runs import (
    QUICK_SUN,
    assert_same_files,
    eemt_run,
    files_of,
    maps_of,
    mountains,
    request,
    start_eemt_run,
    write_dem,
)

pytestmark = pytest.mark.slow

LIAR, CELL, LIE = "tile-000002", (7, 9), 1.25


@pytest.fixture(scope="module")
def long_dem(tmp_path_factory):
    """A DEM whose overviews span tiles."""
    return write_dem(tmp_path_factory.mktemp("long") / "dem.tif", mountains((40, 1101)))


@pytest.fixture(scope="module")
def honest(long_dem, tmp_path_factory):
    """Maps of tiles that were all computed as they should."""
    out = tmp_path_factory.mktemp("honest") / "out"
    run(request(long_dem, out, solar=QUICK_SUN, tile_cells=192), Silent())
    return out


def noise(content):
    return random.Random(3).randbytes(len(content))


def of_another_size(content):
    packed = isal_zlib.compress(bytes(7), 2)
    return packed + bytes(len(content) - len(packed))


def that_grows(content):
    """What unpacks to a thousand times as much."""
    packed = isal_zlib.compress(bytes(len(content) * 500), 2)
    assert len(packed) < len(content)
    return packed + bytes(len(content) - len(packed))


class Dishonest(LocalEngine):
    """An engine whose worker changes a result before it sends it: one of its cells and a share."""

    spoilt = staticmethod(noise)

    def submit(self, task):
        if task.name.startswith(LIAR):
            self.folder = task.folder
        super().submit(task)

    def wait(self, timeout_s):
        events = super().wait(timeout_s)
        for event in events:
            if isinstance(event, Completion) and event.name.startswith(LIAR):
                with_cell(self.folder, "slope", CELL, LIE)
                self._spoil_share("flat_total")
        return events

    def _spoil_share(self, name):
        with opened(self.folder) as (_, index):
            name = next(array for array in index.layout.layers if array.endswith(name))
            layer = None if index.layout.layers[name] is None else 0
            offset, length = index.record(name, layer).share
        file = self.folder / BLOCKS_FILE
        with file.open("r+b") as content:
            content.seek(offset)
            share = content.read(length)
            content.seek(offset)
            content.write(self.spoilt(share))
        document = json.loads((self.folder / RESULT_FILE).read_text())
        document["encoded"]["xxh3"] = xxh3_file(file)
        (self.folder / RESULT_FILE).write_text(json.dumps(document))


@pytest.mark.parametrize("spoilt", [noise, of_another_size, that_grows])
def test_a_share_that_cannot_be_decoded_ends_the_run_and_its_tile_is_computed_again(
    long_dem, honest, tmp_path, monkeypatch, spoilt
):
    asked = request(long_dem, tmp_path / "out", solar=QUICK_SUN, tile_cells=192, threads=1)
    # one block of each result is looked at; the liar is lucky, for it is never the share
    monkeypatch.setattr(verify.secrets, "randbelow", lambda _: 0)
    monkeypatch.setattr(Dishonest, "spoilt", staticmethod(spoilt))
    sentence = rf"{LIAR}/{BLOCKS_FILE}: a block is damaged.* resume .*computes its tile again"
    with pytest.raises(InputError, match=sentence) as raised:
        run(asked, Silent(), Dishonest)
    assert "\n" not in raised.value.sentence
    status = read_status(asked.out).run
    assert (status.state, status.message) == ("failed", raised.value.sentence)
    # a map that was placed before has the cell that nobody can know to be a lie
    assert maps_of(asked.out)["slope.tif"][CELL[0], 2 * 192 + CELL[1]] == LIE
    assert len(files_of(asked.out)) < len(files_of(honest))  # no other is begun after that
    assert len(finished_tiles(asked.out)) == 5
    assert LIAR not in finished_tiles(asked.out)

    run(replace(asked, resume=True), Silent())
    assert_same_files(honest, asked.out)


SHORT = (
    "--days", "15,20,172", "--step", "60", "--directions", "8", "--daily", "--no-pictures",
    "--tile-size", "192",
)  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(long_dem, tmp_path_factory):
    """The files of a run that nobody interrupts."""
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    done = eemt_run(long_dem, "-o", out, *SHORT)
    assert done.returncode == 0, done.stderr
    return files_of(out)


@pytest.mark.parametrize("seed", range(3))
def test_ctrl_c_while_maps_are_placed_leaves_whole_maps_and_resume_the_others(
    long_dem, undisturbed, tmp_path, seed
):
    out, count = tmp_path / "out", random.Random(seed).randrange(1, 8)
    options = (long_dem, "-o", out, *SHORT)
    for _ in range(20):
        process = start_eemt_run(*options)
        while len(files_of(out)) < count and process.poll() is None:
            pass
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        if process.returncode != 0 and len(files_of(out)) < len(undisturbed):
            break
        shutil.rmtree(out)  # on a busy machine it may place all of them before it is seen
    assert process.returncode == 130, errors
    assert errors.endswith("Interrupted. Finished tiles are kept: --resume continues.\n")
    assert "Traceback" not in errors
    assert read_status(out).run.state == "interrupted"
    assert len(finished_tiles(out)) == 6
    assert not [path for path in out.glob("**/.*") if path.name != ".eemt"]
    placed = files_of(out)
    assert count <= len(placed) < len(undisturbed)
    assert placed.items() <= undisturbed.items()

    resumed = eemt_run(*options, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert read_status(out).tile_counts.from_earlier == 6
    assert files_of(out) == undisturbed
