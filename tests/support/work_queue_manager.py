"""A real manager of Work Queue for tests; Debian's Python, which has its module, runs this file.

    /usr/bin/python3 work_queue_manager.py '{"password": ..., "port": ..., "tasks": [...]}'

It writes lines of JSON: its port, then its workers whenever they change, and each task's output.
The line ``release`` on its standard input sends the workers away and ends it; the end of its
standard input ends it at once, so it never outlives the test.
"""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

PYTHON = "/usr/bin/python3"


class WorkQueueManager:
    """The process that runs this file, as a context."""

    def __init__(self, *tasks, **options):
        self._process = subprocess.Popen(
            [PYTHON, __file__, json.dumps({"tasks": tasks, **options})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.workers, self.outputs = [], []
        self._lines = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.port = self._next(60)["port"]
        except BaseException:
            self.__exit__()
            raise
        self.address = f"127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._reader.join(60)

    def wait_until(self, condition, limit_s=60.0):
        """Read what it tells until `condition` of this object holds."""
        deadline = time.monotonic() + limit_s
        while not condition(self):
            news = self._next(deadline - time.monotonic())
            if "workers" in news:
                self.workers = news["workers"]
            if "output" in news:
                self.outputs.append(news["output"])

    def release(self):
        """Send all workers away and end."""
        self._process.stdin.write("release\n")
        self._process.stdin.flush()
        self._process.wait(60)

    def _read(self):
        with self._process.stdout as stream:
            for line in stream:
                self._lines.put(json.loads(line))

    def _next(self, timeout_s):
        try:
            return self._lines.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            raise AssertionError(f"waited in vain; workers are {self.workers}") from None


def processes_of(path):
    """Return the processes whose command line or environment names a path."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if str(path).encode() in told and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def _manage(options):
    import work_queue

    manager = work_queue.WorkQueue(port=options.get("port", 0))
    if options.get("password"):
        manager.specify_password(options["password"])
    if options.get("project"):
        manager.specify_catalog_server("127.0.0.1", options["catalog_port"])
        manager.specify_name(options["project"])
    _say(port=manager.port)
    for command in options["tasks"]:
        manager.submit(work_queue.Task(command))
    orders = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    workers = []
    while orders.empty():
        done = manager.wait(1)
        if done:
            _say(output=done.output)
        now = manager.workers_summary()
        if now != workers:
            workers = now
            _say(workers=workers)
    manager.shutdown_workers(0)
    time.sleep(0.5)  # for what was sent to be on its way
    os._exit(0)


def _listen(orders):
    line = sys.stdin.readline()
    if not line:
        os._exit(0)
    orders.put(line)


def _say(**news):
    print(json.dumps(news), flush=True)


if __name__ == "__main__":
    _manage(json.loads(sys.argv[1]))
