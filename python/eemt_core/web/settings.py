"""What the service is told when it starts."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ArgumentError
from ..machine import memory_mb, usable_cores
from ..manager.request import ClusterRequest

_CORES_OF_A_SLOT, _MB_OF_A_SLOT = 4, 4000


@dataclass(frozen=True)
class Retention:
    """How long files of ended jobs stay.

    Attributes
    ----------
    success_days
        Those of completed jobs [days]; None: for ever.
    failed_hours
        Failed and cancelled jobs [hours]; None: for ever.
    """

    success_days: float | None = None
    failed_hours: float | None = None


@dataclass(frozen=True)
class Storage:
    """The folder that may fill up, and below how much free disk [MiB] old jobs go; None: never."""

    folder: Path
    clean_below_mb: int | None = None


@dataclass(frozen=True)
class WebSettings:
    """How the service runs.

    Attributes
    ----------
    data
        Folder of the jobs' database, and of what the next two do not place elsewhere.
    uploads_dir, results_dir
        Folders of uploaded files, and of a folder for each job; None: within `data`.
    climate_dir
        Folder of climates to choose from, each a folder or a station's table; None: there is none.
    host, port
        Where it listens.
    slots
        How many runs go on at once.
    cluster
        The worker pool that jobs are sent to; None: runs stay on this machine.
    password_file
        File with the password's hash; None: no password.
    tokens_file
        File with the hashes of tokens for programs; None: no tokens. With neither file all may come
        in, which only loopback allows.
    server_names
        Names by which the service is called, beside its address and this machine's names.
    trusted_proxy
        Addresses of proxies in front, or networks of them, with commas between them: these are
        believed who asks and whether by TLS; empty: none.
    tls
        Certificate and key.
    largest_upload_mb, most_uploads
        Limits of one uploaded file [MiB], and of files kept at a time.
    most_waiting
        How many jobs may wait.
    least_free_mb
        Disk that must stay free [MiB]; with less, new jobs and uploads are refused.
    clean_below_mb
        Free disk below which the oldest ended jobs are removed [MiB]; None: never.
    retention
        How long files of ended jobs stay.

    Raises
    ------
    ArgumentError
        If the settings do not fit together.
    """

    data: Path
    uploads_dir: Path | None = None
    results_dir: Path | None = None
    climate_dir: Path | None = None
    host: str = "127.0.0.1"
    port: int = 5000
    slots: int = 1
    cluster: ClusterRequest | None = None
    password_file: Path | None = None
    tokens_file: Path | None = None
    server_names: tuple[str, ...] = ()
    trusted_proxy: str = ""
    tls: tuple[Path, Path] | None = None
    largest_upload_mb: int = 4096
    most_uploads: int = 200
    most_waiting: int = 1000
    least_free_mb: int = 1024
    clean_below_mb: int | None = None
    retention: Retention = field(default_factory=Retention)

    def __post_init__(self) -> None:
        _check_addresses(self.trusted_proxy)
        ports = ports_of(self.cluster)
        if ports is not None and ports < self.slots:
            raise ArgumentError(
                f"{self.slots} runs at a time need a port each, and there are {ports}",
                remedy="give a range with <<manager_port>>, or fewer <<slots>>",
                field="slots",
                value=self.slots,
            )
        if self.clean_below_mb is not None and self.clean_below_mb < self.least_free_mb:
            raise ArgumentError(
                f"<<clean_below>> {self.clean_below_mb} MB is less than <<least_free>> "
                f"{self.least_free_mb} MB, so new jobs would be refused before old ones go",
                remedy="give more",
                field="clean_below",
                value=self.clean_below_mb,
            )

    @property
    def uploads(self) -> Path:
        """Folder of uploaded files."""
        return self.uploads_dir or self.data / "uploads"

    @property
    def results(self) -> Path:
        """Folder with a folder for each job."""
        return self.results_dir or self.data / "results"

    @property
    def logs(self) -> Path:
        """Folder of the service's own logs."""
        return self.data / "logs"

    @property
    def storage(self) -> Storage:
        """The folder of results, and when it is too full."""
        return Storage(self.results, self.clean_below_mb)

    @property
    def threads_per_job(self) -> int:
        """Cores that each of the runs may use, so that together they use this machine's."""
        return max(1, usable_cores() // self.slots)


def _check_addresses(text: str) -> None:
    """Raise `ArgumentError` for a name, which would never be the address that a request is from."""
    for part in text.split(",") if text else ():
        try:
            ipaddress.ip_network(part.strip())
        except ValueError:
            raise ArgumentError(
                f"<<trusted_proxy>> {part.strip()!r:.60} is no address of a proxy",
                remedy="give it in numbers, such as 127.0.0.1, or a network such as 10.89.0.0/16",
                field="trusted_proxy",
                value=text,
            ) from None


def ports_of(cluster: ClusterRequest | None) -> int | None:
    """Return how many ports the runs' managers may listen on; None: as many as they need."""
    if cluster is None or cluster.ports == (0, 0):
        return None
    low, high = cluster.ports
    return high - low + 1


def default_slots(cluster: ClusterRequest | None = None) -> int:
    """Return how many runs this machine bears at once, by its cores, memory and ports."""
    here = max(1, min(usable_cores() // _CORES_OF_A_SLOT, memory_mb().amount // _MB_OF_A_SLOT))
    return min(here, ports_of(cluster) or here)
