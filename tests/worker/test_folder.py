"""A worker's folder is removed when nobody works in it any more, and not before."""

import os
import shutil
import subprocess
import sys

import pytest

from eemt_core.errors import ResourceError
from eemt_core.worker.folder import (
    clear_abandoned,
    default_work_dir,
    place_to_work,
    prepare,
    work_folder,
)
from interrupts import begin_interrupted

HOLD = """
import sys; from pathlib import Path; from eemt_core.worker.folder import work_folder
import subprocess
with work_folder(Path(sys.argv[1])) as folder:
    child = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL, pass_fds=[folder.lock])
    print(child.pid, flush=True); sys.stdin.read()
"""


def test_it_is_ours_while_we_work_and_gone_afterwards(tmp_path):
    with work_folder(tmp_path) as folder:
        (folder.path / "worker").mkdir()
        assert clear_abandoned(tmp_path) == []
        assert folder.path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == []


def test_one_whose_worker_was_killed_is_removed_once_its_tasks_are_gone_too(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(process.stdout.readline())
    try:
        assert clear_abandoned(tmp_path) == []
        process.kill()
        process.communicate(timeout=30)
        assert clear_abandoned(tmp_path) == []  # the task still holds the lock
    finally:
        process.kill()
        os.kill(child, 9)
    removed = []
    while not removed:  # the kernel ends the task in its own time
        removed = clear_abandoned(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_ours_stays(tmp_path):
    (tmp_path / "eemt-worker-of-mine").mkdir()
    (tmp_path / "worker-0-1").mkdir()
    assert clear_abandoned(tmp_path) == []


def test_the_batch_job_s_folder_goes_before_the_user_s(tmp_path):
    given = {"TMPDIR": "/b", "_CONDOR_SCRATCH_DIR": "/a"}
    assert str(default_work_dir(given)) == "/a"
    assert str(default_work_dir({})) == "/tmp"
    assert str(default_work_dir({"TMPDIR": "a/b", "TMP": "/c"})) == "/c"
    prepare(tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="name another with work_dir"):
        prepare(tmp_path / "file")


def test_a_folder_that_its_manager_has_lost_is_not_made_again(tmp_path):
    gone = tmp_path / "out/.eemt/work"
    with pytest.raises(ResourceError, match="cannot be written"):
        place_to_work(gone, make=False)
    assert list(tmp_path.iterdir()) == []
    assert place_to_work(gone) == gone.resolve()


def test_what_work_queue_made_again_goes_too(tmp_path):
    work = tmp_path / "out" / ".eemt" / "work"
    work.mkdir(parents=True)
    with work_folder(work) as ours:
        shutil.rmtree(tmp_path / "out")
        (ours.path / "worker-0-1").mkdir(parents=True)  # as its worker does on its next connection
    assert list((tmp_path / "out").rglob("*")) == []


def test_what_others_made_in_its_place_stays(tmp_path):
    work = tmp_path / "out" / ".eemt" / "work"
    work.mkdir(parents=True)
    with work_folder(work) as ours:
        shutil.rmtree(tmp_path / "out")
        (ours.path / "worker-0-1").mkdir(parents=True)
        (work.parent / "mine").write_text("")
    assert {path.name for path in (tmp_path / "out").rglob("*")} == {".eemt", "mine"}


def test_a_folder_that_stays_is_left_as_it_is(tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    before = set(os.listdir("/proc/self/fd"))
    with work_folder(work):
        pass
    assert list(tmp_path.iterdir()) == [work]
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_nothing_stays_of_one_that_was_interrupted_while_it_was_made(tmp_path):
    def look():
        assert list(tmp_path.iterdir()) == []

    assert begin_interrupted(lambda: work_folder(tmp_path), look) >= 5
