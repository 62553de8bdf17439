"""The folder that tiles are exported into: what is written there, and what is left alone."""

import shutil
import signal
import subprocess
import time

import pytest

from eemt_core.errors import ArgumentError, InputError
from eemt_core.manager.export import export_tiles
from eemt_core.manager.folder import OutFolder
from eemt_core.manager.reporter import Silent
from exported_tiles import asked, contents
from runs import PROGRAM, mountains, start_eemt_run, write_dem

pytestmark = pytest.mark.slow

EXPORT = {"export.json", "results", "tiles", "tiles.txt", "wetness"}


def names(folder):
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(("out", "folder"), [("a", "a"), ("a", "a/tiles"), ("a/out", "a")])
def test_tiles_and_maps_do_not_lie_within_each_other(out, folder, four_tiles, tmp_path):
    with pytest.raises(ArgumentError, match="lie within each other"):
        export_tiles(asked(four_tiles, tmp_path / out), tmp_path / folder, Silent())
    assert names(tmp_path) == set()


def test_an_export_stays_within_a_folder_that_was_given(four_tiles, tmp_path):
    # it may be a mount point, and the only place where its owner may write
    (folder := tmp_path / "mine").mkdir()
    (tmp_path / "link").symlink_to(folder)
    before = folder.stat().st_ino
    export_tiles(asked(four_tiles, tmp_path / "out"), tmp_path / "link", Silent())
    assert names(folder) == EXPORT
    assert folder.stat().st_ino == before
    assert names(tmp_path) == {"mine", "link"}


def test_a_new_export_replaces_the_old_one_alone(four_tiles, computed, tmp_path):
    (computed / "slurm-17.out").write_text("mine")
    (computed / "missing.txt").write_text("tile-000001\n")
    asked_again = asked(four_tiles, tmp_path / "out", days=(3,), overwrite=True)
    export_tiles(asked_again, computed, Silent())
    assert names(computed) == EXPORT | {"slurm-17.out"}
    assert names(computed / "results") == set()
    assert '"days": [\n    3\n' in (computed / "export.json").read_text()


def test_what_is_no_export_is_left_alone(four_tiles, tmp_path):
    (folder := tmp_path / "mine").mkdir()
    (folder / "tiles.txt").write_text("of something else\n")
    request = asked(four_tiles, tmp_path / "out", overwrite=True)
    with pytest.raises(ArgumentError, match="is not empty: give another folder"):
        export_tiles(request, folder, Silent())
    with pytest.raises(ArgumentError, match="is a file: give another folder"):
        export_tiles(request, folder / "tiles.txt", Silent())
    assert contents(tmp_path) == {"mine/tiles.txt": b"of something else\n"}


def test_one_export_at_a_time(four_tiles, tmp_path):
    request, folder = asked(four_tiles, tmp_path / "out"), tmp_path / "tiles"
    other = OutFolder(folder / ".export")
    other.open(overwrite=False, resume=False)
    try:
        with pytest.raises(ArgumentError, match="tiles is in use by another run"):
            export_tiles(request, folder, Silent())
    finally:
        other.close()
    export_tiles(request, folder, Silent())
    assert names(folder) == EXPORT


def test_an_export_that_fails_leaves_nothing(four_tiles, tmp_path):
    request = asked(four_tiles, tmp_path / "out", linke=str(four_tiles))
    with pytest.raises(InputError, match="no Linke turbidity"):
        export_tiles(request, tmp_path / "new" / "tiles", Silent())
    assert names(tmp_path) == set()


def test_a_full_disk_is_told_and_leaves_nothing(four_tiles, their_maps, tmp_path):
    # the terrain that is packed for all tiles is the first file that is longer than that
    folder, twi = tmp_path / "tiles", their_maps / "twi.tif"
    command = [*PROGRAM, four_tiles, "-o", tmp_path / "out", "--twi", twi]
    command += ["--tile-size", "64", "--export-tiles", folder]
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 12; exec "$@"', "bash", *map(str, command)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 4, done.stderr
    assert "chunks cannot be written (File too large)" in done.stderr
    assert "raise the limit of a file's size" in done.stderr
    assert not folder.exists()


def is_at_work(process, work):
    """Whether a process itself has written some tiles into the folder that it works in."""
    try:
        holder = (work / ".eemt" / "lock").read_text().split()[:1]
    except FileNotFoundError:  # none yet, or that of one before it, which it has just removed
        return False
    return holder == [str(process.pid)] and (work / "tiles" / "tile-000009").exists()


def test_an_export_that_is_ended_leaves_nothing_or_what_the_next_one_clears_away(tmp_path):
    dem, folder = write_dem(tmp_path / "dem.tif", mountains((1600, 1600))), tmp_path / "tiles"
    command = (dem, "-o", tmp_path / "out", "--tile-size", "64", "--export-tiles", folder)
    for number in (signal.SIGKILL, signal.SIGTERM):
        process = start_eemt_run(*command)
        deadline = time.monotonic() + 120
        while not is_at_work(process, folder / ".export"):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.002)
        process.send_signal(number)
        _, said = process.communicate(timeout=120)
        assert process.returncode == (143 if number == signal.SIGTERM else -9)
        if number == signal.SIGKILL:
            # nobody takes it for an export, and an empty folder stays empty after the next one
            assert names(folder) == {".export"}
    assert "Terminated. Nothing was exported." in said
    assert names(folder) == set()


def test_an_export_that_was_killed_while_it_replaced_another_is_replaced(
    four_tiles, computed, tmp_path
):
    # it takes the last file away first
    (computed / "export.json").unlink()
    shutil.rmtree(computed / "results")
    (computed / ".export" / ".eemt").mkdir(parents=True)
    request = asked(four_tiles, tmp_path / "out")
    with pytest.raises(ArgumentError, match="holds exported tiles"):
        export_tiles(request, computed, Silent())
    export_tiles(asked(four_tiles, tmp_path / "out", overwrite=True), computed, Silent())
    assert names(computed) == EXPORT
