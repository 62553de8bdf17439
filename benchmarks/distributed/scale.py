"""A simulated pool: what the manager does when 10, 100 or 1,000 cores send real results.

    python -m distributed.scale [--cores 10,100,1000] [--tiles 64]      (in benchmarks/)

One tile of a year of sunlight is really computed, by `eemt-tile`. Then the whole command runs with
Work Queue's own workers on this machine, whose tasks wait for as long as that tile took of a core,
and leave its result, every byte of it, under their own tile's name: manager, gate and queue do with
it all that they do with any. A worker here stands for a machine of as many cores as this one's
memory can promise.

All share this machine's cores: manager, workers, and the shells that wait. So two rates are told:
the one that was met, and the one that each process of the manager would reach with a core of its
own, from its processor time a tile.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from math import ceil, isqrt
from pathlib import Path
from tempfile import TemporaryDirectory

from accounts import Account, Program
from mountains import write_mountains
from watch import PROGRAM

from .workers import accounts, asked, check_all_by_workers, manager, port_of, worker

TILE = (sys.executable, "-c", "from eemt_core.cli.tile import main; main()")
STATES_CELLS = 8e10  # of 10 m, the continental United States
SHARE = 0.9  # of the offered rate, or of a processor: from there on we call it the limit

REPLAY = """#!/bin/sh
# Python for a task that is not computed: it waits, and leaves a result that was computed before
case "$*" in *eemt_core.tiles*) ;; *) exec {python} "$@" ;; esac
for folder; do :; done
while read -r line; do case $line in '"name":'*) own=$line; break ;; esac; done <"$folder/task.json"
case $own in *wetness*) exec {python} "$@" ;; esac
sleep {seconds}
ln {cells} "$folder/" && sed "s/^ \\"name\\":.*/ $own/" {result} >"$folder/result.json"
"""


@dataclass(frozen=True)
class Stored:
    """A result that was computed: its folder, its size, and what it took of a core."""

    folder: Path
    bytes: int
    seconds: float


@dataclass(frozen=True)
class Met:
    """What a pool of some cores led to; `tiles_s` is from the first submission to the last result.

    `until_tiles` is the manager's account from its first task to its last result, `after_s` what
    it took after that, and `whole` that of the whole run.
    """

    cores: int
    tiles: int
    stored: Stored
    tiles_s: float
    until_tiles: dict[str, float]
    after_s: float
    whole: Account
    replaying_s: float
    busy: float
    journal_bytes: int

    @property
    def rate(self) -> float:
        """Tiles a second that were met."""
        return self.tiles / self.tiles_s

    @property
    def offered(self) -> float:
        """Tiles a second that so many cores compute."""
        return self.cores / self.stored.seconds

    @property
    def limit(self) -> str:
        """What the rate was limited by."""
        name = max(self.until_tiles, key=self.until_tiles.__getitem__)
        if self.rate > SHARE * self.offered or self.tiles <= self.cores:
            waves = "one wave of tiles" if self.tiles <= self.cores else "the pool"
            limit = waves
        elif self.until_tiles[name] > SHARE * self.tiles_s:
            return f"{name}, one core"
        else:
            limit = "this machine's cores" if self.busy > SHARE else f"{name} and waiting"
        return limit

    def row(self) -> str:
        """Return the line of the table."""
        each = {kind: 1e3 * s / self.tiles for kind, s in self.until_tiles.items()}
        after = 1e3 * self.after_s / self.tiles
        known = ("run", "gate", "queue")
        others = sum(each.values()) - sum(each.get(kind, 0.0) for kind in known)
        parts = " | ".join(f"{each.get(kind, 0.0):.1f}" for kind in known)
        return (
            f"| {self.cores:,} | {self.offered:.1f} | {self.rate:.1f} |"
            f" {self.rate * self.stored.bytes / 1e6:.0f} | {parts} | {others:.1f} | {after:.1f} |"
            f" {1e3 * self.replaying_s / self.tiles:.1f} | {100 * self.busy:.0f} % | {self.limit} |"
        )


def main(words: list[str]) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--cores", default="10,100,1000", help="sizes of the pool")
    options.add_argument("--tiles", type=int, default=64, help="at least; made a square")
    options.add_argument("--tile-size", type=int, default=512)
    options.add_argument("--seconds", type=float, help="of a tile, in place of what it took")
    options.add_argument("more", nargs="*", help="further options of eemt-run, after --")
    chosen = options.parse_args(words)
    with TemporaryDirectory(prefix="eemt-scale-") as name:
        home = Path(name)
        edge = chosen.tile_size * (1 + isqrt(chosen.tiles - 1))
        dem = write_mountains(home / "dem.tif", edge, edge)
        asked_for = ["--workflow", "sol", "--tile-size", chosen.tile_size, *chosen.more]
        stored = compute_one(dem, home, asked_for, chosen.seconds)
        print(
            f"A tile of {chosen.tile_size} x {chosen.tile_size} cells: {stored.seconds:.1f} s of a "
            f"core, {stored.bytes / 1e6:.1f} MB. Processor time in ms a tile.\n"
        )
        print(
            "| cores | tiles/s offered | met | MB/s | run | gate | queue | others | maps, after "
            "the tiles | workers and replay | machine busy | limited by |\n" + "|---" * 12 + "|"
        )
        mets = []
        for cores in map(int, chosen.cores.split(",")):
            mets.append(met(dem, home / f"pool-{cores}", asked_for, stored, cores))
            print(mets[-1].row(), flush=True)
    print("\n" + outlook(mets[-1], chosen.tile_size))


def compute_one(dem: Path, home: Path, options: list[object], seconds: float | None) -> Stored:
    """Compute the first tile and return its result."""
    exported = home / "exported"
    command = [*PROGRAM, dem, "-o", home / "none", *options, "--no-pictures", "-q"]
    subprocess.run([*map(str, command), "--export-tiles", str(exported)], check=True)
    name = (exported / "tiles.txt").read_text().split()[0]
    with Program([*TILE, exported, name], options={"stdout": subprocess.DEVNULL}) as program:
        taken = program.account().total_s
    folder = home / "stored"
    (exported / "results" / name).rename(folder)
    shutil.rmtree(exported)
    size = sum(path.stat().st_size for path in folder.iterdir())
    return Stored(folder, size, seconds or taken)


def replaying_python(stored: Stored, folder: Path) -> Path:
    """Write the program that workers take for their Python; return its path."""
    cells = [str(path) for path in stored.folder.iterdir() if path.name != "result.json"]
    assert cells, "the result has no cells"
    path = folder / "python"
    path.write_text(
        REPLAY.format(
            python=sys.executable,
            seconds=f"{stored.seconds:.3f}",
            cells=" ".join(cells),
            result=stored.folder / "result.json",
        )
    )
    path.chmod(0o755)
    return path


def met(dem: Path, home: Path, options: list[object], stored: Stored, cores: int) -> Met:
    """Run the whole command with a pool of so many cores."""
    home.mkdir()
    out, python = home / "out", replaying_python(stored, home)
    memory_mb = int(0.9 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20)
    disk_mb = int(0.5 * shutil.disk_usage(home).free / 2**20)
    at_end: dict[str, float] = {}
    with ExitStack() as stack:
        running = stack.enter_context(manager(dem, out, options))
        port = port_of(out, running)
        tiles, need_mb, need_disk_mb = wait_for_tiles(out, running)
        most = max(1, min(memory_mb // need_mb, disk_mb // need_disk_mb))
        machines = ceil(cores / most)
        workers, left = [], cores
        busy_at_start, start = _machine_s(), running.so_far()
        for number in range(machines):
            here = ceil(left / (machines - number))
            left -= here
            folder = home / f"machine-{number}"
            sizes = {"cores": here, "memory_mb": memory_mb, "disk_mb": disk_mb}
            workers.append(
                stack.enter_context(worker(port, folder, python=python, looked_at=False, **sizes))
            )
        busy: list[float] = []
        watching = threading.Thread(target=_at_last_tile, args=(out, running, at_end, busy))
        watching.start()
        whole, of_workers = accounts(out, running, workers)
        watching.join()
    check_all_by_workers(out, tiles, once=False)
    first, last = asked(out, "SELECT MIN(began), MAX(ended) FROM attempts")[0]
    spent_s, idle_s = (b - a for a, b in zip(busy_at_start, busy, strict=True))
    assert at_end, "nobody looked at the end of the tiles"
    until = {kind: seconds - start.get(kind, 0.0) for kind, seconds in at_end.items()}
    journal = (out / "journal.sqlite").stat().st_size
    replaying_s = sum(account.total_s for account in of_workers)
    record = json.loads((out / "run.json").read_text())
    assert record["tiles"]["count"] == tiles
    shutil.rmtree(home)
    after_s = whole.total_s - sum(at_end.values())
    share = spent_s / (spent_s + idle_s)
    return Met(
        cores, tiles, stored, last - first, until, after_s, whole, replaying_s, share, journal
    )


def wait_for_tiles(out: Path, running: Program) -> tuple[int, int, int]:
    """Return how many tiles a run has, and the memory and disk of each [MB], once it says so."""
    while not running.has_ended:
        try:
            tiles = asked(out, "SELECT COUNT(*) FROM tiles")[0][0]
            found = asked(out, "SELECT MAX(memory_mb), MAX(disk_mb) FROM attempts")[0]
            if tiles and found[0]:
                return tiles, *found
        except Exception as error:
            if "unable to open" not in str(error) and "no such table" not in str(error):
                raise
        threading.Event().wait(0.05)
    sys.exit("the run ended before it had tiles")


def _at_last_tile(out: Path, running: Program, at_end: dict[str, float], busy: list[float]) -> None:
    """Note what the manager's processes have taken when no tile is left."""
    while not running.has_ended:
        if not asked(out, "SELECT COUNT(*) FROM tiles WHERE state != 'done'")[0][0]:
            at_end.update(running.so_far())
            busy.extend(_machine_s())
            return
        threading.Event().wait(0.05)


def _machine_s() -> tuple[float, float]:
    """Processor time of the whole machine, at work and idle [s]."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    ticks = [int(field) / os.sysconf("SC_CLK_TCK") for field in fields]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, idle


def outlook(last: Met, tile_cells: int) -> str:
    """Return what the continental United States at 10 m would take, from the largest pool."""
    tiles = STATES_CELLS / tile_cells**2
    kind = max(last.until_tiles, key=last.until_tiles.__getitem__)
    slowest = last.until_tiles[kind] / last.tiles
    all_s = last.whole.total_s / last.tiles * tiles
    computing_s, journal = last.stored.seconds, last.journal_bytes / last.tiles
    return (
        f"{STATES_CELLS:.0e} cells are {tiles:,.0f} such tiles:"
        f" {tiles * last.stored.bytes / 1e12:.1f} TB from workers,"
        f" {tiles * computing_s / 3600:,.0f} core-hours of tiles, that is"
        f" {tiles * computing_s / 3.6e6:,.1f} hours of 1,000 cores; the manager's processes"
        f" take {all_s / 3600:,.1f} hours of cores, the busiest ({kind}) {slowest * 1e3:.1f} ms a"
        f" tile: {1 / slowest:,.0f} tiles/s with a core of its own, enough for"
        f" {computing_s / slowest:,.0f} cores. Journal {journal:,.0f} bytes a tile:"
        f" {journal * tiles / 1e9:.1f} GB. The run's process had"
        f" {last.whole.resident_bytes['program'] / 1e6:,.0f} MB resident."
    )


if __name__ == "__main__":
    main(sys.argv[1:])
