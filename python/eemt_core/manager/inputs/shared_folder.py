"""The folder of a run on storage that manager and workers share: made, filled, emptied, removed."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...errors.system import explain
from ...files import read_file
from ...grids.tiling import Window
from ...tiles.block_file import BlockFile, write_blocks
from ...tiles.contract import BLOCKS_FILE
from ...tiles.shared import DEM_BLOCKS
from ...tiles.task import SharedFiles
from ..plan.resources import check_disk

_RECORD = "shared.txt"
_NAME = re.compile(r"eemt-[0-9a-f]{32}", re.ASCII)
_PATIENCE_S = 2.0
"""How long a result may take until it is seen here that a worker has written."""


class SharedFolder:
    """A folder in `directory` that nobody but this run uses, with the DEM in it.

    Its name is random: a machine that has a folder of that name has the same storage. It is noted
    in the run's own folder, so that the next run there removes what a killed one has left.

    Parameters
    ----------
    directory
        Of the user, the same one under this path on manager and workers.
    state
        The run's folder of working files.
    shape, read
        Rows and columns of the DEM, and what gives the cells of a window.
    told
        Called with the number of the DEM's rows that are there.

    Attributes
    ----------
    is_used
        Whether tasks use it.
    failure
        Why this machine can no longer write there; empty if it can.

    Raises
    ------
    InputError
        If nothing can be written there.
    ResourceError
        If the DEM does not fit there.
    """

    def __init__(
        self,
        directory: Path,
        state: Path,
        shape: tuple[int, int],
        read: Callable[[Window], NDArray[np.float32]],
        told: Callable[[int], object] = lambda rows: None,
    ) -> None:
        self.directory = directory.absolute()
        self.path = self.directory / f"eemt-{secrets.token_hex(16)}"
        self.is_used, self.failure = True, ""
        (state / _RECORD).write_text(str(self.path), encoding="utf-8", errors="surrogateescape")
        try:
            self.path.mkdir(mode=0o700)
            check_disk(
                self.directory, 4 * shape[0] * shape[1], "the shared DEM", option="shared_dir"
            )
            self._dem: BlockFile = write_blocks(self.path / DEM_BLOCKS, shape, read, told)
        except OSError as error:
            self.close()
            why, _ = explain(error) or (error.strerror, 0)
            raise InputError(
                f"nothing can be written to {self.directory} ({why})",
                remedy="give a folder that manager and workers share with <<shared_dir>>, or leave "
                "it out",
                field="shared_dir",
                value=directory,
            ) from None
        except BaseException:
            self.close()
            raise

    def make(self, task: str, halo: Window) -> SharedFiles:
        """Make the folder of a task and return what the task needs to know of the storage."""
        folder = self.path / task
        folder.mkdir()
        return SharedFiles(str(folder), self._dem.cut(halo))

    def fails(self, error: OSError) -> None:
        """Note that nothing can be written there any more: it is used no longer."""
        self.is_used, self.failure = False, str(error.strerror)

    def take(self, task: str, target: Path) -> None:
        """Move the file that a task has left into a folder here, if they are there."""
        left, deadline = self.path / task / BLOCKS_FILE, time.monotonic() + _PATIENCE_S
        while not os.path.lexists(left) and time.monotonic() < deadline:
            time.sleep(0.05)
        try:
            shutil.move(left, target / BLOCKS_FILE)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise  # the disk here; without the cells the result does not count

    def drop(self, task: str) -> None:
        """Remove the folder of a task."""
        shutil.rmtree(self.path / task, ignore_errors=True)

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.path, ignore_errors=True)


def remove_left_behind(state: Path) -> None:
    """Remove the folder on shared storage that a killed run has noted in its own folder."""
    record = state / _RECORD
    with suppress(OSError, UnicodeDecodeError):
        noted = Path(os.fsdecode(read_file(record)))
        if _NAME.fullmatch(noted.name) and noted.is_absolute():
            shutil.rmtree(noted, ignore_errors=True)
    record.unlink(missing_ok=True)
