"""A task as plain data in a folder.

A folder holds ``task.json`` and its input files, under relative names; running it leaves the
results there and, last of all, ``result.json``. The folder may be moved to any directory of any
machine: neither the network, nor the DEM, nor a GDAL installation is needed to run it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import ArgumentError, InputError, VersionError
from ..files import read_json, sha256_file, write_json

SCHEMA = 2
"""Version of the layout of a task's folder; another one is refused."""

TASK_FILE, RESULT_FILE, ERROR_FILE = "task.json", "result.json", "error.json"
ARRAYS_FILE = "results.f32"
RESULTS = (TASK_FILE, RESULT_FILE, ARRAYS_FILE)
"""What stays of a task's folder when its inputs are removed."""
KINDS = ("tile", "wetness")


@dataclass(frozen=True)
class Resources:
    """What a task needs of the machine that runs it."""

    cores: int
    memory_mb: int
    disk_mb: int


@dataclass(frozen=True)
class Task:
    """A piece of work: what to compute, from which files, with which resources.

    Attributes
    ----------
    kind
        ``tile`` (the maps of one tile) or ``wetness`` (the wetness index of a whole DEM).
    name
        Name of the folder, unique within a run.
    parameters
        What the computation depends on beside its input files; plain JSON.
    inputs
        SHA-256 of each input file by its name within the folder.
    outputs
        Names of the wanted result arrays.
    fingerprint
        Hashes of the run's parameters, code and inputs: a result with the same ones is the same.
    """

    kind: str
    name: str
    parameters: Mapping[str, Any]
    inputs: Mapping[str, str]
    outputs: tuple[str, ...]
    resources: Resources
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    schema: int = SCHEMA
    program: str = __version__

    @property
    def arrays_file(self) -> str:
        """Name of the file in its folder that takes all its results."""
        return ARRAYS_FILE

    def write(self, folder: Path) -> None:
        """Write ``task.json`` into `folder`, where the inputs must be already."""
        write_json(folder / TASK_FILE, asdict(self), to_disk=False)

    @classmethod
    def read(cls, folder: Path) -> Task:
        """Return the task in `folder`, or raise `VersionError` or `ArgumentError`."""
        raw = read_json(folder / TASK_FILE)
        met = (raw.get("schema"), raw.get("program"))
        if met != (SCHEMA, __version__):
            raise VersionError(
                f"the task was written by eemt-core {met[1]} (task layout {met[0]}) but this is "
                f"eemt-core {__version__} (task layout {SCHEMA}): install the same version on both "
                "sides"
            )
        try:
            task = cls(
                **{
                    **raw,
                    "outputs": tuple(raw["outputs"]),
                    "resources": Resources(**raw["resources"]),
                }
            )
        except (KeyError, TypeError) as error:
            raise ArgumentError(f"{folder / TASK_FILE} is not a task: {error}") from None
        if task.kind not in KINDS:
            raise ArgumentError(f"kind must be one of {', '.join(KINDS)}, got {task.kind!r}")
        return task


def verify_inputs(folder: Path, task: Task) -> None:
    """Raise `InputError` unless every input file is there with the checksum of the task."""
    for name, expected in task.inputs.items():
        path = folder / name
        if path.resolve().parent != folder.resolve():
            raise ArgumentError(f"input {name!r} must lie in the task's folder")
        if not path.is_file():
            raise InputError(f"input {name} of {task.name} is missing")
        if sha256_file(path) != expected:
            raise InputError(f"input {name} of {task.name} is damaged: its checksum differs")
