"""Workers that come and go with the tiles of a run, in a real Slurm."""

import re
import socket
import subprocess

import pytest

from clusters import ENDLESS, LONGER, manager, wait_for
from eemt_submits import LEAVES_SOON, PROGRAM, jobs_told
from runs import mountains, write_dem
from stopped_tasks import TASK, one_stopped

pytestmark = pytest.mark.slow

FEW_LEFT = r"^\d+ tiles left: [12] workers wanted, "
CANCELLED = r"^Cancelled \d that had not begun\.$"


class Autoscaled:
    """``eemt-submit --autoscale`` for a run, as a context; it is gone at the end."""

    def __init__(self, slurm, run, limits, *more):
        self._log = run.out.with_name(f"autoscale-{limits}.log")
        address = f"{socket.gethostname()}:{run.port()}"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    *PROGRAM, "slurm", "--manager", address, "--autoscale", limits, "-o", run.out,
                    "--cores", "2", "--memory", "800M", "--time", "10min", *more,
                ],
                env=slurm.environment, stdout=log, stderr=log,
            )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    @property
    def said(self):
        return self._log.read_text()

    def ends(self, code):
        assert self.process.wait(120) == code, self.said


def numbers_in(said):
    return re.findall(r"^Submitted \d+, as (\d+)\.$", said, re.MULTILINE)


def all_ended(slurm, said):
    return [word for number in numbers_in(said) for word in slurm.wait_for_end(number).values()]


def test_workers_are_as_many_as_tiles_want_and_none_is_left(slurm, tmp_path):
    dem = write_dem(tmp_path / "dem.tif", mountains((256, 256)))
    with (
        manager(dem, tmp_path / "out", *LONGER) as run,
        Autoscaled(slurm, run, "0:6", "--setup", LEAVES_SOON) as scaler,
    ):
        # while one of the last tiles lasts, there are looks that find few of them
        with one_stopped(lambda: [n for n, text in slurm.processes().items() if TASK in text]):
            for words in FEW_LEFT, CANCELLED:
                wait_for(lambda w=words: re.search(w, scaler.said, re.MULTILINE), what=words)
        run.ends()
        scaler.ends(0)
    said = scaler.said
    assert said.endswith("\nThe run has ended: finished.\n"), said
    submitted = [int(count) for count in re.findall(r"^Submitted (\d+), as", said, re.MULTILINE)]
    assert submitted[0] == 1
    assert sum(submitted) >= 3
    assert re.search(r"^\d+ tiles left: 6 workers wanted, ", said, re.MULTILINE)
    assert set(all_ended(slurm, said)) <= {"COMPLETED", "CANCELLED"}
    assert " cancelled" in jobs_told(slurm, run.out)


def test_three_jobs_that_end_in_vain_are_enough_and_a_signal_leaves_no_job(slurm, dem, tmp_path):
    with manager(dem, tmp_path / "out", *ENDLESS) as run:
        wait_for((run.out / "journal.sqlite").is_file, what="the journal")
        run.hears("tiles of up to")
        with Autoscaled(slurm, run, "1:4", "--setup", "echo no such module; exit 7") as scaler:
            scaler.ends(3)
        said = scaler.said
        assert len(numbers_in(said)) == 3
        assert "ends with:\nno such module\nError: 3 jobs in a row ended without having" in said
        assert "(failed with exit code 7): see what is wrong with --probe" in said
        with Autoscaled(slurm, run, "2:2", "--setup", "exec sleep 600") as scaler:
            wait_for(lambda: "2 running." in scaler.said, what="two jobs")
            scaler.process.terminate()
            scaler.ends(143)
        assert all_ended(slurm, scaler.said) == ["CANCELLED", "CANCELLED"]
