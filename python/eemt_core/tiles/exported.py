"""Tiles that plain processes compute without a manager: the folder they lie in, and one of them.

======================  ====================================================================
``tiles.txt``           names of all tiles, one in a line
``export.json``         of which run they are
``tiles/NAME/``         a task's folder as `contract` has it, which nobody changes
``results/NAME/``       what a process left of it: ``results.f32`` and ``result.json``
``wetness/``            the wetness index of the whole DEM, where the run needs it
======================  ====================================================================

The folder may be moved, copied in part, and used by any number of processes on any machines that
see it. A process works under a name of its own and renames what it left once it has verified it:
under a tile's name lie complete results only, whoever is killed at whatever time.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from ..errors import ArgumentError, EemtError, InputError, ResourceError
from ..errors.system import explain
from ..numerals import whole
from .compute import carry_out
from .contract import check_inputs, read_result, read_task, write_result
from .result import InvalidResultError
from .task import Task

NAMES_FILE, ABOUT_FILE = "tiles.txt", "export.json"
TASKS, RESULTS, WETNESS = "tiles", "results", "wetness"

_NAME = re.compile(r"tile-\d{6,12}", re.ASCII)
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST)


def task_folder(exported: Path, name: str) -> Path:
    """Return where the inputs of a tile lie."""
    return exported / TASKS / name


def result_folder(exported: Path, name: str) -> Path:
    """Return where the result of a tile lies once it is complete."""
    return exported / RESULTS / name


def tile_names(exported: Path) -> list[str]:
    """Return the names of all tiles in a folder, in their order.

    Raises
    ------
    InputError
        If it holds no list of tiles.
    """
    path = exported / NAMES_FILE
    try:
        names = path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        names = []
    if not names or not all(map(_NAME.fullmatch, names)):
        raise InputError(
            f"{path} is no list of tiles",
            remedy="give the folder that <<export_tiles>> wrote, with its tiles.txt",
            field="folder",
            value=exported,
        )
    return names


def chosen_tiles(exported: Path, words: Iterable[str]) -> list[str]:
    """Return the names of tiles that are given by name, or by line of ``tiles.txt`` from 1 on.

    A name needs its own folder alone, so that a job may have no more than that.

    Raises
    ------
    ArgumentError
        If there is no such tile.
    """
    chosen = []
    for word in words:
        number = whole(word)
        if number is not None:
            names = tile_names(exported)
            if not 1 <= number <= len(names):
                raise ArgumentError(
                    f"there is no tile {number}",
                    remedy=f"give a line of {exported / NAMES_FILE}, 1 to {len(names)}",
                    field="tile",
                    value=word,
                )
            chosen.append(names[number - 1])
        elif _NAME.fullmatch(word) and task_folder(exported, word).is_dir():
            chosen.append(word)
        else:
            raise ArgumentError(
                f"{exported} holds no tile {word!r:.60}",
                remedy=f"give a name or a line number of {exported / NAMES_FILE}",
                field="tile",
                value=word,
            )
    return chosen


def run_exported(exported: Path, name: str) -> bool:
    """Compute a tile and leave its result; say whether there was anything to do.

    Raises
    ------
    EemtError
        If its inputs are missing or damaged, this processor or version cannot compute it, or its
        result cannot be written. A complete result of another process is never touched.
    """
    source, place = task_folder(exported, name), result_folder(exported, name)
    task = read_task(source)
    if is_complete(place, task):
        return False
    part = place.with_name(f".{name}.{platform.node()}-{os.getpid()}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
    except OSError as error:
        raise _cannot_write(part.parent, error) from None
    try:
        check_inputs(source, task)
        write_result(part, carry_out(source, task, part))
        if not is_complete(part, task):
            raise ResourceError(
                f"what was written to {part.parent} reads otherwise",
                "disk",
                remedy="check that disk, or the file system of the network",
            )
        _give_name(part, place, task)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise _cannot_write(part.parent, error) from None
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return True


def is_complete(folder: Path, task: Task) -> bool:
    """Say whether a folder holds a result of this task, each byte as its checksum says."""
    if not folder.is_dir():
        return False
    wanted = {"name": task.name, "fingerprint": task.fingerprint, "arrays": task.outputs}
    try:
        arrays = read_result(folder, **wanted).arrays.values()  # type: ignore[arg-type]
        return all(array.place.sha256(folder) == array.sha256 for array in arrays)
    except (InvalidResultError, EemtError, OSError, ValueError):
        return False


def _give_name(part: Path, place: Path, task: Task) -> None:
    """Rename a complete result; where another process was first, keep that one's if it is whole."""
    while True:
        try:
            part.rename(place)
            return
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
        if is_complete(place, task):
            return
        shutil.rmtree(place, ignore_errors=True)


def _cannot_write(folder: Path, error: OSError) -> EemtError:
    why, _ = explain(error) or (error.strerror, 0)
    return ResourceError(
        f"results cannot be written to {folder} ({why})",
        "disk",
        remedy="free space there, or copy the folder of the tiles to where you may write",
        field="folder",
        value=folder,
    )
