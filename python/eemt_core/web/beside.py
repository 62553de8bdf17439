"""Starting the page of one run beside it; nothing of a web server is loaded here."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..errors import ArgumentError
from ..machine.parent import let_go
from ..manager.request import RunRequest

_COMMAND = (sys.executable, "-P", "-m", "eemt_core.web.one_run")
_ERROR = "Error: "


@contextmanager
def page_beside(request: RunRequest, port: int) -> Iterator[str]:
    """Serve the page of a run on loopback for as long as the block lasts; yield its address.

    Parameters
    ----------
    request
        The run that this process is about to carry out; its paths count from here.
    port
        The port; 0 for any free one.

    Raises
    ------
    ArgumentError
        If the port is in use, or the page cannot be served.
    """
    page = subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert page.stdin is not None
    assert page.stdout is not None
    try:
        with suppress(BrokenPipeError):
            page.stdin.write(f"{json.dumps(request.to_dict())}\n{port}\n")
            page.stdin.flush()
        said = page.stdout.readline().strip()
        if not said or said.startswith(_ERROR):
            page.wait()
            raise ArgumentError(
                said.removeprefix(_ERROR) or "the page of the run could not be started",
                field="web_port",
                value=port,
            )
        yield said
    finally:
        let_go(page)
        page.stdout.close()
