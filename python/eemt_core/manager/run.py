"""The run as a whole, from the request to the last map."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ..engines.base import Engine
from ..engines.local import LocalEngine, usable_cores
from ..files import read_json, write_json
from ..rasters import read_window
from . import pyramid
from .assemble import write_maps
from .folder import RUN_FILE, STATE_FILE, OutFolder
from .inputs import TileInputs
from .plan import Plan, make_plan
from .provenance import record
from .request import Reporter, RunRequest
from .resources import check_disk, processes_for, tile_resources
from .schedule import Result, Schedule

MakeEngine = Callable[[int], Engine]


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
    folder = OutFolder(request.out)
    folder.open(overwrite=request.overwrite, resume=request.resume)
    try:
        folder.make_folders()
        _Run(request, folder, reporter).carry_out(make_engine)
    finally:
        folder.abandon()
    return request.out


class _Run:
    def __init__(self, request: RunRequest, folder: OutFolder, reporter: Reporter) -> None:
        self.request, self.folder, self.reporter = request, folder, reporter
        self.started = datetime.now(UTC).isoformat(timespec="seconds")
        self.seconds: dict[str, float] = {}

    def carry_out(self, make_engine: MakeEngine) -> None:
        with self._timed("plan"):
            plan = make_plan(self.request, self.folder, self.reporter)
        if self._is_done(plan):
            self.reporter.say(f"{self.folder.path} holds all maps of this run already.")
            self.folder.finish()
            return
        if self.request.overwrite or not self.request.resume:
            self.folder.clear()
        write_json(self.folder.state / STATE_FILE, {"maps": [spec.path for spec in plan.maps]})
        results = self._tiles(plan, make_engine)
        with self._timed("maps"):
            write_maps(plan, self.folder, results, self.reporter)
        ended = datetime.now(UTC).isoformat(timespec="seconds")
        write_json(
            self.folder.path / RUN_FILE,
            record(plan, results, started=self.started, ended=ended, seconds=self.seconds),
        )
        self.folder.finish()

    def _tiles(self, plan: Plan, make_engine: MakeEngine) -> dict[int, Result]:
        tile = max(plan.tiling, key=lambda tile: tile.halo.cells)
        cores = self.request.threads or usable_cores()
        need = tile_resources(
            tile, layers=plan.layers, solar=self.request.solar, cores=1, months=12, years=0
        )
        processes = processes_for(cores, len(plan.tiling), need.memory_mb)
        need = type(need)(max(1, cores // processes), need.memory_mb, need.disk_mb)
        cells = plan.tiling.rows * plan.tiling.cols
        check_disk(self.folder.path, cells * 4 * (plan.layers + len(plan.maps)))
        with self._timed("pyramid"):
            levels = 0
            if len(plan.tiling) > 1:
                levels = pyramid.levels_needed(*plan.grid.shape, plan.tiling.halo_cells)
            coarse = pyramid.build(
                lambda window: read_window(plan.dem.path, *window.to_list()),
                *plan.grid.shape,
                levels=levels,
                folder=self.folder.work / "pyramid",
            )
        engine = make_engine(processes)
        inputs = TileInputs(plan, coarse)
        self.reporter.detail(f"{processes} processes of {need.cores} threads.")
        try:
            with self._timed("tiles"):
                schedule = Schedule(inputs, engine, self.folder, need, self.reporter)
                return schedule.run()
        finally:
            engine.close()

    def _is_done(self, plan: Plan) -> bool:
        path = self.folder.path / RUN_FILE
        if not self.request.resume or not path.is_file():
            return False
        done = read_json(path)
        return done.get("fingerprint") == dict(plan.fingerprint) and all(
            (self.folder.path / spec.path).is_file() for spec in plan.maps
        )

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = time.monotonic() - start
