"""Makes maps of the results that processes without a manager left in an exported folder."""

from __future__ import annotations

import shutil
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..engines.local import LocalEngine
from ..errors import EemtError, IncompleteError, InputError
from ..files import read_json
from ..grids import pyramid
from ..grids.tiling import Tile
from ..journal import Journal
from ..rasters import read_window
from ..tiles.exported import ABOUT_FILE, WETNESS, result_folder
from ..tiles.result import fingerprint_difference
from .folder import OutFolder
from .inputs.tile_inputs import TileInputs
from .inputs.wetness import Wetness, computed_wetness
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

MISSING_FILE = "missing.txt"
_TOLD = 10


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
        If the folder is of another run, or maps cannot be written.
    """
    check_request(request)
    folder = OutFolder(request.out)
    folder.open(overwrite=request.overwrite, resume=not request.overwrite)
    try:
        folder.make_folders()
        asked = replace(request, resume=not request.overwrite)
        _Collected(asked, folder, reporter, stop or Stop(), exported.absolute()).carry_out()
    except Exception:
        folder.require_own()
        raise
    finally:
        folder.abandon()
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

    def tiles(
        self, plan: Plan, journal: Journal, cluster: Cluster | None
    ) -> tuple[dict[int, VerifiedResult], Wetness | None]:
        """Take over all results that are there; raise `IncompleteError` if some are not."""
        _check_origin(self.exported, plan)
        unused = pyramid.build(
            lambda window: read_window(plan.dem.path, *window.numbers),
            *plan.grid.shape,
            levels=0,
            folder=self.folder.work / "pyramid",
        )
        with self.timed("tiles"), closing(TileInputs(plan, unused)) as inputs:
            results = TileResults(ExpectedResult.of(inputs), self.folder, journal, self.reporter)
            missing = self._take_all(plan, results, journal)
        if missing:
            self._tell(missing, len(plan.tiling))
        with suppress(OSError):
            (self.exported / MISSING_FILE).unlink(missing_ok=True)
        return results.results, self._index(plan)

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
        if not left.is_dir():
            return "it has no result"
        copy = self.folder.attempts / tile.name
        shutil.rmtree(copy, ignore_errors=True)
        try:
            shutil.copytree(left, copy, symlinks=True)
            return results.take(tile, copy, None)
        except shutil.Error:
            return "its result cannot be read"
        finally:
            shutil.rmtree(copy, ignore_errors=True)

    def _tell(self, missing: dict[str, str], total: int) -> None:
        with suppress(OSError):  # a folder that may only be read is as good
            names = "".join(f"{name}\n" for name in missing)
            (self.exported / MISSING_FILE).write_text(names, encoding="ascii")
        for name, why in missing.items():
            self.reporter.detail(f"{name}: {why}.")
        listed = [
            name if why == "it has no result" else f"{name} ({why})"
            for name, why in list(missing.items())[:_TOLD]
        ]
        more = f" and {len(missing) - _TOLD} more" if len(missing) > _TOLD else ""
        file = self.exported / MISSING_FILE
        raise IncompleteError(
            f"{len(missing)} of {total} tiles have no valid result: {', '.join(listed)}{more}",
            remedy=f"compute them ({file} names them all) and collect again",
            field="collect",
            value=self.exported,
        )

    def _index(self, plan: Plan) -> Wetness | None:
        if plan.wetness.source != "computed":
            return self.wetness(plan, None)
        return computed_wetness(plan.wetness, self.exported / WETNESS)


def _check_origin(exported: Path, plan: Plan) -> None:
    """Raise `InputError` unless a folder was exported by this very run."""
    try:
        met = read_json(exported / ABOUT_FILE)
    except EemtError:
        raise InputError(
            f"{exported} holds no exported tiles",
            remedy="give the folder that <<export_tiles>> wrote",
            field="collect",
            value=exported,
        ) from None
    why = fingerprint_difference(met.get("fingerprint"), plan.fingerprint)
    if why:
        raise InputError(
            f"{exported} holds tiles of {why}",
            remedy=f"give the DEM and options of then ({ABOUT_FILE} has them), or export again",
            field="collect",
            value=exported,
        )
