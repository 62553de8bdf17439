"""What it costs a run that many look at it: 200 requests a second and 20 streams of events.

    python web_readers.py [ROUNDS]      (in benchmarks/)

A year of sunlight over 1536 x 1536 cells of made terrain, on one core, with its page beside it on
another; by turns nobody looks, and readers do, who have that other core too. Time on the wall of
the whole command, on a machine of two cores or more with nothing else to do.
"""

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx

from mountains import write_mountains
from watch import PROGRAM

EDGE, TILE = 1536, 256
ROUNDS, PER_S, STREAMS = 3, 200, 20
AIM_PERCENT = 2
OPTIONS = ("--workflow", "sol", "--tile-size", str(TILE), "--no-pictures", "--threads", "1")


class Readers:
    """Threads that ask for a run's status at a rate, and listen to its events, until it ends."""

    def __init__(self, address: str) -> None:
        self.answers = self.refused = 0
        self._address, self._ends = address, threading.Event()
        with httpx.Client(base_url=address, timeout=30) as client:
            self._path = f"/api/jobs/{client.get('/api/jobs').json()[0]['id']}"
        self._threads = [threading.Thread(target=self._ask)]
        self._threads += [threading.Thread(target=self._listen) for _ in range(STREAMS)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """End all of them."""
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with httpx.Client(base_url=self._address, timeout=30) as client:
            due = time.monotonic()
            while not self._ends.wait(max(0.0, due - time.monotonic())):
                due += 1 / PER_S
                try:
                    code = client.get(f"{self._path}/status").status_code
                except httpx.TransportError:
                    return  # the page ended with the run
                self.answers += code == 200
                self.refused += code not in (200, 404)

    def _listen(self) -> None:
        try:
            with (
                httpx.Client(base_url=self._address, timeout=60) as client,
                client.stream("GET", f"{self._path}/events") as stream,
            ):
                for _ in stream.iter_lines():
                    if self._ends.is_set():
                        return
        except httpx.TransportError:
            return


def main(rounds: int) -> None:
    """Measure and print."""
    alone, read, rates = [], [], []
    first, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, others)  # ourselves, and so the readers
    with TemporaryDirectory(prefix="eemt-web-readers-") as name:
        dem = write_mountains(Path(name, "dem.tif"), EDGE, EDGE)
        out = Path(name, "out")
        for number in range(rounds):
            for taken, with_readers in ((alone, False), (read, True)):
                seconds, readers = _run(dem, out, first, with_readers)
                taken.append(seconds)
                if readers:
                    rates.append(readers.answers / seconds)
                    assert not readers.refused
            done = f"round {number + 1} of {rounds}"
            print(f"{done}: {alone[-1]:.1f} s, {read[-1]:.1f} s with readers", flush=True)
    cost = 100 * (median(b / a for a, b in zip(alone, read, strict=True)) - 1)
    reached = "reached" if cost <= AIM_PERCENT else f"missed by {cost - AIM_PERCENT:.1f} points"
    print(f"| nobody looks [s] | {_list(alone)} |\n| readers do [s] | {_list(read)} |")
    print(
        f"\n{STREAMS} streams and {median(rates):.0f} answers a second cost the run "
        f"{cost:+.1f} % (medians of {rounds} rounds); aim at most {AIM_PERCENT} %: {reached}"
    )


def _run(dem: Path, out: Path, core: int, with_readers: bool) -> tuple[float, Readers | None]:
    """Run the command once on a core of its own; return its time, and the readers."""
    subprocess.run(["sync"], check=True)
    command = [*PROGRAM, dem, "-o", out, *OPTIONS, "--web-port", "0", "--overwrite"]
    start = time.perf_counter()
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    readers = None
    for line in process.stderr:
        if match := re.search(r"The run is shown at (\S+)/", line):
            # the page, which runs already, stays on our cores; the run and its tasks do not
            os.sched_setaffinity(process.pid, {core})
            readers = Readers(match[1]) if with_readers else None
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, command)
    seconds = time.perf_counter() - start
    if readers:
        readers.end()
    return seconds, readers


def _list(seconds: list[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in seconds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
