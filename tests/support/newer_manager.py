"""A manager of protocol 11 as workers meet it: the real gate, before a stand-in of the queue."""

import asyncio
import subprocess
import threading
from contextlib import suppress

from eemt_core.engines.work_queue.gate.challenge import admit
from eemt_core.engines.work_queue.gate.client import GateClient
from eemt_core.engines.work_queue.options import GateOptions, PortOptions

_QUEUE_S_PASSWORD = "of the queue"


def certificate(folder):
    """Make a certificate and its key, as PEM files; return both names."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=alpha", "-days",
         "1", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return str(cert), str(key)


class NewerManager:
    """The gate's process on a free port, as a context; its queue keeps workers."""

    def __init__(self, folder, *, password="", tls=None):
        port = PortOptions((0, 0), "127.0.0.1", password=password, tls=tls)
        self._options = GateOptions(port, protocol=11, patience_s=10, folder=str(folder))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        serving = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._queue = asyncio.run_coroutine_threadsafe(serving, self._loop).result(60)
        self._gate = GateClient(self._options)
        self._gate.use_queue(self._queue.sockets[0].getsockname()[1], _QUEUE_S_PASSWORD)
        self.address = f"127.0.0.1:{self._gate.port}"
        return self

    def __exit__(self, *_):
        self._gate.close()
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    async def _close(self):
        self._queue.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader, writer):
        with suppress(OSError, asyncio.CancelledError):
            await reader.readline()
            writer.write(b"auth password sha1\n")
            await admit(reader, writer, _QUEUE_S_PASSWORD)
            if (await reader.readline()).startswith(b"GET "):
                writer.write(b"HTTP/1.1 200 OK\n\n[]")
            else:
                await reader.read()
        writer.close()

    def refusals(self):
        """Why connections were refused since the last call, and the protocols that they spoke."""
        told = [news for news in self._gate.events() if news["event"] == "refused"]
        return [(news["why"], news.get("protocol")) for news in told]
