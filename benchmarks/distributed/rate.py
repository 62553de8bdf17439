"""How many tiles a second the manager hands out and takes back.

    python -m distributed.rate      (in benchmarks/)

The tiles are real ones, with all their input files and results, and everything that the manager
does with them is done: inputs cut, sent, received, verified, renamed, journalled. Only the task
itself is trivial: it unpacks a result that was computed before and puts its tile's name on it. The
time is that from the first tile submitted to the last one taken back. The workers keep their files
in memory, as they would on disks of their own; the manager's lie where temporary files do (TMPDIR).
"""

import io
import json
import os
import tarfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from eemt_core.engines.runtimes.runtime import Shipped
from eemt_core.engines.work_queue.engine import WorkQueueEngine
from eemt_core.engines.work_queue.find import find_work_queue
from eemt_core.engines.work_queue.options import PortOptions, QueueOptions
from eemt_core.files import read_json, sha256_file
from eemt_core.grids import pyramid
from eemt_core.journal import Journal, TilePlan
from eemt_core.manager.folder import OutFolder
from eemt_core.manager.inputs.tile_inputs import TileInputs
from eemt_core.manager.plan.plan import make_plan
from eemt_core.manager.plan.resources import tile_resources
from eemt_core.manager.reporter import Silent
from eemt_core.manager.request import RunRequest
from eemt_core.manager.schedule.schedule import Schedule
from eemt_core.rasters import read_window
from eemt_core.solar._parameters import SolarParameters
from eemt_core.tiles import compute
from eemt_core.tiles.contract import BLOCKS_FILE, RESULT_FILE, TASK_FILE
from mountains import write_mountains

from .workers import bare_worker, end

TILES = 1024
EDGE = 64
WORKERS = 2
AIM_PER_S = 100
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


@dataclass(frozen=True)
class Unpacking:
    """A runtime whose task unpacks the result that the worker was sent once."""

    shipped: tuple[Shipped, ...]
    name: str = "unpacking"

    def command(self, folder: str, shared: Path | None = None) -> str:
        """Return the shell command: one program and what the shell does itself."""
        unpack = f"tar -x -f {self.shipped[0].name} -C {folder}"
        line = f"""case $own in '"name":'*) break ;; esac; done <{folder}/{TASK_FILE}"""
        # the manager takes no result of another name
        name = f"""printf '%s "end": 0}}' "$own" >>{folder}/{RESULT_FILE}"""
        return f"{{ {unpack} && while read -r own; do {line} && {name}; }} >{folder}/log.txt 2>&1"

    def diagnose(self, exit_code: int, log: str) -> str:
        """Find no fault."""
        return ""


def main() -> None:
    """Measure and print one line."""
    with TemporaryDirectory(prefix="eemt-rate-") as name, ExitStack() as stack:
        home = Path(name)
        edge = EDGE * round(TILES**0.5)
        dem = write_mountains(home / "dem.tif", edge, edge)
        folder = OutFolder(home / "out")
        folder.open(overwrite=False, resume=False)
        stack.callback(folder.close)
        folder.make_folders()
        solar = SolarParameters(days=(172,), step_minutes=60.0)
        request = RunRequest(dem, home / "out", solar=solar, tile_cells=EDGE, halo_cells=EDGE)
        plan = make_plan(request, folder, Silent())
        coarse = pyramid.build(
            lambda window: read_window(plan.dem.path, *window.numbers),
            *plan.grid.shape,
            cell_size_m=plan.grid.cell_size_m,
            levels=pyramid.levels_needed(*plan.grid.shape, plan.tiling.halo_cells),
            folder=folder.work / "pyramid",
        )
        inputs = stack.enter_context(closing(TileInputs(plan, coarse)))

        def need(tile):
            return tile_resources(
                tile, solar=solar, layers=plan.result_layers, variants=0, bits=plan.codec.bits
            )

        first = plan.tiling.tile(0)
        inputs.write(first, home / "one", need(first))
        compute.run(home / "one")
        runtime = Unpacking((pack(home / "one", home),))
        engine = WorkQueueEngine(
            find_work_queue(), QueueOptions(PortOptions((0, 0))), runtime, folder.state
        )
        stack.callback(engine.close)
        elsewhere = Path(stack.enter_context(TemporaryDirectory(prefix="eemt-rate-", dir=MEMORY)))
        for number in range(WORKERS):
            stack.callback(end, bare_worker(engine.port, elsewhere / f"worker-{number}"))
        journal = stack.enter_context(Journal.create(home / "out" / "journal.sqlite"))
        tiles = (TilePlan(t.index, t.name, t.core.cells, 1.0, *t.core.numbers) for t in plan.tiling)
        journal.begin_run("", "", plan.fingerprint, "v3", "work-queue", "", os.getpid(), tiles,
                          time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()))  # fmt: skip
        while len(engine.pool.workers) < WORKERS:
            engine.wait(0.2)
        start = time.perf_counter()
        results = Schedule(inputs, engine, folder, need, 1, Silent(), journal).run()
        seconds = time.perf_counter() - start
        rate = len(results) / seconds
        short = f"missed by {100 * (1 - rate / AIM_PER_S):.0f} %"
        reached = "reached" if rate >= AIM_PER_S else short
        print(
            f"{len(results)} tiles in {seconds:.1f} s: {rate:.0f} tiles/s with {WORKERS} workers "
            f"on this machine; aim {AIM_PER_S}: {reached}"
        )


def pack(folder: Path, home: Path) -> Shipped:
    """Return an archive of a task's results, with the task's name and a brace left out."""
    result = read_json(folder / RESULT_FILE)
    assert result["encoded"]
    del result["name"]
    begun = json.dumps(result).removesuffix("}").encode() + b","
    path = home / "result.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(folder / BLOCKS_FILE, BLOCKS_FILE)
        entry = tarfile.TarInfo(RESULT_FILE)
        entry.size = len(begun)
        archive.addfile(entry, io.BytesIO(begun))
    return Shipped(path, f"result-{sha256_file(path)[:16]}.tar")


if __name__ == "__main__":
    main()
