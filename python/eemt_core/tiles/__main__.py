"""The program that runs a task's folder.

    python -m eemt_core.tiles FOLDER

With ``--ahead`` it loads what tasks need, and is told which to run by a line on standard input;
FOLDER is then that of the run, for whoever looks at processes. ``--end-with-parent`` ends it when
its standard input ends; ``--guest``, for a process of a worker, holds it to the memory that the
task declares and ends it with its parent process.

Exit codes are those of `eemt_core.errors`; the sentence of a failure stands in ``error.json``.
"""

from __future__ import annotations

import errno
import json
import os
import queue
import resource
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from .. import refusals
from ..environment import leave_others_aside
from ..errors import ArgumentError, EemtError, ProcessorError, ResourceError, VersionError
from ..errors.system import explain, shown
from ..errors.words import in_python
from ..machine.parent import be_killed_with_parent, watch_parent

_SPARE_MB, _STACK_MB = 32, 16
_MOST_FILES = 1024


def main(arguments: list[str]) -> int:
    """Run the folder named on the command line; return the exit code."""
    leave_others_aside(keep=("OMP_NUM_THREADS",))  # which tells the cores that were granted
    options = {argument for argument in arguments if argument.startswith("--")}
    folders = [argument for argument in arguments if argument not in options]
    is_ahead = options == {"--end-with-parent", "--ahead"}
    if len(folders) != 1 or not (is_ahead or options <= {"--end-with-parent", "--guest"}):
        print(
            "usage: python -m eemt_core.tiles [--end-with-parent] [--guest] FOLDER",
            file=sys.stderr,
        )
        return ArgumentError.exit_code
    told: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    if "--end-with-parent" in options:
        watch_parent(lambda: os._exit(130), told.put)  # nobody will want the result
    folder = _told_folder(told) if is_ahead else Path(folders[0])
    try:
        if "--guest" in options:
            _be_guest(folder)
        from .compute import run

        run(folder)
    except (ResourceError, ProcessorError) as error:
        return _failed(folder, error.sentence, error.exit_code, error.lack)
    except EemtError as error:
        return _failed(folder, error.sentence, error.exit_code)
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


def _told_folder(told: queue.SimpleQueue[bytes]) -> Path:
    """Load what tasks need; return the folder that is told then, and print into its log."""
    # what cannot be loaded is reported when the task needs it
    with suppress(Exception):
        from . import compute, tile, wetness  # noqa: F401
    order = json.loads(told.get())
    with open(order["log"], "wb", buffering=0) as log:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(log.fileno(), stream.fileno())
    return Path(order["folder"])


def _unforeseen(folder: Path, error: Exception) -> int:
    """Tell of an error by what the system says of it; its place in the program is for the log."""
    traceback.print_exc()
    sentence, exit_code = explain(error) or (f"{type(error).__name__}: {error}", 1)
    lack = "disk" if getattr(error, "errno", None) == errno.EFBIG else ""
    return _failed(folder, shown(sentence), exit_code, lack)


def _failed(folder: Path, sentence: str, exit_code: int, lack: str = "") -> int:
    # where the disk is full, or numpy is missing, the exit code must do
    with suppress(OSError, ImportError):
        print(f"Error: {in_python(sentence)}", file=sys.stderr)
        if folder.is_dir():
            from .contract import write_error

            write_error(folder, sentence, lack)
    if exit_code == VersionError.exit_code:
        refusals.tell(sentence)
    return exit_code


def _be_guest(folder: Path) -> None:
    """Behave as a process of a worker should: take what was granted, and do not outlive it."""
    os.closerange(3, _MOST_FILES)  # a worker's connection, which would seem alive as long as we are
    be_killed_with_parent()
    _limit_memory(folder)


def _limit_memory(folder: Path) -> None:
    """Let this process have the memory that the task declares, and no more.

    What it allocates beyond that fails in this process, which can say so, and takes nothing from
    its neighbours. Stacks of threads and what libraries set aside without using it come on top.
    """
    from .contract import read_task
    from .task import WetnessWork

    task = read_task(folder)
    limit_mb = task.memory_mb + _SPARE_MB + _STACK_MB * task.cores
    if isinstance(task.work, WetnessWork):
        from .wetness import reserved_mb

        limit_mb += reserved_mb(folder)
    limit = limit_mb * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
