"""One task as plain data in a folder, and the program that runs it.

A folder holds ``task.json`` and its input files, under relative names; running it leaves the
results there and, last of all, ``result.json``. The folder may be moved to any directory of any
machine: neither the network, nor the DEM, nor a GDAL installation is needed to run it.

    python -m eemt_core.task FOLDER

``--end-with-parent`` ends it when its standard input ends; ``--guest``, for a process of a worker,
holds it to the memory that the task declares and ends it with its parent process.

Exit codes are those of `eemt_core.errors`; the sentence of a failure stands in ``error.json``.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from . import __version__
from .environment import leave_others_aside
from .errors import ArgumentError, EemtError, InputError, ResourceError, VersionError
from .failures import explain, shown
from .files import read_json, sha256_file, write_json

SCHEMA = 2
"""Version of the layout of a task's folder; another one is refused."""

TASK_FILE, RESULT_FILE, ERROR_FILE = "task.json", "result.json", "error.json"
ARRAYS_FILE = "results.f32"
RESULTS = (TASK_FILE, RESULT_FILE, ARRAYS_FILE)
"""What stays of a task's folder when its inputs are removed."""
KINDS = ("tile", "wetness")
_SPARE_MB, _STACK_MB = 32, 16
_MOST_FILES = 1024
_PR_SET_PDEATHSIG = 1


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


def run(folder: Path) -> None:
    """Run the task in `folder` and leave its results there; ``result.json`` comes last.

    Raises
    ------
    VersionError
        If another version wrote the task.
    InputError
        If an input is missing or damaged.
    ArgumentError
        If the task's description is not one.
    """
    task = Task.read(folder)
    for name in (RESULT_FILE, ARRAYS_FILE):
        (folder / name).unlink(missing_ok=True)
    verify_inputs(folder, task)
    from . import stages

    recorder = stages.run(folder, task)
    write_json(folder / RESULT_FILE, recorder.result(task))


def main(arguments: list[str]) -> int:
    """Run the folder named on the command line; return the exit code."""
    leave_others_aside(keep=("OMP_NUM_THREADS",))  # which tells the cores that were granted
    options = {argument for argument in arguments if argument.startswith("--")}
    folders = [argument for argument in arguments if argument not in options]
    if len(folders) != 1 or options - {"--end-with-parent", "--guest"}:
        print(
            "usage: python -m eemt_core.task [--end-with-parent] [--guest] FOLDER",
            file=sys.stderr,
        )
        return ArgumentError.exit_code
    folder = Path(folders[0])
    try:
        if "--end-with-parent" in options:
            _end_when_standard_input_ends()
        if "--guest" in options:
            _be_guest(folder)
        run(folder)
    except ResourceError as error:
        return _failed(folder, str(error), error.exit_code, error.lack)
    except EemtError as error:
        return _failed(folder, str(error), error.exit_code)
    except MemoryError:
        sentence = "the task ran out of memory"
        return _failed(folder, sentence, ResourceError.exit_code, "memory")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            sentence = f"{error.strerror}: free some space on the disk of {folder.absolute()}"
            return _failed(folder, sentence, ResourceError.exit_code, "disk")
        return _unforeseen(folder, error)
    except KeyboardInterrupt:
        return _failed(folder, "the task was interrupted", 130)
    except Exception as error:
        return _unforeseen(folder, error)
    return 0


def _unforeseen(folder: Path, error: Exception) -> int:
    """Tell of an error by what the system says of it; its place in the program is for the log."""
    traceback.print_exc()
    sentence, exit_code = explain(error) or (f"{type(error).__name__}: {error}", 1)
    lack = "disk" if getattr(error, "errno", None) == errno.EFBIG else ""
    return _failed(folder, shown(sentence), exit_code, lack)


def _failed(folder: Path, sentence: str, exit_code: int, lack: str = "") -> int:
    text = json.dumps({"error": sentence, "exit_code": exit_code, "lack": lack})
    with suppress(OSError):  # where the disk is full the exit code must do
        print(f"Error: {sentence}", file=sys.stderr)
        if folder.is_dir():
            (folder / ERROR_FILE).write_text(text, encoding="utf-8")
    return exit_code


def _be_guest(folder: Path) -> None:
    """Behave as a process of a worker should: take what was granted, and do not outlive it."""
    os.closerange(3, _MOST_FILES)  # a worker's connection, which would seem alive as long as we are
    with suppress(OSError, AttributeError):  # Linux alone can do so
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _limit_memory(folder)


def _limit_memory(folder: Path) -> None:
    """Let this process have the memory that the task declares, and no more.

    What it allocates beyond that fails in this process, which can say so, and takes nothing from
    its neighbours. Stacks of threads and what libraries set aside without using it come on top.
    """
    resources = Task.read(folder).resources
    limit = (resources.memory_mb + _SPARE_MB + _STACK_MB * resources.cores) * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _end_when_standard_input_ends() -> None:
    """End this process as soon as the one that holds the other end of the pipe is gone.

    The engine keeps the write end open and never writes: the end of the file means that it has
    died, however it died, and nobody will want the result.
    """

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        os._exit(130)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
