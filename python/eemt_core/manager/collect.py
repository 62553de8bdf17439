"""Makes maps of the results that processes without a manager left in an exported folder."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engines.local import LocalEngine
from ..errors import EemtError, IncompleteError, InputError
from ..errors.system import cannot_write
from ..exported import (
    MISSING_FILE,
    WETNESS,
    WETNESS_FILES,
    exported_with,
    is_complete,
    remove_leftovers,
    result_folder,
    task_folder,
)
from ..files import other_kind, sha256_file
from ..grids import pyramid
from ..grids.tiling import Tile
from ..journal import Journal
from ..rasters import read_window
from ..tiles.contract import BLOCKS_FILE, RESULT_FILE, read_task
from ..tiles.result import InvalidResultError
from .folder import OutFolder
from .inputs.tile_inputs import TileInputs
from .inputs.wetness import Wetness, computed_wetness
from .origin import require_no_other_run, require_origin
from .plan.plan import Plan, check_request
from .reporter import Reporter
from .request import RunRequest
from .run import Run
from .schedule.expected_result import ExpectedResult
from .schedule.results import TileResults
from .schedule.verify import VerifiedResult
from .stop import Stop

if TYPE_CHECKING:
    from .cluster import Cluster

_TOLD = 10
_NONE = "it has no result"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def collect_tiles(
    request: RunRequest, exported: Path, reporter: Reporter, stop: Stop | None = None
) -> Path:
    """Verify the results in an exported folder, keep them in ``out``, and write the maps.

    It may be called again and again: what was verified once stays in ``out``.

    Parameters
    ----------
    request
        The run that was exported.
    exported
        The folder that `export_tiles` wrote, wherever it lies now.

    Returns
    -------
    Path
        `request.out`, which holds the maps and ``run.json``.

    Raises
    ------
    IncompleteError
        If results are missing or damaged; ``missing.txt`` in the folder names their tiles.
    EemtError
        If the folder is of another run, if ``out`` holds maps of another one and ``overwrite`` is
        not set, or if maps cannot be written.
    """
    check_request(request)
    overwrite, resume = request.overwrite, not request.overwrite
    # no worker is waited for, whatever the request says of them
    asked = replace(request, resume=resume, cluster=None)
    with OutFolder.opened(request.out, overwrite=overwrite, resume=resume) as folder:
        _Collected(asked, folder, reporter, stop or Stop(), exported.absolute()).carry_out()
    return request.out


class _Collected(Run):
    engine_name = "exported"

    def __init__(
        self,
        request: RunRequest,
        folder: OutFolder,
        reporter: Reporter,
        stop: Stop,
        exported: Path,
    ) -> None:
        super().__init__(request, folder, reporter, LocalEngine, stop)
        self.exported = exported
        self._about: Mapping[str, Any] = {}

    def begun_with(self) -> str | None:
        """Return the instruction set of the tiles, which this machine need not have."""
        return exported_with(self.exported)

    def _is_done(self, plan: Plan) -> bool:
        """Say whether all maps are there; raise where others are, or nothing to make them of."""
        if not self.request.overwrite:
            require_no_other_run(self.folder, plan)
        is_done = super()._is_done(plan)
        if not is_done:
            self._about = require_origin(self.exported, plan)
        return is_done

    def tiles(
        self, plan: Plan, journal: Journal, cluster: Cluster | None
    ) -> tuple[dict[int, VerifiedResult], Wetness | None]:
        """Take over all results that are there; raise `IncompleteError` if some are not."""
        unused = pyramid.build(
            lambda window: read_window(plan.dem.path, *window.numbers),
            *plan.grid.shape,
            cell_size_m=plan.grid.cell_size_m,
            levels=0,
            folder=self.folder.work / "pyramid",
        )
        with self.timed("tiles"), closing(TileInputs(plan, unused)) as inputs:
            expected = ExpectedResult.of(inputs)
            results = TileResults(expected, self.folder, journal, self.reporter)
            missing = self._take_all(plan, results, journal)
        if missing:
            self._tell(missing, len(plan.tiling))
        wetness = self._index(plan)
        with suppress(OSError):  # a folder that may only be read is as good
            (self.exported / MISSING_FILE).unlink(missing_ok=True)
            remove_leftovers(self.exported)
        return results.results, wetness

    def _take_all(self, plan: Plan, results: TileResults, journal: Journal) -> dict[str, str]:
        """Take each tile's result; return why those that lack one do."""
        known, missing = journal.results(), {}
        total = len(plan.tiling)
        for done, tile in enumerate(plan.tiling):
            if self.stop.is_asked:
                raise KeyboardInterrupt
            self.folder.require_own()
            self.reporter.progress("tiles", done, total, "tiles")
            journal.progress("tiles", done, total, "tiles")
            if not results.reuse(tile, known):
                why = self._take(tile, results)
                if why:
                    missing[tile.name] = why
            journal.commit()
        self.reporter.progress("tiles", total, total, "tiles")
        return missing

    def _take(self, tile: Tile, results: TileResults) -> str:
        """Copy a result and verify the copy; return why it does not count, or nothing."""
        left = result_folder(self.exported, tile.name)
        if not left.exists():
            return _NONE
        copy = self.folder.attempts / tile.name
        copy.mkdir()
        try:
            _copy_result(left, copy, results.expected.most_bytes(tile))
            why = results.take(tile, copy, None)
        except (FileNotFoundError, InvalidResultError):
            why = "its result is damaged"
        except OSError as error:
            return f"its result cannot be read: {error.strerror}"
        finally:
            shutil.rmtree(copy, ignore_errors=True)
        if why:
            self._let_compute_again(tile)
        return why

    def _let_compute_again(self, tile: Tile) -> None:
        """Remove a result that does not count but that processes take for complete.

        Others stay as they are: somebody may be copying them there.
        """
        with suppress(EemtError, OSError):
            left = result_folder(self.exported, tile.name)
            if is_complete(left, read_task(task_folder(self.exported, tile.name))):
                shutil.rmtree(left)

    def _tell(self, missing: dict[str, str], total: int) -> None:
        file = self.exported / MISSING_FILE
        names = "".join(f"{name}\n" for name in missing)
        told = f"compute them ({file} names them all) and collect again"
        try:
            file.write_text(names, encoding="ascii")
        except OSError:
            told = "compute them and collect again"
        for name, why in missing.items():
            self.reporter.detail(f"{name}: {why}.")
        listed = [
            name if why == _NONE else f"{name} ({why})"
            for name, why in list(missing.items())[:_TOLD]
        ]
        more = f" and {len(missing) - _TOLD} more" if len(missing) > _TOLD else ""
        raise IncompleteError(
            f"{len(missing)} of {total} tiles have no valid result: {', '.join(listed)}{more}",
            remedy=told,
            field="collect",
            value=self.exported,
        )

    def _index(self, plan: Plan) -> Wetness | None:
        if plan.wetness.source != "computed":
            return self.wetness(plan, None)
        folder, known = self.exported / WETNESS, self._about.get("wetness")
        with suppress(OSError):
            if known == {n: sha256_file(folder / n) for n in WETNESS_FILES}:
                return computed_wetness(plan.wetness, folder)
        raise InputError(
            f"{folder} does not hold the wetness index as it was exported",
            remedy="copy it again from there, or export again; what was collected is kept",
            field="collect",
            value=self.exported,
        )


def _copy_result(left: Path, copy: Path, most_bytes: int) -> None:
    """Copy the files of a result; raise `OSError` if they cannot be read.

    Raises
    ------
    InvalidResultError
        If they are not those of a result.
    EemtError
        If they cannot be written.
    """
    for name in (RESULT_FILE, BLOCKS_FILE):
        if other_kind((left / name).stat().st_mode) or (left / name).stat().st_size > most_bytes:
            raise InvalidResultError("its result is damaged")
        try:
            shutil.copyfile(left / name, copy / name)
        except OSError as error:
            if error.errno in _FULL:
                raise cannot_write(copy / name, error) from None
            raise
