"""The run as a whole, from the request to the last map."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..engines.base import Engine
from ..engines.local import LocalEngine
from ..errors import EemtError
from ..files import read_json, write_json
from ..journal import Journal, TilePlan
from ..rasters import WindowReader
from ..tiles.result import fingerprint_difference
from .folder import RUN_FILE, OutFolder
from .inputs.shared_folder import SharedFolder, remove_left_behind
from .inputs.tile_inputs import TileInputs
from .inputs.wetness import Wetness, WetnessTask, computed_wetness, is_kept
from .maps.assemble import write_maps
from .maps.fitted_range import fitted_range
from .maps.names import own_maps
from .plan.plan import Plan, check_request
from .plan.resources import check_disk, fits_beside, results_and_maps_bytes
from .plan.staffing import staffing
from .plan.wetness import wetness_mb
from .prepare import MakeEngine, Preparation
from .provenance import record
from .reporter import Reporter
from .request import RunRequest
from .schedule.schedule import Schedule
from .schedule.verify import VerifiedResult
from .schedule.wetness_on_workers import WetnessOnWorkers
from .stop import Stop

if TYPE_CHECKING:
    from .cluster import Cluster


def run(
    request: RunRequest,
    reporter: Reporter,
    make_engine: MakeEngine = LocalEngine,
    stop: Stop | None = None,
) -> Path:
    """Carry out a run and return the folder of its maps.

    Parameters
    ----------
    request
        All that is asked.
    reporter
        Who hears how it goes.
    make_engine
        Makes what runs tiles on this machine, given how many at once.
    stop
        Through which a signal handler asks it to end in order.

    Returns
    -------
    Path
        `request.out`, which holds the maps and ``run.json``.

    Raises
    ------
    EemtError
        With one sentence for the user. Finished tiles stay for ``resume``; maps are there whole
        or not at all.
    KeyboardInterrupt
        When interrupted; all processes have been ended.
    """
    check_request(request)
    overwrite, resume = request.overwrite, request.resume
    with OutFolder.opened(request.out, overwrite=overwrite, resume=resume) as folder:
        Run(request, folder, reporter, make_engine, stop or Stop()).carry_out()
    return request.out


class Run(Preparation):
    """A run with its output folder, which it has opened."""

    engine_name = LocalEngine.name

    def begun_with(self) -> str | None:
        """Return the instruction set of the run that is gone on with, None where none is."""
        return self.folder.begun_with() if self.request.resume else None

    def carry_out(self) -> None:
        """Plan, compute, write."""
        remove_left_behind(self.folder.state)
        with ExitStack() as stack:
            cluster = None
            if self.request.cluster is not None:
                from .cluster import Cluster

                # first of all, so that workers can come while the run is being planned
                cluster = stack.enter_context(
                    Cluster(self.request.cluster, self.folder, self.reporter)
                )
            plan = self.plan()
            if self._is_done(plan):
                self.reporter.say(f"{self.folder.path} holds all maps of this run already.")
                self.folder.finish()
                return
            anew = self.request.overwrite or not self.request.resume
            if anew or self.folder.is_finished:
                self.folder.clear()
            self.folder.note_begun([spec.path for spec in plan.maps], plan.instruction_set)
            with (
                self.folder.open_journal(anew=anew) as journal,
                self._recorded(journal, plan, cluster),
            ):
                cells = plan.grid.rows * plan.grid.cols
                grids = plan.result_layers + len(own_maps(plan.maps))
                needed = results_and_maps_bytes(cells, grids, plan.codec.bits)
                check_disk(self.folder.path, needed)
                results, wetness = self.tiles(plan, journal, cluster)
                self._finish(plan, results, wetness, journal)
            self.folder.finish()

    def tiles(
        self, plan: Plan, journal: Journal, cluster: Cluster | None
    ) -> tuple[dict[int, VerifiedResult], Wetness | None]:
        """Compute all tiles that have no result yet; return all results, and the wetness index."""
        self.check_processor(plan)
        largest = max(plan.tiling, key=lambda tile: tile.halo.cells)
        need = self.need(plan, largest)
        beside_mb, has_energy = wetness_mb(plan.wetness), plan.energy is not None
        fits = fits_beside(need.memory_mb, beside_mb)
        waits = has_energy or not fits
        if cluster is None:
            sizes = [tile.core.cells for tile in plan.tiling]
            staff = staffing(self.cores, sizes, need.memory_mb, beside_mb, needs_wetness=has_energy)
            processes, waits = staff.processes, staff.wetness_first
            need = replace(need, cores=staff.threads)
            self.reporter.detail(
                f"{processes} processes of {need.cores} threads, {need.memory_mb} MB each."
            )
        by_workers = cluster is not None and self._leaves_wetness_to_workers(plan)
        with self.engine(1) as beside:

            def begin() -> WetnessTask | None:
                return self.wetness_task(plan, beside, self.cores if waits else 1)

            task = None if by_workers else begin()
            wetness = self.wetness(plan, task) if waits and not by_workers else None
            with self.timed("pyramid"):
                coarse = self.pyramid(plan)
            with self.timed("tiles"), ExitStack() as stack:
                if cluster is None:
                    engine = stack.enter_context(self.engine(processes))
                else:
                    engine = cluster.engine
                shared = self._shared(plan)
                if shared is not None:
                    stack.enter_context(closing(shared))
                inputs = stack.enter_context(closing(TileInputs(plan, coarse, wetness, shared)))
                schedule = Schedule(
                    inputs,
                    engine,
                    self.folder,
                    lambda tile: replace(self.need(plan, tile), cores=need.cores),
                    self.cores,
                    self.reporter,
                    journal,
                    self.stop,
                    self.request.settled_retries,
                )
                schedule.at_every_turn = lambda: self._at_every_turn(task, cluster, schedule)
                if by_workers:
                    schedule.wetness = WetnessOnWorkers(
                        inputs,
                        engine,
                        self.folder.attempts,
                        self._kept(plan),
                        need.cores,
                        begin,
                        self.reporter,
                        journal,
                        here_alone=not fits,
                    )
                results = schedule.run()
            return results, inputs.wetness or self.wetness(plan, task)

    def _leaves_wetness_to_workers(self, plan: Plan) -> bool:
        """Say whether workers of other machines may come, to compute what is not there yet."""
        cluster, wetness = self.request.cluster, plan.wetness
        if cluster is None or cluster.is_private or wetness.source != "computed":
            return False
        if cluster.shared_dir is not None:  # nothing that large should travel then
            return False
        return not is_kept(wetness, self._kept(plan))

    def wetness_task(self, plan: Plan, engine: Engine, cores: int) -> WetnessTask | None:
        """As `Preparation` does, unless an earlier run has kept the index."""
        if is_kept(plan.wetness, self._kept(plan)):
            return None
        return super().wetness_task(plan, engine, cores)

    def wetness(self, plan: Plan, task: WetnessTask | None) -> Wetness | None:
        """As `Preparation` does; a computed index is kept for a run that goes on with this one."""
        if plan.wetness.source != "computed":
            return super().wetness(plan, task)
        with self.timed("wetness"):
            place = self._kept(plan)
            return computed_wetness(plan.wetness, place) if task is None else task.keep(place)

    def _kept(self, plan: Plan) -> Path:
        return self.folder.kept / f"wetness-{plan.identity}"

    def _shared(self, plan: Plan) -> SharedFolder | None:
        """Put the DEM onto the storage that workers share, if the request names one."""
        cluster = self.request.cluster
        if cluster is None or cluster.shared_dir is None:
            return None
        rows = plan.grid.rows
        with closing(WindowReader(plan.dem.path)) as reader:
            shared = SharedFolder(
                cluster.shared_dir,
                self.folder.state,
                plan.grid.shape,
                lambda window: reader.read(*window.numbers),
                lambda done: self.reporter.progress("sharing", done, rows, "rows"),
            )
        self.reporter.detail(f"Inputs and results lie in {shared.path}.")
        return shared

    def _at_every_turn(
        self, task: WetnessTask | None, cluster: Cluster | None, schedule: Schedule
    ) -> None:
        self.folder.require_own()
        if task is not None:
            task.check()
        if cluster is not None:
            cluster.look_after(schedule.unfinished)

    @contextmanager
    def _recorded(self, journal: Journal, plan: Plan, cluster: Cluster | None) -> Iterator[None]:
        """Write into the journal that a run begins, and how it ends."""
        days = len(plan.solar.days)
        tiles = (
            TilePlan(t.index, t.name, t.core.cells, float(t.core.cells * days), *t.core.numbers)
            for t in plan.tiling
        )
        journal.begin_run(
            self.request.command,
            f"eemt-core {__version__}",
            plan.fingerprint,
            plan.instruction_set,
            self.engine_name if cluster is None else cluster.engine.name,
            platform.node(),
            os.getpid(),
            tiles,
            self.started,
        )
        journal.commit()
        try:
            yield
        except BaseException as failure:
            # after a request to stop, processes fail because they were ended as well
            error = KeyboardInterrupt() if self.stop.is_asked else failure
            with suppress(
                EemtError
            ):  # the user should see the error that ended the run, not one of recording it
                _record_end(journal, error)
            raise error from failure
        journal.end_run("finished")

    def _finish(
        self,
        plan: Plan,
        results: dict[int, VerifiedResult],
        wetness: Wetness | None,
        journal: Journal,
    ) -> None:
        journal.progress("maps", 0, len(plan.maps), "maps")
        journal.commit()
        with self.timed("maps"):
            statistics = write_maps(plan, self.folder, wetness, self.reporter, threads=self.cores)
            found = fitted_range(plan, results)
        if found is not None and found.sentence:
            self.reporter.say(found.sentence)
        with self.timed("pictures"):
            pictures = self._pictures(plan)
        written = record(plan, results, statistics, started=self.started, seconds=self.seconds)
        written["productivity"] = None if found is None else found.to_dict()
        written["wetness"] = None if wetness is None else wetness.to_dict()
        write_json(self.folder.path / RUN_FILE, {**written, "pictures": pictures})

    def _pictures(self, plan: Plan) -> list[str]:
        """Draw the run's pictures if there is something to draw with; return their names."""
        if not self.request.pictures:
            return []
        if find_spec("matplotlib") is None:
            self.reporter.say(
                "No pictures: matplotlib is not installed (pip install 'eemt-core[plot]')."
            )
            return []
        pictures: list[str] = []
        try:
            from ..quicklook import draw_run

            for path in draw_run(self.folder.path, plan.dem.path):
                pictures.append(path.relative_to(self.folder.path).as_posix())
                self.reporter.detail(f"Drew {pictures[-1]}.")
        except (Exception, SystemExit) as error:  # of whatever kind: the maps are there, and whole
            if self.stop.is_asked:  # while modules are loaded an interrupt becomes another error
                raise KeyboardInterrupt from error
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            what = "Not all pictures were drawn" if pictures else "No pictures were drawn"
            self.reporter.say(f"{what} ({reason}); the maps are complete.")
        return pictures

    def _is_done(self, plan: Plan) -> bool:
        """Say whether the folder holds all maps of this very run; report why it does not."""
        if not self.request.resume or not self.folder.is_finished:
            return False
        try:
            done = read_json(self.folder.path / RUN_FILE).get("fingerprint")
        except EemtError:  # it is damaged
            done = None
        why = fingerprint_difference(done, plan.fingerprint)
        if not why and all((self.folder.path / spec.path).is_file() for spec in plan.maps):
            return True
        why = why or "maps that are missing now"
        self.reporter.say(f"{self.folder.path} holds a finished run of {why}; it starts again.")
        return False


def _record_end(journal: Journal, error: BaseException) -> None:
    if isinstance(error, KeyboardInterrupt):
        journal.end_run("interrupted", "Finished tiles are kept: <<resume>> continues.")
    elif isinstance(error, EemtError):
        journal.end_run("failed", error.sentence)
    else:
        journal.end_run("failed", f"unexpected {type(error).__name__}: {error}")
