"""Writes the tasks of all tiles into a folder, for processes that no manager watches."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from .. import __version__
from ..engines.local import LocalEngine
from ..errors import ArgumentError, InputError
from ..errors.system import explain
from ..files import write_json
from ..tiles.exported import (
    ABOUT_FILE,
    NAMES_FILE,
    RESULTS,
    TASKS,
    WETNESS,
    task_folder,
)
from .folder import STATE_FOLDER, OutFolder
from .inputs.tile_inputs import TileInputs
from .plan.plan import Plan, check_request
from .plan.resources import check_disk
from .prepare import MakeEngine, Preparation
from .reporter import Reporter
from .request import RunRequest
from .stop import Stop

_MB = 2**20


def export_tiles(
    request: RunRequest,
    folder: Path,
    reporter: Reporter,
    make_engine: MakeEngine = LocalEngine,
    stop: Stop | None = None,
) -> Path:
    """Write the tasks of a run's tiles into `folder` and return it.

    The folder is there whole or not at all. How it is used stands in `eemt_core.tiles.exported`;
    `collect_tiles` makes maps of the results.

    Parameters
    ----------
    request
        The run; nothing is written to its ``out``. With ``overwrite`` an earlier export in `folder`
        is replaced.
    folder
        Where to write; it must be new or empty.

    Raises
    ------
    EemtError
        With one sentence for the user.
    """
    check_request(request)
    folder, stop = folder.absolute(), stop or Stop()
    _check(folder, overwrite=request.overwrite)
    with _new_folder(folder) as part:
        work = OutFolder(part)
        work.open(overwrite=False, resume=False)
        try:
            work.make_folders()
            _Export(request, work, reporter, make_engine, stop).write(part)
        finally:
            work.close()
        shutil.rmtree(part / STATE_FOLDER)
    return folder


class _Export(Preparation):
    def __init__(
        self,
        request: RunRequest,
        folder: OutFolder,
        reporter: Reporter,
        make_engine: MakeEngine,
        stop: Stop,
    ) -> None:
        super().__init__(request, folder, reporter, make_engine)
        self.stop = stop

    def write(self, target: Path) -> None:
        """Plan the run and write everything into `target`."""
        plan = self.plan()
        needs = {tile.index: self.need(plan, tile) for tile in plan.tiling}
        check_disk(target, sum(need.disk_mb for need in needs.values()) * _MB, "exporting tiles")
        with self.engine(1) as beside:
            wetness = self.wetness(plan, self.wetness_task(plan, beside, self.cores))
        coarse = self.pyramid(plan)
        (target / TASKS).mkdir()
        (target / RESULTS).mkdir()
        with closing(TileInputs(plan, coarse, wetness)) as inputs, self.stop.listens():
            for done, tile in enumerate(plan.tiling):
                if self.stop.is_asked:
                    raise KeyboardInterrupt
                self.reporter.progress("tiles", done, len(plan.tiling), "tiles")
                inputs.write(tile, task_folder(target, tile.name), needs[tile.index])
        self.reporter.progress("tiles", len(plan.tiling), len(plan.tiling), "tiles")
        if plan.wetness.source == "computed":
            (self.folder.work / "wetness").rename(target / WETNESS)
        names = [f"{tile.name}\n" for tile in plan.tiling]
        (target / NAMES_FILE).write_text("".join(names), encoding="ascii")
        write_json(target / ABOUT_FILE, _about(plan))


def _about(plan: Plan) -> dict[str, object]:
    request = replace(plan.request, overwrite=False)
    return {
        "program": f"eemt-core {__version__}",
        "command": request.command,
        "tiles": len(plan.tiling),
        "fingerprint": dict(plan.fingerprint),
        "parameters": dict(plan.parameters),
    }


def _check(folder: Path, *, overwrite: bool) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    is_export = (folder / ABOUT_FILE).is_file() and (folder / NAMES_FILE).is_file()
    if not (is_export and overwrite):
        what = "holds exported tiles" if is_export else "is not empty"
        raise ArgumentError(
            f"{folder} {what}",
            remedy="give another folder with <<export_tiles>>"
            + (", or add <<overwrite>>" if is_export else ""),
            field="export_tiles",
            value=folder,
        )


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Give a folder that gets its name when all is in it; nothing stays of it otherwise."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir()
    except OSError as error:
        raise _cannot_make(folder, error) from None
    try:
        yield part
        old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise _cannot_make(folder, error) from None
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _cannot_make(folder: Path, error: OSError) -> InputError:
    why, _ = explain(error) or (error.strerror, 0)
    return InputError(
        f"{folder} cannot be made: {why}",
        remedy="give another folder with <<export_tiles>>",
        field="export_tiles",
        value=folder,
    )
