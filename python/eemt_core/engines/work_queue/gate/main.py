"""The gate's process: its configuration in, then where the queue is; what happens out.

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

from .advertisement import Place, receiver, relay
from .connections import Door, Rules, protect
from .listening import CannotListenError, listen


def _tell(event: str, **details: Any) -> None:
    os.write(1, json.dumps({"event": event, **details}).encode() + b"\n")


async def _work(options: dict[str, Any]) -> int:
    try:
        tls = protect(*options["tls"]) if options["tls"] else None
    except OSError as error:
        _tell("failed", part="tls", why=str(error))
        return 1
    try:
        listener = listen(options["bind"], (options["ports"][0], options["ports"][1]))
    except CannotListenError as error:
        _tell("failed", part="port" if error.port else "address", why=str(error))
        return 1
    rules = Rules(
        options["protocol"],
        options["password"],
        tls,
        options["patience_s"],
        Path(options["folder"]),
    )
    door = Door(rules, _tell)
    port = listener.getsockname()[1]
    parts = [door.serve(listener)]
    if options["bind"] and options["loopback"]:
        with suppress(CannotListenError):  # the address is loopback itself
            parts.append(door.serve(listen("127.0.0.1", (port, port))))
    reports = None
    if options["catalog"]:
        reports = receiver()
        place = Place(port, listener.getsockname()[0] if options["bind"] else "")
        parts.append(relay(reports, (options["catalog"][0], options["catalog"][1]), place))
    _tell("open", port=port, catalog_port=reports.getsockname()[1] if reports else 0)
    serving = [asyncio.create_task(part) for part in parts]
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        order = json.loads(line)
        if "wait_s" in order:
            door.rests.let_wait(order["host"], order["address"], order["wait_s"])
        else:
            door.lead_to(order["port"], order["password"])
    for task in serving:
        task.cancel()
    await door.see_out()
    return 0


def main() -> int:
    """Run as the module's description says."""
    return asyncio.run(_work(json.loads(sys.stdin.buffer.readline())))


if __name__ == "__main__":
    # what is still connected is of no use to anybody: do not wait for it
    status = main()
    sys.stdout.flush()
    os._exit(status)
