"""Two hundred requests a second and twenty streams while a run goes on: all are served, at no cost.

What they could cost a run beside the processors' time, which `benchmarks/web_readers.py` measures,
is its journal: whoever reads it holds up the run's next commit.
"""

import threading
import time

import pytest

from eemt_core.web.jobs import watch as module
from eemt_core.web.jobs.watch import FRESH_S, Watch
from web_readers import PER_S, STREAMS, Readers
from web_service import run_process, wait_until, web_service

pytestmark = pytest.mark.slow

LONG = {"workflow_type": "sol", "days": "1-365", "step": "60", "tile_cells": "64"}
LOOKED_S = 4.0
MOST_OF_THE_TIME = 0.02


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A service, and a job of it in the middle of its tiles."""
    data = tmp_path_factory.mktemp("web") / "data"
    with web_service(data) as service, service.client() as client:
        job_id = client.post("/api/submit-job", data=LONG).raise_for_status().json()["job_id"]

        def done():
            answer = client.get(f"/api/jobs/{job_id}/status")
            return answer.status_code == 200 and answer.json()["tile_counts"]["done"]

        wait_until(done, 120)
        yield service, job_id, data / "results" / job_id / "maps"
        client.post(f"/api/jobs/{job_id}/cancel")
        service.wait_for(job_id, "cancelled", "completed", patience_s=70)


def timed(read, times):
    """A function that notes the time of its processor that another one takes [s]."""

    def noting(out):
        begun = time.thread_time()
        try:
            return read(out)
        finally:
            times.append(time.thread_time() - begun)

    return noting


def test_all_are_answered_while_the_run_goes_on(running):
    service, job_id, _ = running
    readers = Readers(service.url)
    time.sleep(LOOKED_S)
    assert run_process(job_id) is not None
    readers.end()
    assert readers.refused == 0
    assert readers.answers > 10  # of 800: a busy machine answers fewer in that time


def test_no_answer_waits_for_the_acknowledgement_of_its_first_packet(running):
    """Which systems delay by 40 ms: the quickest of thirty answers would take as long."""
    service, _, _ = running
    taken = []
    with service.client() as client:
        for _ in range(30):
            begun = time.monotonic()
            client.get("/health").raise_for_status()
            taken.append(time.monotonic() - begun)
    assert min(taken) < 0.03


def test_the_journal_is_read_for_a_fiftieth_of_the_time_at_most(running, monkeypatch):
    _, job_id, maps = running
    spent, watch = {"read_status": [], "read_tile_map": []}, Watch()
    for name, times in spent.items():
        monkeypatch.setattr(module, name, timed(getattr(module, name), times))
    until = time.monotonic() + LOOKED_S

    def look():
        while time.monotonic() < until:
            watch.status(maps)
            watch.tiles(maps)
            time.sleep(STREAMS / PER_S)

    threads = [threading.Thread(target=look) for _ in range(STREAMS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert run_process(job_id) is not None
    for times in spent.values():
        assert 1 <= len(times) <= LOOKED_S / FRESH_S + 1
    assert sum(map(sum, spent.values())) <= MOST_OF_THE_TIME * LOOKED_S
