"""Imitates a manager of another release, as seen by programs that connect to it."""

import socket
import threading
from contextlib import suppress


class OtherManager:
    """Listens on loopback, as a context, and keeps the workers of one protocol alone.

    It answers a browser as every manager does, and closes all else at once, without a word. With
    `protocol` None it keeps every connection and never says anything.
    """

    def __init__(self, protocol):
        self._protocol = protocol
        self._kept = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join(30)
        for connection in (self._server, *self._kept):
            connection.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._kept.append(connection)
            if self._protocol is not None:
                with suppress(OSError):  # who calls may hang up
                    self._answer(connection)

    def _answer(self, connection):
        connection.settimeout(30)
        words = connection.recv(4096)
        if words.startswith(b"GET "):
            connection.sendall(b"HTTP/1.1 200 OK\n\n[]")
        elif words.startswith(b"workqueue %d " % self._protocol):
            return
        connection.close()
