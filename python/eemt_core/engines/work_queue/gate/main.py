"""The gate's process: reads its configuration, then commands; writes events.

    python -m eemt_core.engines.work_queue.gate.main

One JSON object a line on both sides. It ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..options import GateOptions
from ..stand_in import ARRIVED
from .advertisement import ProjectAddress, receiver, relay
from .arrivals import clear
from .connections import AdmissionRules, ConnectionServer, tls_context
from .listening import CannotListenError, listen


def _tell(event: str, **details: Any) -> None:
    os.write(1, json.dumps({"event": event, **details}).encode() + b"\n")


async def _work(options: GateOptions) -> int:
    port = options.port
    try:
        tls = None if port.tls is None else tls_context(*port.tls)
    except OSError as error:
        _tell("failed", part="tls", why=str(error))
        return 1
    try:
        listener = listen(port.bind, port.ports)
    except CannotListenError as error:
        _tell("failed", part="port" if error.port else "address", why=str(error))
        return 1
    rules = AdmissionRules(
        options.protocol,
        port.password,
        tls,
        options.patience_s,
        Path(options.folder),
        Path(options.folder) / ARRIVED,
    )
    clear(rules.arrived)
    server = ConnectionServer(rules, _tell)
    number = listener.getsockname()[1]
    parts = [server.serve(listener)]
    if port.bind and port.loopback:
        with suppress(CannotListenError):  # the address is loopback itself
            parts.append(server.serve(listen("127.0.0.1", (number, number))))
    reports = None
    if port.catalog is not None:
        reports = receiver()
        place = ProjectAddress(number, listener.getsockname()[0] if port.bind else "")
        parts.append(relay(reports, port.catalog, place))
    _tell("open", port=number, catalog_port=reports.getsockname()[1] if reports else 0)
    serving = [asyncio.create_task(part) for part in parts]
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        command = json.loads(line)
        if "wait_s" in command:
            server.delays.set(command["host"], command["address"], command["wait_s"])
        else:
            server.use_queue(command["port"], command["password"])
    for task in serving:
        task.cancel()
    await server.flush()
    return 0


def main() -> int:
    """Run as the module's description says."""
    options = GateOptions.from_dict(json.loads(sys.stdin.buffer.readline()))
    return asyncio.run(_work(options))


if __name__ == "__main__":
    # do not wait for connections that are still open
    status = main()
    sys.stdout.flush()
    os._exit(status)
