"""Files on storage that manager and workers share: nothing large travels, and nothing is lost."""

import os
import shlex
import time
from pathlib import Path

import pytest

from clusters import SHORT, manager, own_disk, python_that, wait_for, workers
from eemt_core.errors import InputError
from eemt_core.journal import read_status
from runs import assert_same_maps, eemt_run

pytestmark = pytest.mark.slow

TRAVELS = "by the network from now on"


@pytest.fixture
def shared(tmp_path):
    """A folder that all processes of this machine see."""
    folder = tmp_path / "shared $HOME, 'x"
    folder.mkdir()
    return folder


def test_names_and_checksums_alone_travel(dem, local, tmp_path, shared):
    """The Python of the workers notes which files lie in a task's folder, and how large they are.

    Only what it finds there before the task has travelled to the worker, and only what the queue
    is told to bring back travels from it: the engine fails where such a file is missing.
    """
    listing = tmp_path / "listing"
    env = python_that(
        tmp_path,
        f'(cd tile && stat -c "%n %s" *) >> {listing}\n$real "$@" || exit $?\n'
        "! test -e tile/results.blocks",
    )
    with (
        manager(dem, tmp_path / "out", *SHORT, "--shared-dir", shared) as run,
        workers(run.port(), 2, tmp_path, env=env),
    ):
        run.ends()
    sizes = dict(line.split() for line in listing.read_text().splitlines())
    assert sizes.keys() == {"task.json", "log.txt"}
    assert int(sizes["task.json"]) < 4096
    assert "failed" not in run.said
    assert TRAVELS not in run.said
    assert list(shared.iterdir()) == []
    assert_same_maps(local, tmp_path / "out")


def test_where_no_worker_sees_it_files_travel(dem, local, tmp_path, shared):
    blind = own_disk(shared, "1m", "blind")
    with (
        manager(dem, tmp_path / "out", *SHORT, "--shared-dir", shared) as run,
        workers(run.port(), 2, tmp_path, prefix=blind),
    ):
        run.ends()
    assert run.said.count(TRAVELS) == 1
    assert f"On blind the worker cannot use {shared} as the manager does (No such file" in run.said
    assert "put aside" not in run.said
    assert list(shared.iterdir()) == []
    assert_same_maps(local, tmp_path / "out")
    (event,) = [e for e in read_status(tmp_path / "out").events if e.kind == "shared"]
    assert TRAVELS in event.sentence


def count_running(out):
    """How many tiles run, 0 before the journal begins."""
    try:
        return read_status(out).tile_counts.running
    except InputError:
        return 0


def test_one_worker_of_several_that_does_not_see_it_gets_no_tasks(dem, local, tmp_path, shared):
    go_on = tmp_path / "go-on"
    waits = python_that(tmp_path, f'until test -e {go_on}; do sleep 0.05; done\nexec $real "$@"')
    with manager(dem, tmp_path / "out", *SHORT, "--shared-dir", shared) as run:
        port = run.port()
        with workers(port, 3, tmp_path, env=waits):
            wait_for(lambda: count_running(tmp_path / "out") == 3)
            with workers(port, 1, tmp_path, prefix=own_disk(shared, "1m", "blind")):
                run.hears("blind gets no tasks")
                go_on.touch()
                run.ends()
    assert f"mount {shared} there under this name" in run.said
    assert TRAVELS not in run.said
    assert run.said.count("blind gets no tasks") == 1
    status = read_status(tmp_path / "out")
    # what was on its way to it already: a task for it, and two that are submitted ahead of any need
    assert 1 <= status.attempts.failed <= 3
    assert status.attempts.done == 8
    assert_same_maps(local, tmp_path / "out")


def test_storage_that_may_only_be_read_is_as_good_as_none(dem, local, tmp_path, shared):
    place = shlex.quote(str(shared))
    sealed = f"mount --bind {place} {place} && mount -o remount,ro,bind {place}"
    become = [] if os.geteuid() == 0 else ["--map-root-user"]
    prefix = ["unshare", "--mount", *become, "sh", "-c", f'{sealed} && exec "$@"', "sh"]
    with (
        manager(dem, tmp_path / "out", *SHORT, "--shared-dir", shared) as run,
        workers(run.port(), 1, tmp_path, prefix=prefix),
    ):
        run.ends()
    assert run.said.count(TRAVELS) == 1
    assert "Read-only file system" in run.said
    assert_same_maps(local, tmp_path / "out")


def test_what_a_killed_run_left_there_goes_with_the_next(dem, local, tmp_path, shared):
    out = tmp_path / "out"
    other = shared / "of-others"
    other.mkdir()
    slow = python_that(tmp_path, 'sleep 2\nexec $real "$@"')
    with manager(dem, out, *SHORT, "--shared-dir", shared) as run:
        with workers(run.port(), 1, tmp_path, env=slow):
            run.hears(" done in ")
            run.kill()
        (left,) = shared.glob("eemt-*")
    done = eemt_run(dem, "-o", out, *SHORT, "--resume", "--workers", "2", "--shared-dir", shared)
    assert done.returncode == 0, done.stderr
    assert not left.exists()
    assert list(shared.iterdir()) == [other]
    assert read_status(out).tile_counts.from_earlier >= 1
    assert_same_maps(local, out)


@pytest.mark.parametrize(
    ("size", "who"),
    [("200k", "the worker cannot use"), ("136k", "Nothing can be written to")],
)
def test_where_it_is_full_files_travel(dem, local, tmp_path, shared, size, who):
    """There is room for the DEM and a task's inputs, but not for its results; or for the DEM."""
    out = tmp_path / "out"
    options = (*SHORT, "--workers", "1", "--shared-dir", shared)
    with manager(dem, out, *options, prefix=own_disk(shared, size)) as run:
        run.ends()
    assert run.said.count(TRAVELS) == 1
    assert who in run.said
    assert "o space left on device" in run.said
    assert_same_maps(local, out)


def test_where_the_dem_does_not_fit_the_run_says_so(dem, tmp_path, shared):
    out = tmp_path / "out"
    options = (*SHORT, "--workers", "1", "--shared-dir", shared)
    with manager(dem, out, *options, prefix=own_disk(shared, "64k")) as run:
        run.ends(4)
    assert f"the shared DEM needs about 0.1 MB on the disk of {shared}" in run.said
    assert "give another folder with --shared-dir" in run.said


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_a_folder_that_is_none_is_refused(dem, tmp_path, kind):
    place = tmp_path / kind
    if kind == "file":
        place.touch()
    out = tmp_path / "out"
    done = eemt_run(dem, "-o", out, *SHORT, "--workers", "1", "--shared-dir", place)
    assert done.returncode == 3
    assert f"Error: nothing can be written to {place} (" in done.stderr
    assert "or leave it out" in done.stderr
    assert not out.exists()


def test_a_damaged_dem_there_is_as_good_as_none(dem, local, tmp_path, shared):
    harm = (
        f"for f in {shlex.quote(str(shared))}/eemt-*/dem.blocks; do "
        'printf x | dd of="$f" bs=1 seek=200 conv=notrunc 2>/dev/null; done\nexec $real "$@"'
    )
    with (
        manager(dem, tmp_path / "out", *SHORT, "--shared-dir", shared) as run,
        workers(run.port(), 1, tmp_path, env=python_that(tmp_path, harm)),
    ):
        run.ends()
    assert "dem.blocks is damaged, since a block has another checksum" in run.said
    assert run.said.count(TRAVELS) == 1
    assert list(shared.iterdir()) == []
    assert_same_maps(local, tmp_path / "out")


def test_results_of_another_file_system_are_copied(local, dem, tmp_path):
    """OUT lies on a disk of its own."""
    disk = Path("/dev/shm")
    folder = disk / f"eemt-test-{os.getpid()}-{time.time_ns()}"
    folder.mkdir()
    try:
        assert folder.stat().st_dev != tmp_path.stat().st_dev
        options = ("--workers", "2", "--shared-dir", folder)
        done = eemt_run(dem, "-o", tmp_path / "out", *SHORT, *options)
        assert done.returncode == 0, done.stderr
        assert list(folder.iterdir()) == []
    finally:
        folder.rmdir()
    assert_same_maps(local, tmp_path / "out")
