"""The page of one run, in a process beside it: it shows, and nothing can be changed through it.

Its standard input is a pipe from the run's own process, so it ends with that one, however that
ends; a moment later, so that whoever looks on sees the end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import EemtError
from ..manager.request import RunRequest
from .identity import new_id
from .jobs.form import in_form_words
from .jobs.job import Job, JobFolder
from .jobs.process import Process
from .serve import serve
from .service import Service
from .settings import WebSettings
from .uploads.names import shown_name

_LAST_LOOK_S = 3.0


class _Starter(Process):
    """The run's process, which has started this one: it goes on as long as it is our parent."""

    @property
    def is_alive(self) -> bool:
        """Whether it goes on."""
        return os.getppid() == self.pid


class OneRun(Service):
    """A service whose only job is the run of another process.

    Parameters
    ----------
    request
        What that run was asked for.
    pid
        Its process.
    """

    def __init__(self, settings: WebSettings, request: RunRequest, pid: int) -> None:
        super().__init__(settings)
        self._request, self._pid = request, pid

    def open(self) -> None:
        """Begin with the one job."""
        super().open()
        now, asked = time.time(), self._request
        job_id = new_id()
        self.dispatcher.adopt(job_id, _Starter(self._pid, self.folder(job_id)))
        self.jobs.add(
            Job(
                id=job_id,
                workflow="sol" if asked.energy is None else "eemt",
                state="running",
                dem_name="demonstration" if asked.dem is None else shown_name(asked.dem.name),
                created=now,
                started=now,
                parameters={"command": asked.command},
                pid=self._pid,
            )
        )

    def folder(self, job_id: str) -> JobFolder:
        """Return where the run's files lie."""
        return JobFolder(self.settings.results / job_id, maps_elsewhere=self._request.out)

    def lack_of_disk(self, more_bytes: int = 0) -> str:
        """Return why no job is taken: never is one."""
        return "this page shows one run and takes no jobs: start eemt-web for that"


def main() -> None:
    """Serve until standard input ends; its first line is the request, its second the port."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run; we follow its end
    request = RunRequest.from_dict(json.loads(sys.stdin.readline()))
    port = int(sys.stdin.readline())
    with TemporaryDirectory(prefix="eemt-page-") as data:
        settings = WebSettings(data=Path(data), port=port)
        try:
            serve(settings, _tell, OneRun(settings, request, os.getppid()), only_reads=True)
        except EemtError as error:
            print(f"Error: {in_form_words(error.sentence)}", flush=True)
            sys.exit(error.exit_code)


def _tell(address: str) -> None:
    print(address, flush=True)
    threading.Thread(target=_end_with_run, daemon=True).start()


def _end_with_run() -> None:
    while sys.stdin.readline():
        pass
    time.sleep(_LAST_LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
