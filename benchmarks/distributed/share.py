"""What of a run's work the manager does, what travels, and what lies on its disk meanwhile.

    python -m distributed.share [--years N] [--across 3] [--tile-size 1024]      (in benchmarks/)

A year of sunlight over mountains, computed by workers of one core on this machine; with ``--years``
that many years of EEMT, TRAD and TOPO, of a climate in Daymet's form. Processor time of the
workers' tasks and of each of the manager's processes is the kernel's account (`accounts`); bytes
are counted on the way between workers and manager (`relay`), whose own work is nobody's. What lies
in the folder of the maps is looked at ten times a second.
"""

import argparse
import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from accounts import TICK_S, Account
from climates import write_years
from disk import Disk, on_disk
from mountains import write_mountains

from .relay import Relay
from .workers import accounts, check_all_by_workers, manager, port_of, worker

AIM_SHARE, AIM_BYTES, AIM_DISK = 0.02, 60.0, 2.2


@dataclass(frozen=True)
class Taken:
    """What a run took; the children of `workers` are tasks; no `years` are sunlight alone."""

    cells: int
    years: int
    manager: Account
    workers: list[Account]
    to_workers: int
    to_manager: int
    disk: Disk
    maps_bytes: int
    maps: int

    @property
    def tasks_s(self) -> float:
        """Processor time of all tasks [s]."""
        return sum(account.children_s for account in self.workers)

    @property
    def share(self) -> float:
        """Processor time of the manager's processes over that of the tasks."""
        return self.manager.total_s / self.tasks_s

    def print(self) -> None:
        """Print three tables."""

        def row(name: str, seconds: float) -> None:
            each = f"{1e9 * seconds / self.cells:,.0f} | {100 * seconds / self.tasks_s:.2f} %"
            print(f"| {name} | {seconds:.2f} | {each} |")

        print("| process | processor [s] | a cell [ns] | of the tasks' |\n|---|---|---|---|")
        row("tasks of the workers", self.tasks_s)
        row("Work Queue's workers themselves", sum(w.own_s for w in self.workers))
        row("manager: the run's own process", self.manager.own_s)
        for kind, seconds in sorted(self.manager.kinds_s.items(), key=lambda kind: -kind[1]):
            if seconds >= TICK_S:
                row(f"manager: {kind}", seconds)
        row(
            f"manager, all; aim {AIM_SHARE:.0%}: {_met(self.share, AIM_SHARE)}",
            self.manager.total_s,
        )
        each = (self.to_manager + self.to_workers) / self.cells
        print("\n| way | bytes | a cell |\n|---|---|---|")
        for name, count in (("to workers", self.to_workers), ("to manager", self.to_manager)):
            print(f"| {name} | {count:,} | {count / self.cells:.1f} |")
        aim = "" if self.years else f"; aim {AIM_BYTES:.0f} a cell: {_met(each, AIM_BYTES)}"
        print(f"| both{aim} | | {each:.1f} |")
        times = self.disk.peak_bytes / self.maps_bytes
        print("\n| on disk | bytes | a cell | files |\n|---|---|---|---|")
        each = f"{self.maps_bytes:,} | {self.maps_bytes / self.cells:.1f}"
        print(f"| finished maps | {each} | {self.maps} |")
        print(
            f"| at the peak, {times:.2f} times as much; aim {AIM_DISK}: {_met(times, AIM_DISK)} |"
            f" {self.disk.peak_bytes:,} | {self.disk.peak_bytes / self.cells:.1f} |"
            f" {self.disk.peak_files} |"
        )


def _met(value: float, aim: float) -> str:
    return "reached" if value <= aim else f"missed by {value / aim:.1f} times"


def main(words: list[str]) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--across", type=int, default=3, help="tiles in each direction")
    options.add_argument("--tile-size", type=int, default=1024)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--years", type=int, default=0, help="years of EEMT, else sunlight alone")
    options.add_argument("more", nargs="*", help="further options of eemt-run, after --")
    chosen = options.parse_args(words)
    with TemporaryDirectory(prefix="eemt-share-") as name:
        measure(Path(name), chosen).print()


def measure(home: Path, chosen: argparse.Namespace) -> Taken:
    """Run in a folder, with workers beside."""
    edge = chosen.across * chosen.tile_size
    dem, out = write_mountains(home / "dem.tif", edge, edge), home / "out"
    asked: list[object] = ["--tile-size", chosen.tile_size, *chosen.more]
    if chosen.years:
        climate = write_years(home / "daymet", edge, edge, chosen.years)
        asked += ["--workflow", "eemt", "--climate", climate, "--variant", "trad,topo"]
    else:
        asked += ["--workflow", "sol"]
    with ExitStack() as stack:
        disk = stack.enter_context(Disk(out))
        running = stack.enter_context(manager(dem, out, asked))
        relay = stack.enter_context(Relay(port_of(out, running)))
        workers = [
            stack.enter_context(worker(relay.port, home / f"worker-{number}"))
            for number in range(chosen.workers)
        ]
        account, of_workers = accounts(out, running, workers)
    check_all_by_workers(out, chosen.across**2)
    # the parts are all that there was: the kernel told the same sum to who waited
    assert abs(account.total_s - running.wait4_s) < 0.05, (account, running.wait4_s)
    record = json.loads((out / "run.json").read_text())
    taken, files = on_disk(out, ".tif")
    assert files >= sum(path.endswith(".tif") for path in record["maps"]) > 0
    found, _ = on_disk(out)
    assert disk.peak_bytes >= 0.9 * found, "nobody looked while the maps were there"
    assert relay.to_manager > edge**2
    return Taken(
        edge**2,
        chosen.years,
        account,
        of_workers,
        relay.to_workers,
        relay.to_manager,
        disk,
        taken,
        len(record["maps"]),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
