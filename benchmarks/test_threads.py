"""The sweep over numbers of threads says what it measured, and holds what it measures."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from peers.clock import Seconds
from peers.processors import held_to, in_turn
from thread_works import Answer
from threads import Efficiency, Scaling, sweep

HERE = Path(__file__).parent


def test_threads_say_how_much_of_their_time_went_into_the_work():
    line = Efficiency("6", "digging", 2, Seconds((10.0, 11.0)), Seconds((5.4, 5.2)))
    assert line.row() == (
        "| 6 | digging: 2 threads, 5.20 s | efficiency 96.2 %, aim 95 %: reached |"
        " one thread: 10.00 s | 1.92 x | 5 % |"
    )


def test_a_line_tells_all_numbers_of_threads_what_they_used_and_moved():
    taken = {1: Seconds((8.0, 8.0)), 2: Seconds((4.0, 4.4)), 4: Seconds((3.2, 3.2))}
    line = Scaling("digging", taken, {}, {1: 8.0, 2: 8.0, 4: 12.0})
    assert line.row([1, 2, 4], gigabytes=16.0) == (
        "| digging | 8.00 s | 100 % | 62 % | 3.20 s | 1.50 x | 5 GB/s | 5 % |"
    )


def test_what_is_in_no_stage_has_a_line_too():
    taken = {1: Seconds((8.0,)), 2: Seconds((5.0,))}
    stages = {1: {"dig": 6.0, "rest": 0.0}, 2: {"dig": 3.0, "rest": 0.0}}
    rows = [part.row([1, 2]) for part in Scaling("digging", taken, stages).parts()]
    assert rows[0].startswith("| … dig | 6.00 s | 100 % | 3.00 s |")
    assert rows[1].startswith("| … start, tidying up | 2.00 s | 50 % | 2.00 s |")
    assert len(rows) == 2


def test_an_answer_that_depends_on_the_number_of_threads_is_no_result():
    with pytest.raises(AssertionError, match="digging: the answer depends on"):
        sweep("digging", lambda threads: Answer(lambda: [bytes([threads])]), [1, 2], 1)


def test_all_threads_are_held_and_let_go_again():
    before = os.sched_getaffinity(0)
    seen: dict[str, set[int]] = {}
    begin, done = threading.Event(), threading.Event()

    def there_before() -> None:
        begin.wait()
        seen["before"] = os.sched_getaffinity(0)
        done.set()

    other = threading.Thread(target=there_before)
    other.start()
    with held_to(1):
        begin.set()
        done.wait()
        started = threading.Thread(target=lambda: seen.update(later=os.sched_getaffinity(0)))
        started.start()
        started.join()
    other.join()
    assert seen == {"before": {in_turn()[0]}, "later": {in_turn()[0]}}
    assert os.sched_getaffinity(0) == before


def test_a_core_s_second_processor_comes_after_all_cores(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(4)))
    for cpu, siblings in enumerate(("0-1", "0-1", "2-3", "2-3")):
        topology = tmp_path / f"sys/devices/system/cpu/cpu{cpu}/topology"
        topology.mkdir(parents=True)
        (topology / "thread_siblings_list").write_text(f"{siblings}\n")
    assert in_turn(tmp_path) == [0, 2, 1, 3]
    assert in_turn(tmp_path / "nothing is told") == [0, 1, 2, 3]


@pytest.mark.slow
def test_kernels_and_the_command_are_swept():
    words = "horizons,EEMT,eemt-run"
    options = ["--edge", "128", "--rounds", "1", "--counts", "1,2", "--works", words]
    done = subprocess.run(
        [sys.executable, HERE / "threads.py", *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    turns = [json.loads(line) for line in lines if line.startswith("{")]
    works = {turn["work"].split(",")[0] for turn in turns}
    energies = {"EEMT_TRAD", "EEMT_TOPO", "EEMT_TOPO-VEG"}
    assert works == {"horizons in 72 directions", "eemt-run", *energies}
    assert turns[-1]["stages"].keys() >= {"plan", "tiles", "maps"}
    assert any(line.startswith("| … maps | ") for line in lines)
