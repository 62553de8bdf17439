"""Writes the tasks of all tiles into a folder, for processes that no manager watches."""

from __future__ import annotations

import shutil
from contextlib import closing, suppress
from dataclasses import asdict, replace
from pathlib import Path

from .. import __version__
from ..engines.local import LocalEngine
from ..errors import ArgumentError, EemtError
from ..exported import (
    ABOUT_FILE,
    MISSING_FILE,
    NAMES_FILE,
    RESULTS,
    TASKS,
    WETNESS,
    WETNESS_FILES,
    seal,
    task_folder,
)
from ..files import sha256_file, write_json
from ..tiles.task import Resources
from .folder import STATE_FOLDER, OutFolder
from .inputs.tile_inputs import TileInputs
from .plan.plan import Plan, check_request
from .plan.resources import check_disk
from .prepare import MakeEngine, Preparation
from .reporter import Reporter
from .request import RunRequest
from .stop import Stop

_MB = 2**20
_UNFINISHED = ".export"
_WRITTEN = (WETNESS, TASKS, RESULTS, NAMES_FILE, ABOUT_FILE)
"""What an export consists of, in the order in which it gets its names: the last says that it is."""


def export_tiles(
    request: RunRequest,
    folder: Path,
    reporter: Reporter,
    make_engine: MakeEngine = LocalEngine,
    stop: Stop | None = None,
) -> Path:
    """Write the tasks of a run's tiles into `folder` and return it.

    They are there whole or not at all. How they are used stands in `eemt_core.exported`;
    `collect_tiles` makes maps of the results.

    Parameters
    ----------
    request
        The run; nothing is written to its ``out``. With ``overwrite`` an earlier export in `folder`
        is replaced; other files there are left alone.
    folder
        Where to write; it must be new or empty.

    Raises
    ------
    EemtError
        With one sentence for the user.
    """
    check_request(request)
    folder, stop = folder.absolute(), stop or Stop()
    _check(folder, request)
    work = OutFolder(folder / _UNFINISHED)
    if work.path.is_dir() and not work.state.is_dir():  # it was being removed
        _remove(work.path)
    try:
        work.open(overwrite=False, resume=True)
        try:
            _check(folder, request)  # again, now that nobody else exports there
            _clear(work)
            work.make_folders()
            tiles, need = _Export(request, work, reporter, make_engine, stop).write(work.path)
            with stop.listens():  # it takes a moment, and half of it would be of no use
                _give_names(work.path, folder)
        finally:
            _clear(work)
            work.abandon()
            with suppress(OSError):
                work.path.rmdir()
    except EemtError as error:
        raise _of_folder(folder, error) from None
    reporter.say(
        f"{folder} holds {tiles} tile{'s' * (tiles > 1)}, each of {need.cores} core and at most "
        f"{need.memory_mb} MB of memory and {need.disk_mb} MB of disk."
    )
    return folder


class _Export(Preparation):
    def write(self, target: Path) -> tuple[int, Resources]:
        """Plan the run and write everything into `target`.

        Returns
        -------
        tuple
            How many tiles there are, and what the largest of them takes.
        """
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
                seal(target, tile.name)
        self.reporter.progress("tiles", len(plan.tiling), len(plan.tiling), "tiles")
        if plan.wetness.source == "computed":
            (target / WETNESS).mkdir()
            for name in WETNESS_FILES:
                (self.folder.work / "wetness" / name).rename(target / WETNESS / name)
        names = [f"{tile.name}\n" for tile in plan.tiling]
        (target / NAMES_FILE).write_text("".join(names), encoding="ascii")
        largest = max(needs.values(), key=lambda need: need.memory_mb)
        largest = replace(largest, disk_mb=max(need.disk_mb for need in needs.values()))
        write_json(target / ABOUT_FILE, _about(plan, largest, target / WETNESS))
        return len(plan.tiling), largest


def _about(plan: Plan, largest: Resources, wetness: Path) -> dict[str, object]:
    return {
        "program": f"eemt-core {__version__}",
        "command": plan.request.command,
        "tiles": len(plan.tiling),
        "largest_tile": asdict(largest),
        "fingerprint": dict(plan.fingerprint),
        "parameters": dict(plan.parameters),
        "wetness": {name: sha256_file(wetness / name) for name in sorted(_entries(wetness))},
    }


def _check(folder: Path, request: RunRequest) -> None:
    """Raise `ArgumentError` if a folder must not be written to; nothing is made or changed."""
    out, place = request.out.resolve(), folder.resolve()
    if out == place or out in place.parents or place in out.parents:
        raise ArgumentError(
            f"{folder} and the folder of the maps lie within each other",
            remedy="give another one with <<export_tiles>>",
            field="export_tiles",
            value=folder,
        )
    if folder.exists() and not folder.is_dir():
        what, is_export = "is a file", False
    else:
        found = _entries(folder)
        begun = _UNFINISHED in found
        found.discard(_UNFINISHED)
        # without its last file where it was being replaced when that was cut short
        is_export = ABOUT_FILE in found or (begun and found <= {*_WRITTEN, MISSING_FILE})
        if not found or (is_export and request.overwrite):
            return
        what = "holds exported tiles" if is_export else "is not empty"
    raise ArgumentError(
        f"{folder} {what}",
        remedy="give another folder with <<export_tiles>>"
        + (", or add <<overwrite>>" if is_export else ""),
        field="export_tiles",
        value=folder,
    )


def _give_names(work: Path, folder: Path) -> None:
    """Move what was written to where it belongs, in place of an earlier export if there is one."""
    for name in (*reversed(_WRITTEN), MISSING_FILE):
        _remove(folder / name)
    for name in _WRITTEN:
        if (work / name).exists():
            (work / name).rename(folder / name)


def _clear(work: OutFolder) -> None:
    """Remove all in a working folder but what locks it."""
    for name in _entries(work.path) - {STATE_FOLDER}:
        _remove(work.path / name)


def _entries(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _of_folder(folder: Path, error: EemtError) -> EemtError:
    """Return an error of the folder that is worked in as one of the folder that was given."""
    inner = str(folder / _UNFINISHED)
    if inner in error.what:
        error.what = error.what.replace(inner, str(folder))
        error.field, error.value = "export_tiles", folder
        error.remedy = error.remedy.replace("<<out>>", "<<export_tiles>>")
    return error
