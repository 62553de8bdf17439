"""The run as a whole, from the request to the last map."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from ..demo import write_dem
from ..engines.base import Engine
from ..engines.local import LocalEngine, usable_cores
from ..files import read_json, write_json
from ..rasters import read_window
from . import pyramid
from .assemble import write_maps
from .folder import RUN_FILE, STATE_FILE, OutFolder
from .inputs import TileInputs
from .plan import Plan, check_request, make_plan
from .provenance import record
from .request import Reporter, RunRequest
from .resources import check_disk, fits_beside, processes_for, tile_resources
from .schedule import Result, Schedule, difference
from .wetness import Wetness, WetnessTask, given_wetness, wetness_mb

MakeEngine = Callable[[int], Engine]
"""Makes the engine that runs so many tasks at once."""


def run(request: RunRequest, reporter: Reporter, make_engine: MakeEngine = LocalEngine) -> Path:
    """Carry out a run and return the folder of its maps.

    Raises
    ------
    EemtError
        With one sentence for the user. Finished tiles stay for ``resume``; maps are there whole
        or not at all.
    KeyboardInterrupt
        When interrupted; all processes have been ended.
    """
    check_request(request)
    folder = OutFolder(request.out)
    folder.open(overwrite=request.overwrite, resume=request.resume)
    try:
        folder.make_folders()
        _Run(request, folder, reporter, make_engine).carry_out()
    finally:
        folder.abandon()
    return request.out


class _Run:
    def __init__(
        self, request: RunRequest, folder: OutFolder, reporter: Reporter, make_engine: MakeEngine
    ) -> None:
        self.request, self.folder, self.reporter = request, folder, reporter
        self.make_engine = make_engine
        self.cores = request.threads or usable_cores()
        self.started = datetime.now(UTC).isoformat(timespec="seconds")
        self.seconds: dict[str, float] = {}

    def carry_out(self) -> None:
        """Plan, compute, write."""
        with self._timed("plan"):
            dem = self.request.dem or write_dem(self.folder.work / "jacksboro.tif")
            plan = make_plan(replace(self.request, dem=dem), self.folder, self.reporter)
        if self._is_done(plan):
            self.reporter.say(f"{self.folder.path} holds all maps of this run already.")
            self.folder.finish()
            return
        need = tile_resources(
            max(plan.tiling, key=lambda tile: tile.halo.cells),
            solar=plan.solar,
            layers=plan.result_layers,
            variants=len(plan.energy.variants) if plan.energy else 0,
        )
        # the wetness index is computed beside the tiles, unless they need it or memory is short
        beside_mb = wetness_mb(plan.wetness)
        waits = plan.energy is not None or not fits_beside(need.memory_mb, beside_mb)
        processes = processes_for(
            self.cores, len(plan.tiling), need.memory_mb, 0 if waits else beside_mb
        )
        cells = plan.grid.rows * plan.grid.cols
        check_disk(self.folder.path, cells * 4 * (plan.result_layers + len(plan.maps)))
        if self.request.overwrite or not self.request.resume or self.folder.is_finished:
            self.folder.clear()
        write_json(self.folder.state / STATE_FILE, {"maps": [spec.path for spec in plan.maps]})
        with self._engine(1) as beside:
            task = self._wetness_task(plan, beside, self.cores if waits else 1)
            wetness = self._wetness(plan, task) if waits else None
            with self._timed("pyramid"):
                coarse = self._pyramid(plan)
            with self._timed("tiles"), self._engine(processes) as engine:
                need = replace(need, cores=max(1, self.cores // processes))
                self.reporter.detail(
                    f"{processes} processes of {need.cores} threads, {need.memory_mb} MB each."
                )
                results = Schedule(
                    TileInputs(plan, coarse, wetness),
                    engine,
                    self.folder,
                    need,
                    self.cores,
                    self.reporter,
                    task.check if task else lambda: None,
                ).run()
            self._finish(plan, results, wetness or self._wetness(plan, task))

    def _finish(self, plan: Plan, results: dict[int, Result], wetness: Wetness | None) -> None:
        with self._timed("maps"):
            statistics = write_maps(
                plan, self.folder, results, wetness, self.reporter, processes=self.cores
            )
        with self._timed("pictures"):
            pictures = self._pictures(plan)
        written = record(plan, results, statistics, started=self.started, seconds=self.seconds)
        write_json(self.folder.path / RUN_FILE, {**written, "pictures": pictures})
        self.folder.finish()

    def _pictures(self, plan: Plan) -> list[str]:
        """Draw the run's pictures if there is something to draw with; return their names."""
        if not self.request.pictures:
            return []
        if find_spec("matplotlib") is None:
            self.reporter.say(
                "No pictures: matplotlib is not installed (pip install 'eemt-core[plot]')."
            )
            return []
        from ..quicklook import draw_run

        pictures = []
        for path in draw_run(self.folder.path, plan.dem.path):
            pictures.append(path.relative_to(self.folder.path).as_posix())
            self.reporter.detail(f"Drew {pictures[-1]}.")
        return pictures

    def _wetness_task(self, plan: Plan, engine: Engine, cores: int) -> WetnessTask | None:
        if plan.wetness.source != "computed":
            return None
        self.reporter.detail("Computing the wetness index over the whole DEM.")
        with self._timed("wetness"):
            return WetnessTask(plan.wetness, self.folder.work / "wetness", engine, cores)

    def _wetness(self, plan: Plan, task: WetnessTask | None) -> Wetness | None:
        with self._timed("wetness"):
            return given_wetness(plan.wetness) if task is None else task.result()

    def _pyramid(self, plan: Plan) -> pyramid.Pyramid:
        levels = 0
        if len(plan.tiling) > 1 and plan.solar.shadows:
            levels = pyramid.levels_needed(*plan.grid.shape, plan.tiling.halo_cells)
        return pyramid.build(
            lambda window: read_window(plan.dem.path, *window.numbers),
            *plan.grid.shape,
            levels=levels,
            folder=self.folder.work / "pyramid",
        )

    def _is_done(self, plan: Plan) -> bool:
        """Say whether the folder holds all maps of this very run; tell why it does not."""
        if not self.request.resume or not self.folder.is_finished:
            return False
        done = read_json(self.folder.path / RUN_FILE).get("fingerprint")
        why = difference(done, plan.fingerprint)
        if not why and all((self.folder.path / spec.path).is_file() for spec in plan.maps):
            return True
        why = why or "maps that are missing now"
        self.reporter.say(f"{self.folder.path} holds a finished run of {why}; it starts again.")
        return False

    @contextmanager
    def _engine(self, processes: int) -> Iterator[Engine]:
        engine = self.make_engine(processes)
        try:
            yield engine
        finally:
            engine.close()

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            elapsed = time.monotonic() - start
            self.seconds[stage] = self.seconds.get(stage, 0.0) + elapsed
