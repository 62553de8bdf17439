"""The page on operations is followed: a run that was copied while it went on ends elsewhere."""

import shutil
import subprocess

import pytest

from clusters import SHORT, wait_for
from eemt_core.errors import InputError
from eemt_core.journal import JOURNAL_FILE, read_status
from pages import DOCS, blocks
from runs import assert_same_maps, eemt_run, start_eemt_run
from stopped_tasks import one_stopped, tasks_below

PAGE = DOCS / "deploy" / "operations.md"


def follow(words, **places):
    """Run the block of the page that has these words, with other places in it."""
    [text] = [block.text for block in blocks(PAGE) if words in block.text]
    for old, new in places.items():
        text = text.replace(f"/{old}", str(new))
    subprocess.run(["sh", "-e", "-c", text], check=True, timeout=120)


def tiles_done(out):
    try:
        return read_status(out).tile_counts.done
    except InputError:  # it has not begun
        return 0


@pytest.fixture(scope="module")
def copied(dem, tmp_path_factory):
    """A finished run, and a copy of it that was made when some of its tiles were done."""
    folder = tmp_path_factory.mktemp("copied")
    out, backup = folder / "eemt" / "canyon", folder / "backup"
    out.parent.mkdir()
    with start_eemt_run(dem, "-o", out, *SHORT, "--threads", 2) as run:
        # the other one goes on with its tiles
        with one_stopped(lambda: tasks_below(out)):
            wait_for(lambda: tiles_done(out) >= 2, what="tiles")
            follow("sqlite3", backup=backup, srv=folder)
            assert read_status(out).run.state == "running"
            follow("sqlite3", backup=backup, srv=folder)  # a second time, over the first
        run.communicate(timeout=120)
    assert run.returncode == 0
    return out, backup / "canyon"


def test_a_copy_goes_on_elsewhere_to_the_same_maps(copied, dem, tmp_path):
    out, backup = copied
    # the journal is copied first, so there may be tiles of which it does not know yet
    copied_tiles = len(list((backup / ".eemt" / "tiles").iterdir()))
    assert 2 <= tiles_done(backup) <= copied_tiles <= 8
    assert read_status(backup).run.state == "killed"
    shutil.copy(dem, tmp_path / "canyon.tif")
    shutil.copytree(backup, tmp_path / "canyon")
    resumed = eemt_run(tmp_path / "canyon.tif", "-o", tmp_path / "canyon", *SHORT, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    status = read_status(tmp_path / "canyon")
    assert (status.run.number, status.tile_counts.from_earlier) == (2, copied_tiles)
    assert_same_maps(out, tmp_path / "canyon")


@pytest.mark.parametrize("harm", ["no journal", "a tile cut short"])
def test_a_bad_copy_costs_time_and_no_correctness(copied, dem, tmp_path, harm):
    out, backup = copied
    shutil.copytree(backup, tmp_path / "canyon")
    tiles = sorted((tmp_path / "canyon" / ".eemt" / "tiles").iterdir())
    if harm == "no journal":
        (tmp_path / "canyon" / JOURNAL_FILE).unlink()
    else:
        with (tiles[0] / "results.blocks").open("r+b") as file:
            file.truncate(100)
    resumed = eemt_run(dem, "-o", tmp_path / "canyon", *SHORT, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    kept = len(tiles) - (harm != "no journal")
    assert read_status(tmp_path / "canyon").tile_counts.from_earlier == kept
    assert_same_maps(out, tmp_path / "canyon")
