"""What the manager's processes take for the bytes of results that come from workers.

    python -m distributed.arrivals [TASKS [MB]]      (in benchmarks/)

A task's command copies a file that the worker was sent once, so nothing is computed; its bytes come
over loopback from real workers, through the gate, to the task's folder, and are read once for their
checksum as every result is. Times of the processor, by process, for each GB (1e9 bytes).
"""

import os
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from eemt_core.engines.base import Completion, Submission
from eemt_core.engines.runtimes.runtime import Shipped
from eemt_core.engines.work_queue.engine import WorkQueueEngine
from eemt_core.engines.work_queue.find import find_work_queue
from eemt_core.engines.work_queue.options import PortOptions, QueueOptions
from eemt_core.files import sha256_file
from eemt_core.tiles.contract import ARRAYS_FILE, RESULT_FILE, TASK_FILE
from eemt_core.tiles.task import Resources

from .workers import bare_worker, end

TASKS, MB = 64, 60
WORKERS = 2
AT_ONCE = 8
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
PROCESSES = {"gate": "gate.main", "queue process": "queue_process"}


@dataclass(frozen=True)
class Copying:
    """A runtime whose task copies the result that the worker was sent once."""

    shipped: tuple[Shipped, ...]
    name: str = "copying"

    def command(self, folder: str, shared: Path | None = None) -> str:
        """Return the shell command."""
        copy = f"cp {self.shipped[0].name} {folder}/{ARRAYS_FILE}"
        return f"{{ {copy} && echo {{}} > {folder}/{RESULT_FILE}; }} >{folder}/log.txt 2>&1"

    def diagnose(self, exit_code: int, log: str) -> str:
        """Find no fault."""
        return ""


def main(tasks: int, megabytes: int) -> None:
    """Measure and print a table."""
    with TemporaryDirectory(prefix="eemt-arrivals-") as name, ExitStack() as stack:
        home = Path(name)
        result = home / "result"
        result.write_bytes(os.urandom(1_000_000) * megabytes)
        known = sha256_file(result)
        runtime = Copying((Shipped(result, "result"),))
        engine = WorkQueueEngine(
            find_work_queue(), QueueOptions(PortOptions((0, 0))), runtime, home / "state"
        )
        stack.callback(engine.close)
        elsewhere = Path(stack.enter_context(TemporaryDirectory(prefix="eemt-arr-", dir=MEMORY)))
        for number in range(WORKERS):
            worker = bare_worker(engine.port, elsewhere / f"worker-{number}")
            stack.callback(end, worker)
        while len(engine.pool.workers) < WORKERS:
            engine.wait(0.2)
        run(engine, home, WORKERS, known)  # the workers have the file from here on
        pids = {process: pid_of(word) for process, word in PROCESSES.items()}
        before = {process: seconds_of(pid) for process, pid in pids.items()}
        start, own = time.perf_counter(), time.process_time()
        checksums = run(engine, home, tasks, known)
        wall, own = time.perf_counter() - start, time.process_time() - own
        gigabytes = tasks * megabytes / 1e3
        print(f"{tasks} results of {megabytes} MB from {WORKERS} workers in {wall:.1f} s: "
              f"{gigabytes / wall:.2f} GB/s")  # fmt: skip
        took = {process: seconds_of(pid) - before[process] for process, pid in pids.items()}
        took |= {"checksums": checksums, "the rest of the manager": own - checksums}
        print(f"\n{'process':<28}s/GB")
        for process, seconds in {**took, "all": sum(took.values())}.items():
            print(f"{process:<28}{seconds / gigabytes:.2f}")


def run(engine: WorkQueueEngine, home: Path, tasks: int, known: str) -> float:
    """Run so many tasks, a few at once; return the processor's time for their checksums [s]."""
    left, there, checksums = tasks, 0, 0.0
    while left or there:
        while left and there < AT_ONCE:
            folder = home / "state" / f"task-{left}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / TASK_FILE).write_text("{}")
            engine.submit(
                Submission(folder.name, folder, Resources(1, 100, 1000), outputs=(ARRAYS_FILE,))
            )
            left, there = left - 1, there + 1
        for event in engine.wait(1.0):
            if isinstance(event, Completion):
                assert event.exit_code == 0, event
                path = home / "state" / event.name / ARRAYS_FILE
                start = time.process_time()
                assert sha256_file(path) == known
                checksums += time.process_time() - start
                path.unlink()
                there -= 1
    return checksums


def pid_of(word: str) -> int:
    """Return the number of the child whose command line has a word."""
    (children,) = Path("/proc/self/task").glob(f"{os.getpid()}/children")
    for child in children.read_text().split():
        if word in Path(f"/proc/{child}/cmdline").read_text():
            return int(child)
    raise LookupError(word)


def seconds_of(pid: int) -> float:
    """Return the processor's time that a process has taken [s]."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:])) if len(sys.argv) == 3 else main(TASKS, MB)
