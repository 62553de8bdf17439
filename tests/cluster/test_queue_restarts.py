"""The run continues if the process of the queue or that of the port is killed."""

import os
import re
import signal
import time
from contextlib import suppress

import pytest

from clusters import LONGER, SHORT, manager, processes, wait_for, workers
from runs import assert_same_maps

pytestmark = pytest.mark.slow

QUEUE, GATE = "queue_process", "gate.main"


def process_of(run, what):
    """Process id of the manager's child whose task is `what`, as soon as it exists."""

    def find():
        for number, command in processes():
            if what in command and parent_of(number) == run.process.pid:
                return number
        return None

    return wait_for(find, what=what)


def parent_of(number):
    try:
        with open(f"/proc/{number}/stat") as stat:
            return int(stat.read().rpartition(")")[2].split()[1])
    except OSError:
        return None


def test_queue_and_gate_are_started_again_when_they_are_killed(dem, local_longer, tmp_path):
    with manager(dem, tmp_path / "out", *LONGER) as run, workers(run.port(), 2, tmp_path):
        again = f"and was started again on port {run.port()}"
        run.hears(" done in ")
        os.kill(process_of(run, QUEUE), signal.SIGKILL)
        run.hears("was started again on port")
        wait_for(lambda: run.said.count("joined") > 2, what="a worker that has come back")
        os.kill(process_of(run, GATE), signal.SIGKILL)
        run.hears("The process that keeps the port ended (killed by SIGKILL)")
        run.ends()
    queue = (
        r"The process that holds the Work Queue ended \(killed by SIGKILL; its last words: .+\) "
    )
    assert len(re.findall(queue + again, run.said)) == 1
    assert run.said.count(f"The process that keeps the port ended (killed by SIGKILL) {again}") == 1
    assert "failed" not in run.said
    assert "put aside" not in run.said
    assert "in a row" not in run.said, "nobody is blamed for it"
    assert_same_maps(local_longer, tmp_path / "out")


def test_a_queue_that_always_dies_ends_the_run_and_the_remedy_is_told(dem, tmp_path):
    with manager(dem, tmp_path / "out", *SHORT) as run:
        run.port()
        while run.process.poll() is None:
            time.sleep(0.1)
            for number, command in processes():
                with suppress(OSError):  # it may have ended by itself
                    if "queue_process" in command and parent_of(number) == run.process.pid:
                        os.kill(number, signal.SIGKILL)
        run.ends(1)
        assert "the process that holds the Work Queue ended" in run.said
        assert "add --resume to go on" in run.said
        assert "Traceback" not in run.said
