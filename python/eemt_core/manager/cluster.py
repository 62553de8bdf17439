"""The cluster of a run: its port, the queue behind it, and the workers of this machine."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from ..engines.local_workers import LocalWorkers
from ..engines.runtimes.container import image_from_here
from ..engines.runtimes.make import make_runtime
from ..engines.work_queue.engine import WorkQueueEngine
from ..engines.work_queue.find import find_work_queue
from ..engines.work_queue.options import PortOptions, QueueOptions, check_options
from ..errors import ArgumentError
from ..files import read_file, write_json
from ..machine import usable_cores
from ..worker.command import far_worker_command, local_worker_command
from ..worker.folder import place_to_work
from ..worker.password import others_can_read, read_password
from .folder import MANAGER_FILE, OutFolder
from .plan.resources import available_memory_bytes
from .reporter import Reporter
from .request import ClusterRequest

_LOOPBACK = "127.0.0.1"
_OPEN = (
    "Careful: without <<password_file>> whoever reaches the port may work for this run, keep its "
    "tiles or give wrong maps for them."
)
_SHARE_OF_DISK = 0.5


class Cluster:
    """The Work Queue engine of a run with this machine's workers, from its opening to its end."""

    def __init__(self, request: ClusterRequest, folder: OutFolder, reporter: Reporter) -> None:
        self._request, self._folder, self._reporter = request, folder, reporter
        self._password_file = request.password_file
        if request.is_private and self._password_file is None:
            self._password_file = _new_password(folder.work / "password")
        password = "" if self._password_file is None else read_password(self._password_file)
        port = PortOptions(
            ports=request.ports,
            loopback=request.most_workers > 0,
            bind=request.bind or (_LOOPBACK if request.is_private else ""),
            password=password,
            catalog=request.catalog,
            # a request names the key first
            tls=None if request.tls is None else (str(request.tls[1]), str(request.tls[0])),
        )
        keepalive_s = (request.keepalive_s, request.keepalive_s)
        options = QueueOptions(port, request.project, keepalive_s)
        check_options(options)
        for file in request.tls or ():
            _check_readable(file)
        module = find_work_queue()
        runtime = make_runtime(
            request.runtime,
            image=image_from_here(request.image) or None,
            work_folder=folder.work,
        )
        self.engine = WorkQueueEngine(module, options, runtime, folder.state)
        try:
            self._workers = LocalWorkers(self._worker_command(), folder.logs)
            self._announce()
        except BaseException:
            self.engine.close()
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._workers.close()
        self.engine.close()
        (self._folder.path / MANAGER_FILE).unlink(missing_ok=True)

    def look_after(self, tasks: int) -> None:
        """Keep as many workers of this machine running as the remaining tasks can use."""
        if self._request.most_workers:
            wanted = min(self._request.most_workers, max(self._request.fewest_workers, tasks))
            why = self._workers.keep(wanted)
            if why is not None and not self.engine.pool.workers:
                raise why  # rather than wait for others who may never come
            if why is not None:
                self._reporter.say(
                    f"{why.sentence}. No more are started here; those of others may come."
                )
        self.engine.tasks_left(tasks)

    def _announce(self) -> None:
        host, port = self._request.bind or platform.node(), self.engine.port
        write_json(
            self._folder.path / MANAGER_FILE,
            {
                "host": host,
                "port": port,
                "project": self._request.project or None,
                "catalog": ":".join(map(str, self._request.catalog or ())) or None,
                "protocol": self.engine.module.protocol,
                "password": self._password_file is not None,
                "pid": os.getpid(),
                "started": datetime.now(UTC).isoformat(timespec="seconds"),
            },
        )
        file = self._request.password_file
        exposed = "" if file is None else others_can_read(file)
        if exposed:
            self._reporter.say(f"Careful: {exposed}")
        if self.engine.unconfined:
            tell = self._reporter.detail if self._password_file else self._reporter.say
            tell(self.engine.unconfined)
        if self._request.is_private:
            self._reporter.detail(f"The workers of this machine come to port {port}.")
            return
        if file is None:
            self._reporter.say(_OPEN)
        self._reporter.say(
            f"Waiting for workers on port {port}: "
            f"{far_worker_command(host, port, with_password=file is not None)}"
        )

    def _worker_command(self) -> list[str]:
        """Return the command of one of this machine's workers, with its share of the machine."""
        workers = max(1, self._request.most_workers)
        work_dir = place_to_work(self._folder.work)
        disk_mb = shutil.disk_usage(work_dir).free // 2**20
        return local_worker_command(
            port=self.engine.port,
            cores=max(self._request.task_cores, usable_cores() // workers),
            memory_mb=available_memory_bytes() // 2**20 // workers,
            disk_mb=int(disk_mb * _SHARE_OF_DISK) // workers,
            work_dir=work_dir,
            password_file=self._password_file,
            idle_timeout_s=self._request.worker_timeout_s,
        )


def _check_readable(path: Path) -> None:
    try:
        read_file(path)
    except OSError as error:
        raise ArgumentError(
            f"{path} cannot be read ({error.strerror})",
            remedy="<<ssl_cert>> and <<ssl_key>> name the files of a certificate and its key",
            field="tls",
            value=path,
        ) from None


def _new_password(path: Path) -> Path:
    """Write a random password into a file that no other user can read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    return path
