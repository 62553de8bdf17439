"""What is asked of a batch system, as plain data that is checked when it is made."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, get_args

from ..engines.runtimes.container import check_image
from ..errors import ArgumentError
from ..sizes import Address
from .checks import (
    check_is_seen_from_elsewhere,
    check_is_there,
    check_number,
    check_password_file,
    check_path,
    check_text,
)
from .run_in_job import RunInJob
from .web_pool import WebPool

Runtime = Literal["installed", "wheel", "apptainer", "podman", "docker"]
RUNTIMES: tuple[Runtime, ...] = get_args(Runtime)
CONTAINERS: tuple[Runtime, ...] = ("apptainer", "podman", "docker")

_LONGEST_NAME = 200  # with a number and an ending it is a file's, which may have 255 bytes

# what separates a mount's parts for one container program or another
_SPLITS_MOUNTS = frozenset(",:\"'\\")


@dataclass(frozen=True)
class Workers:
    """Workers for a manager that runs elsewhere: one in each job.

    Attributes
    ----------
    count
        How many jobs.
    managers
        Where managers listen, or else:
    manager_file
        The file in a run's folder where its manager says that, or else:
    project, catalog
        The name under which managers are looked up, and where.
    password_file
        File that each job reads the managers' password from; None where they have none.
    is_dry
        Whether they only check all that is needed for that, and say what they have found.
    idle_s
        How long a worker stays without a tile [s]; None for as long as there is a manager.

    Raises
    ------
    ArgumentError
        If that names no manager which another machine can reach, or others can read the password.
    """

    kind: ClassVar[str] = "workers"

    count: int = 1
    managers: tuple[Address, ...] = ()
    project: str = ""
    catalog: Address | None = None
    password_file: Path | None = None
    manager_file: Path | None = None
    is_dry: bool = False
    idle_s: int | None = None

    def __post_init__(self) -> None:
        check_number("workers", self.count)
        ways = [bool(self.managers), bool(self.project), self.manager_file is not None]
        if not any(ways):
            raise ArgumentError(
                "workers need a manager",
                remedy="name it with <<manager=HOST:PORT>>, <<manager_file>>, or <<project>> with "
                "<<catalog>>",
                field="manager",
            )
        if sum(ways) > 1:
            raise ArgumentError(
                "workers are for managers, for that of a run, or for a project",
                remedy="give either <<manager>>, <<manager_file>> or <<project>>",
                field="manager",
                value=self.managers,
            )
        if self.manager_file is not None:
            check_path("manager_file", self.manager_file)
        if bool(self.project) != (self.catalog is not None):
            raise ArgumentError(
                "a project is looked up in a catalog",
                remedy="give <<project>> and <<catalog>> together",
                field="catalog",
            )
        check_text("project", self.project)
        for name, addresses in (("manager", self.managers), ("catalog", (self.catalog,))):
            for address in filter(None, addresses):
                check_is_seen_from_elsewhere(name, address)
        if self.password_file is not None:
            check_password_file(self.password_file)


@dataclass(frozen=True)
class Tiles:
    """Tiles that jobs compute without a manager, some in each job.

    Attributes
    ----------
    folder
        Where they were exported to, on storage that all machines see under this path.
    per_job
        How many tiles a job computes, one after the other.
    claim
        The persistent volume claim that holds the folder, where jobs see it by that.
    names
        All tiles, in their order.
    instruction_set
        What processors must have, as ``v3``; None where the folder does not say it.

    Raises
    ------
    InputError
        If no tiles were exported to the folder.
    """

    kind: ClassVar[str] = "tiles"

    folder: Path
    per_job: int = 1
    claim: str = ""
    names: tuple[str, ...] = field(init=False, repr=False)
    instruction_set: str | None = field(init=False)

    def __post_init__(self) -> None:
        from ..exported import exported_with, tile_names

        check_number("per_job", self.per_job)
        check_path("tiles", self.folder)
        check_text("claim", self.claim)
        object.__setattr__(self, "names", tuple(tile_names(self.folder)))
        object.__setattr__(self, "instruction_set", exported_with(self.folder))

    @property
    def count(self) -> int:
        """How many tiles there are."""
        return len(self.names)


def own_programs() -> Path:
    """Return the folder of this installation's commands, as the one that runs was called.

    So ``/opt/eemt`` stays that where it is a link, which may lead to another version tomorrow.
    """
    called = Path(sys.argv[0]).absolute()
    is_ours = called.name.startswith("eemt-") and (called.parent / "eemt-worker").is_file()
    return called.parent if is_ours else Path(sys.executable).parent


@dataclass(frozen=True)
class Order:
    """Everything that is asked for; what is empty or None is left to the batch system.

    Attributes
    ----------
    cores, memory_mb, disk_mb, time_s
        What one job gets: cores, memory [MB], disk [MB], time [s].
    account, queue, qos, constraint
        Whom to charge, and where jobs may run; a queue is what Slurm calls a partition.
    parallel_env
        Grid Engine's parallel environment of which a job's cores are slots.
    runtime
        How a job has eemt-core: ``installed``, from a ``wheel``, or in a container.
    image
        The container's image: a name, or the path of a ``.sif`` file for apptainer.
    wheel
        The wheel, on shared storage, with the wheels that it needs beside it.
    setup
        Lines of shell that a job runs first.
    extra_directives, skipped_directives
        Directives to add as they stand, and the names of those to leave out.
    name
        The jobs' name.
    log_folder
        Where jobs write their output.
    programs
        Folder of this installation's commands, for jobs that find none on their PATH.

    Raises
    ------
    ArgumentError
        If something cannot be, does not fit together, or could not be written into a script.
    """

    work: Workers | Tiles | WebPool | RunInJob
    cores: int | None = None
    memory_mb: int | None = None
    disk_mb: int | None = None
    time_s: int | None = None
    account: str = ""
    queue: str = ""
    qos: str = ""
    constraint: str = ""
    parallel_env: str = ""
    runtime: Runtime = "installed"
    image: str = ""
    wheel: Path | None = None
    setup: tuple[str, ...] = ()
    extra_directives: tuple[str, ...] = ()
    skipped_directives: tuple[str, ...] = ()
    name: str = "eemt"
    log_folder: Path | None = None
    programs: Path = field(default_factory=own_programs)

    def __post_init__(self) -> None:
        for name in ("cores", "memory_mb", "disk_mb", "time_s"):
            number = getattr(self, name)
            if number is not None:
                check_number(name.partition("_")[0], number)
        for name in ("account", "queue", "qos", "constraint", "parallel_env", "name"):
            check_text(name, getattr(self, name))
        if not self.name.strip() or "/" in self.name or len(self.name.encode()) > _LONGEST_NAME:
            raise ArgumentError(
                f"{self.name!r:.60} cannot be a job's name, of which files are called too",
                remedy=f"write <<name>> without slashes, in {_LONGEST_NAME} bytes at most",
                field="name",
                value=self.name,
            )
        for name, lines in (
            ("setup", self.setup),
            ("extra_directive", self.extra_directives),
            ("skip_directive", self.skipped_directives),
        ):
            for line in lines:
                check_text(name, line)
        if self.log_folder is not None:
            check_path("log_dir", self.log_folder)
        self._check_runtime()

    @property
    def jobs(self) -> int:
        """How many jobs that makes."""
        work = self.work
        return -(-work.count // work.per_job) if isinstance(work, Tiles) else work.count

    def _check_runtime(self) -> None:
        needed = {"image": self.runtime in CONTAINERS, "wheel": self.runtime == "wheel"}
        for name, is_needed in needed.items():
            given = getattr(self, name)
            if is_needed and not given:
                raise ArgumentError(
                    f"runtime {self.runtime} needs {'an' if name == 'image' else 'a'} {name}",
                    remedy=f"name it with <<{name}>>",
                    field=name,
                )
            if given and not is_needed:
                raise ArgumentError(
                    f"runtime {self.runtime} has no {name}",
                    remedy=f"leave <<{name}>> out, or choose another <<runtime>>",
                    field=name,
                    value=given,
                )
        if self.wheel is not None:
            check_path("wheel", self.wheel)
            check_is_there("wheel", self.wheel)
        if self.runtime in CONTAINERS:
            self._check_container()

    def _check_container(self) -> None:
        check_image(self.image)
        if is_image_file(self.image):
            if self.runtime != "apptainer":
                raise ArgumentError(
                    f"{self.runtime} cannot run {self.image}",
                    remedy="give the image's name, or <<runtime=apptainer>>",
                    field="image",
                    value=self.image,
                )
            check_is_there("image", Path(self.image))
        work = self.work
        if isinstance(work, RunInJob) or (isinstance(work, Workers) and work.manager_file):
            raise ArgumentError(
                "a container does not see the run's files",
                remedy="leave <<runtime>> out, or have the manager outside of jobs",
                field="runtime",
                value=self.runtime,
            )
        seen = {"tiles": work.folder} if isinstance(work, Tiles) else passwords(work)
        for name, path in seen.items():
            if path is not None and _SPLITS_MOUNTS & set(str(path)):
                raise ArgumentError(
                    f"{path} cannot be shown to a container by that name",
                    remedy="use a path without commas, colons, quotes and backslashes",
                    field=name,
                    value=path,
                )


def passwords(work: Workers | WebPool) -> dict[str, Path | None]:
    """Return the files with passwords that work needs, by their fields."""
    found = {"password_file": work.password_file}
    if isinstance(work, WebPool):
        found["web_password_file"] = work.web_password_file
        found["web_tokens_file"] = work.web_tokens_file
    return found


def is_image_file(image: str) -> bool:
    """Say whether an image is a file rather than a name.

    Examples
    --------
    >>> is_image_file("/srv/eemt-1.0.sif"), is_image_file("registry.example/eemt:1.0")
    (True, False)
    """
    return image.endswith(".sif") and "://" not in image
