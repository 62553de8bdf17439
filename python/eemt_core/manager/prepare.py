"""What comes before the tiles: the plan, the wetness index, the coarser DEMs, what a tile needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from .. import instruction_set
from ..demo import write_dem
from ..engines.base import Engine
from ..errors import ProcessorError
from ..grids import pyramid
from ..grids.tiling import Tile
from ..machine import usable_cores
from ..rasters import WindowReader
from ..tiles.task import Resources
from .folder import OutFolder
from .inputs.wetness import Wetness, WetnessTask, given_wetness
from .plan.encoding import wetness_encoding
from .plan.plan import Plan, make_plan
from .plan.resources import tile_resources
from .reporter import Reporter
from .request import RunRequest
from .stop import Stop

MakeEngine = Callable[[int], Engine]
"""Makes an engine of this machine that runs so many tasks at once."""


class Preparation:
    """Prepares the tiles of a run, with a folder to work in.

    Attributes
    ----------
    cores
        Of this machine, to use.
    started
        When it began; in ISO 8601.
    seconds
        What each stage took so far.
    """

    def __init__(
        self,
        request: RunRequest,
        folder: OutFolder,
        reporter: Reporter,
        make_engine: MakeEngine,
        stop: Stop,
    ) -> None:
        self.request, self.folder, self.reporter = request, folder, reporter
        self.make_engine, self.stop = make_engine, stop
        self.cores = request.threads or usable_cores()
        self.started = datetime.now(UTC).isoformat(timespec="seconds")
        self.seconds: dict[str, float] = {}

    def plan(self) -> Plan:
        """Check the request and its inputs and decide everything."""
        with self.timed("plan"):
            dem = self.request.dem or write_dem(self.folder.work / "jacksboro.tif")
            asked, begun_with = replace(self.request, dem=dem), self.begun_with()
            return make_plan(asked, self.folder, self.reporter, begun_with=begun_with)

    def begun_with(self) -> str | None:
        """Return the instruction set of the run that is gone on with, None where none is."""
        return None

    def check_processor(self, plan: Plan) -> None:
        """Raise `ProcessorError` if this machine cannot go on with what another has begun."""
        name, here = plan.instruction_set, instruction_set.available()
        if name not in here:
            raise ProcessorError(
                f"{self.folder.path} holds tiles of instruction set {name}, which this processor "
                f"lacks; it has {' and '.join(here)}",
                remedy="go on where there is one that has it, or begin again with <<overwrite>>",
                field="instruction_set",
            )

    def need(self, plan: Plan, tile: Tile) -> Resources:
        """Return what a tile needs of a machine."""
        need = tile_resources(
            tile,
            solar=plan.solar,
            layers=plan.result_layers,
            variants=len(plan.energy.variants) if plan.energy else 0,
            bits=plan.codec.bits,
        )
        cluster = self.request.cluster
        return need if cluster is None else replace(need, cores=cluster.task_cores)

    def wetness_task(self, plan: Plan, engine: Engine, cores: int) -> WetnessTask | None:
        """Begin to compute the wetness index in an engine, if the plan wants that."""
        if plan.wetness.source != "computed":
            return None
        self.reporter.detail("Computing the wetness index over the whole DEM.")
        with self.timed("wetness"):
            return WetnessTask(
                plan.wetness,
                self.folder.work / "wetness",
                engine,
                cores,
                plan.instruction_set,
                wetness_encoding(plan.pyramid, plan.codec),
            )

    def wetness(self, plan: Plan, task: WetnessTask | None) -> Wetness | None:
        """Return the index that a task computes, which is waited for, or that a raster holds."""
        with self.timed("wetness"):
            if task is None:
                return given_wetness(plan.wetness, self.reporter)
            return task.result()

    def pyramid(self, plan: Plan) -> pyramid.Pyramid:
        """Make the coarser DEMs that tiles take their far fields from."""
        # opening the DEM for each window would take as long as all the rest
        with closing(WindowReader(plan.dem.path)) as dem:
            return pyramid.build(
                lambda window: dem.read(*window.numbers),
                *plan.grid.shape,
                cell_size_m=plan.grid.cell_size_m,
                levels=plan.far_levels,
                folder=self.folder.work / "pyramid",
            )

    @contextmanager
    def engine(self, processes: int) -> Iterator[Engine]:
        """Give an engine of this machine, and close it."""
        engine = self.make_engine(processes)
        try:
            yield engine
        finally:
            engine.close()

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time of a `with` block to that of a stage."""
        start = time.monotonic()
        try:
            yield
        finally:
            elapsed = time.monotonic() - start
            self.seconds[stage] = self.seconds.get(stage, 0.0) + elapsed
