"""A task whose inputs lie on storage that manager and workers share, and whose cells go there.

A task's folder holds ``task.json`` alone then; it names a folder on that storage::

    eemt-.../              of one run
    eemt-.../dem.blocks    the DEM, a `block_file`
    eemt-.../TASK/         the other inputs of one task; later ``results.blocks``

The cells are written under a name of the process's own and renamed at the end, since a worker that
lost its manager may still be at work when another has the task.
"""

from __future__ import annotations

import errno
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InputError, ResourceError
from .contract import BLOCKS_FILE, write_dem
from .task import SharedFiles, Task

DEM_BLOCKS = "dem.blocks"

_FAILS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.EROFS)
_PATIENCE_S = 5.0
"""How long a folder may take until it is seen on another machine: network storage may keep what it
knew of a folder for some seconds."""


def fetch(shared: SharedFiles, task: Task, folder: Path) -> None:
    """Put the task's window of the DEM and its other inputs into its folder here.

    Raises
    ------
    ResourceError
        With ``shared`` as what is lacking, if this machine does not see the storage, or reads
        another DEM there than the manager wrote.
    """
    there = Path(shared.folder)
    _wait_for(there)
    try:
        write_dem(folder, shared.dem.read(there.parent))
        for name in task.inputs:
            shutil.copyfile(there / name, folder / name)
    except InputError as error:
        raise _no_use(there, str(error)) from None
    except OSError as error:
        if error.filename is not None and Path(error.filename).parent == folder:
            raise  # the disk here
        raise _no_use(there, str(error.strerror)) from None


@contextmanager
def results_folder(shared: SharedFiles) -> Iterator[Path]:
    """Give a folder on the storage for the cells; they get their name at the end of the block.

    Raises
    ------
    ResourceError
        With ``shared`` as what is lacking, if they cannot be written there.
    """
    there = Path(shared.folder)
    try:
        part = Path(tempfile.mkdtemp(".part", f".{platform.node()}-", there))
    except OSError as error:
        raise _no_use(there, str(error.strerror)) from None
    try:
        yield part
        (part / BLOCKS_FILE).replace(there / BLOCKS_FILE)
    except ResourceError as error:
        if error.lack != "disk":
            raise
        raise _no_use(there, error.what) from None
    except OSError as error:
        if error.errno not in _FAILS:
            raise
        raise _no_use(there, str(error.strerror)) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _wait_for(folder: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            os.listdir(folder)  # asks the storage, where a mere look might be answered from memory
            return
        except OSError as error:
            # without the run's folder this machine has other storage under that name, or none
            if not folder.parent.is_dir() or time.monotonic() > deadline:
                raise _no_use(folder, str(error.strerror)) from None
        time.sleep(0.1)


def _no_use(folder: Path, why: str) -> ResourceError:
    storage = folder.parent.parent
    return ResourceError(f"the worker cannot use {storage} as the manager does ({why})", "shared")
