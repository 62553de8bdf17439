"""What the service is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..machine import memory_mb, usable_cores
from ..manager.request import ClusterRequest

_CORES_OF_A_SLOT, _MB_OF_A_SLOT = 4, 4000


@dataclass(frozen=True)
class WebSettings:
    """How the service runs.

    Attributes
    ----------
    data
        Folder of the jobs' database, and of what the next two do not place elsewhere.
    uploads_dir, results_dir
        Folders of uploaded files, and of a folder for each job; None: within `data`.
    host, port
        Where it listens.
    slots
        How many runs go on at once.
    cluster
        The worker pool that jobs are sent to; None: runs stay on this machine.
    password_file
        File with the password's hash; None: no password.
    token_file
        File with the hashes of tokens for programs; None: no tokens. With neither file all may come
        in, which only loopback allows.
    server_names
        Names by which the service is called, beside its address and this machine's names.
    trusted_proxy
        Address of a proxy in front, which is believed who asks and whether by TLS; empty: none.
    tls
        Certificate and key.
    largest_upload_mb, most_uploads
        Limits of one uploaded file [MiB], and of files kept at a time.
    least_free_mb
        Disk that must stay free [MiB]; with less, new jobs and uploads are refused.
    """

    data: Path
    uploads_dir: Path | None = None
    results_dir: Path | None = None
    host: str = "127.0.0.1"
    port: int = 5000
    slots: int = 1
    cluster: ClusterRequest | None = None
    password_file: Path | None = None
    token_file: Path | None = None
    server_names: tuple[str, ...] = ()
    trusted_proxy: str = ""
    tls: tuple[Path, Path] | None = None
    largest_upload_mb: int = 4096
    most_uploads: int = 200
    least_free_mb: int = 1024

    @property
    def uploads(self) -> Path:
        """Folder of uploaded files."""
        return self.uploads_dir or self.data / "uploads"

    @property
    def results(self) -> Path:
        """Folder with a folder for each job."""
        return self.results_dir or self.data / "results"

    @property
    def threads_per_job(self) -> int:
        """Cores that each of the runs may use, so that together they use this machine's."""
        return max(1, usable_cores() // self.slots)


def default_slots() -> int:
    """Return how many runs this machine bears at once, by its cores and memory."""
    return max(1, min(usable_cores() // _CORES_OF_A_SLOT, memory_mb().amount // _MB_OF_A_SLOT))
