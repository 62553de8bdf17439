"""The real ``eemt-worker`` for tests, started and ended by them."""

import os
import subprocess
import sys
import threading
import time

PROGRAM = [sys.executable, "-P", "-m", "eemt_core.cli.worker"]
SMALL = ("--cores", "1", "--memory", "200M", "--disk", "100M")
ONCE = ("--reconnect-attempts", "1", "--reconnect-delay", "0")


def environment(tmp_path, **variables):
    """Our environment without variables that configure a worker, and with an empty home."""
    names = ("EEMT_", "MASTER_", "WORKER_", "WORK_QUEUE_", "SLURM_", "PBS_", "XDG_")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(names)}
    return {**kept, "HOME": str(tmp_path), "TMPDIR": str(tmp_path), **variables}


class EemtWorker:
    """A running ``eemt-worker`` whose standard error is read as it comes, as a context."""

    def __init__(self, tmp_path, *arguments, **variables):
        self.process = subprocess.Popen(
            [*PROGRAM, *map(str, arguments)],
            env=environment(tmp_path, **variables),
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._told = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.end()

    @property
    def told(self):
        return "".join(self._told)

    def end(self, limit_s=60):
        code = self.process.wait(limit_s)
        self._reader.join(limit_s)
        return code

    def wait_for(self, words):
        wait_until(lambda: words in self.told)

    def _read(self):
        with self.process.stderr as stream:
            for line in stream:
                self._told.append(line)


def eemt_worker(tmp_path, *arguments, **variables):
    """Run the program and wait for it."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        env=environment(tmp_path, **variables),
        capture_output=True,
        text=True,
        timeout=120,
    )


def wait_until(condition, limit_s=60.0):
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def joined(manager):
    return bool(manager.workers)


def alone(manager):
    return not manager.workers
