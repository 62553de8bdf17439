"""The process that holds a queue, driven directly, and peers that break its protocol."""

import re
import socket
import time
from contextlib import contextmanager

from clusters import PATIENCE_S
from eemt_core.engines.work_queue.client import QueueClient
from eemt_core.engines.work_queue.find import find_work_queue
from eemt_core.engines.work_queue.gate.arrivals import arrival_name
from eemt_core.engines.work_queue.incoming import Incoming
from eemt_core.engines.work_queue.stand_in import StandIn

OPTIONS = {
    "ports": (0, 0),
    "project": "",
    "catalog": None,
    "password": "",
    "keepalive_s": (120, 30),
    "tls": None,
    "confine": ("landlock", "namespace", "user"),
}


def arrives(incoming, name, content):
    """Write a result where the gate does; return what the queue is sent in its place."""
    stand_in = StandIn(arrival_name(name), len(content))
    (incoming.arrived / stand_in.name).write_bytes(content)
    return stand_in.written()


@contextmanager
def queue_holder(home, **options):
    """Start the process as the engine does; results arrive in folders of `home`."""
    incoming = Incoming(home)
    chosen = {**OPTIONS, "readable": [str(home)], **options}
    client = QueueClient(find_work_queue(), chosen, incoming.folder)
    incoming.user = client.ready["user"]
    try:
        yield client, incoming
    finally:
        client.close()


def submit(client, incoming, name, outputs=("result.json",), memory_mb=10, is_first=False):
    """Submit a task that a peer may pretend to do; return where its outputs arrive."""
    places = incoming.expect(name, outputs)
    client.send(
        do="submit", name=name, command="true", cores=1, memory_mb=memory_mb, disk_mb=10,
        expected_s=0, is_first=is_first, inputs=[],
        outputs=[[place, f"tile/{file}", "always"] for file, place in places.items()],
    )  # fmt: skip
    return places


def event(client, *kinds, name=None, limit_s=PATIENCE_S):
    """Wait for an event of these kinds, of a task if it is named; return it and those before it."""
    seen, deadline = [], time.monotonic() + limit_s
    while time.monotonic() < deadline:
        told = client.next(1.0)
        if told is not None:
            seen.append(told)
            if told["event"] in kinds and name in (None, told["name"]):
                return told, seen
    raise AssertionError(f"no {kinds} among {seen}")


class Peer:
    """A connection that says it is a worker of protocol 9."""

    def __init__(self, port, host="elsewhere", worker="worker-0", cores="1 1 1", memory="500"):
        self.line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.rest = b""
        try:
            self._introduce(host, worker, cores, memory)
        except OSError:
            self.close()
            raise

    def _introduce(self, host, worker, cores, memory):
        self.say(f"workqueue 9 {host} Linux x86_64 8.0.0")
        self.say(f"info worker-id {worker}")
        self.say("resource workers 1 1 1", f"resource disk {memory} {memory} {memory}")
        self.say(f"resource memory {memory} {memory} {memory}", "resource gpus 0 0 0")
        self.say(f"resource cores {cores}", "resource tag 0", "info end_of_resource_update 0")
        self.say("info tasks_running 0", "info worker-end-time 0")

    def say(self, *lines):
        raw = [
            line if isinstance(line, bytes) else line.encode(errors="surrogateescape")
            for line in lines
        ]
        self.line.sendall(b"".join(line + b"\n" for line in raw))

    def hears(self, pattern):
        """Read until a line matches; return the match."""
        while True:
            while b"\n" in self.rest:
                line, _, self.rest = self.rest.partition(b"\n")
                match = re.search(pattern, line.decode(errors="replace"))
                if match:
                    return match
            content = self.line.recv(65536)
            if not content:
                raise ConnectionResetError(f"hung up before {pattern}")
            self.rest += content

    def takes_task(self):
        """Wait for a task, to the last line of its description; return its number.

        What ends before all of it is there is no task to the gate yet, and no worker could do it.
        """
        # the bytes of an input file come before it, without a newline of their own
        head = self._holds(rb"task (\d+)\ncmd (\d+)\n")
        command_end = head.end() + int(head[2])
        end = self._holds(rb"\nend\n", command_end).end()  # more may arrive meanwhile
        self.rest = self.rest[end:]
        return head[1].decode()

    def _holds(self, pattern, start=0):
        """Read until a pattern matches what has arrived, from `start` on; return the match."""
        while not (match := re.compile(pattern).search(self.rest, start)):
            content = self.line.recv(65536)
            if not content:
                raise ConnectionResetError(f"hung up before {pattern}")
            self.rest += content
        return match

    def ends_task(self, number, output=b"", length=None, seconds=1):
        """Say that a task has ended, and wait to be asked for its first output's name."""
        self.say("available_results")
        self.hears("send_results")
        size = len(output) if length is None else length
        self.say(f"result 0 0 {size} {seconds} {number}")
        self.line.sendall(output)
        self.say("end")

    def asked(self):
        """Return the name of the output that is asked for."""
        return self.hears(r"^get (\S+) 1$")[1]

    def sends(self, name, content):
        self.say(f"file {name} {len(content)}")
        self.line.sendall(content)

    def close(self):
        self.line.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
