"""A port that passes on all that comes to another port of this machine, and counts it."""

import socket
import threading
from contextlib import suppress
from typing import Self

CHUNK_BYTES = 1 << 20


class Relay:
    """Passes connections on to a port of loopback, as a context.

    Attributes
    ----------
    port
        Where to connect instead.
    to_workers, to_manager
        Bytes that have gone each way, of those who connect and of the port behind.
    """

    def __init__(self, port: int) -> None:
        self._behind = ("127.0.0.1", port)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self._listening.getsockname()[1]
        self._counts: list[list[int]] = []

    @property
    def to_workers(self) -> int:
        """Bytes from the port behind."""
        return sum(count[0] for count in self._counts)

    @property
    def to_manager(self) -> int:
        """Bytes to the port behind."""
        return sum(count[1] for count in self._counts)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                worker, _ = self._listening.accept()
                try:
                    manager = socket.create_connection(self._behind)
                except OSError:
                    worker.close()
                    continue
                count = [0, 0]
                self._counts.append(count)
                arguments = (worker, manager, count)
                threading.Thread(target=_relay, args=arguments, daemon=True).start()


def _relay(worker: socket.socket, manager: socket.socket, count: list[int]) -> None:
    """Pass on both ways until either has ended, then close both connections."""
    with worker, manager:
        back = threading.Thread(target=_pass_on, args=(worker, manager, count, 1), daemon=True)
        back.start()
        _pass_on(manager, worker, count, 0)
        back.join()


def _pass_on(source: socket.socket, target: socket.socket, count: list[int], way: int) -> None:
    with suppress(OSError):
        while chunk := source.recv(CHUNK_BYTES):
            count[way] += len(chunk)  # before whoever gets them can ask
            target.sendall(chunk)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
