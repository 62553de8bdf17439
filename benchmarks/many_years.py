"""Many years of EEMT: what a cell and month costs from files to maps, and what is held meanwhile.

    .venv/bin/python benchmarks/many_years.py [--years 45] [--edge 860] [--threads 1] [--peer]

Mountains in cells of 30 m (860 x 860 are 740,000), monthly grids of 1 km in files as Daymet's, TRAD
and TOPO. The run is made with one year and with all; processor time of all its processes is the
kernel's account (`accounts`). The stages within tiles are told by the tiles' clocks on the wall;
the tiles' processor time is shared out in their ratio, so a busy machine disturbs them little. With
``--peer`` NumPy programs of the same equations (`peers/numpy_sunlight.py`, `peers/numpy_years.py`)
read the same files and write the same maps, which are compared; that of the sunlight takes a
quarter of a millisecond a cell, so ``--edge 300`` is enough.
"""

import argparse
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from accounts import TASK, Account, Program
from climates import write_elevation, write_years
from mountains import write_mountains
from watch import PROGRAM

KINDS = {"/wetness": "wetness", TASK: "tiles", "maps.writers": "map writers"}
AIM_NS, STAGE_AIMS_NS, AIM_PEER = 90, {"climate": 8, "balance": 20}, 25


@dataclass(frozen=True)
class Taken:
    """What a run of some years took; `announced_mb` is the most that a tile said it needs."""

    cells: int
    years: int
    account: Account
    record: dict[str, Any]
    announced_mb: int
    tiles_wall_s: float

    @property
    def parts_s(self) -> dict[str, float]:
        """Processor time by parts of the run, the tiles' by stages [s]."""
        tiles_s = self.account.kinds_s.get("tiles", 0.0)
        stages = self.record["tiles"]["stage_seconds"]
        whole = max(self.tiles_wall_s, sum(stages.values()))
        parts = {f"tiles: {name}": tiles_s * wall / whole for name, wall in stages.items()}
        parts["tiles: start, reading, the rest"] = tiles_s - sum(parts.values())
        parts["the run's own process"] = self.account.own_s
        others = {k: s for k, s in self.account.kinds_s.items() if k != "tiles"}
        return {**parts, **others}

    def ns(self, seconds: float) -> float:
        """Return seconds of the whole run as ns a cell and month."""
        return 1e9 * seconds / (self.cells * 12 * self.years)

    @property
    def held(self) -> dict[str, str]:
        """What was held at once."""
        account = self.account
        resident = {kind: size / 1e6 for kind, size in account.resident_bytes.items()}
        return {
            "memory that a tile announced [MB]": f"{self.announced_mb}",
            "resident in a tile at most [MB]": f"{self.record['tiles']['peak_memory_mb']}",
            "resident in the run's process [MB]": f"{resident.get('program', 0):.0f}",
            "open files of all processes": f"{account.files}",
            "processes at once": f"{account.processes}",
            "maps": f"{len(self.record['maps'])}",
        }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--years", type=int, default=45)
    options.add_argument("--edge", type=int, default=860, help="rows and columns [cells]")
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--peer", action="store_true", help="measure the NumPy programs too")
    options.add_argument("more", nargs="*", help="further options of eemt-run, after --")
    chosen = options.parse_args()
    with TemporaryDirectory(prefix="eemt-many-years-") as name:
        home = Path(name)
        files = {
            "dem": write_mountains(home / "dem.tif", chosen.edge, chosen.edge),
            "elevation": write_elevation(home / "elevation.tif", chosen.edge, chosen.edge),
            "climate": write_years(home / "daymet", chosen.edge, chosen.edge, chosen.years),
        }
        one = run(files, home / "one", chosen, 1)
        many = run(files, home / "many", chosen, chosen.years)
        print_table(one, many)
        if chosen.peer:
            from peers.years_peer import measure

            print(measure(files, home / "many", home / "peer", many, AIM_PEER))


def run(files: dict[str, Path], out: Path, chosen: argparse.Namespace, years: int) -> Taken:
    """Run the command for the first years."""
    asked = ["--workflow", "eemt", "--climate", files["climate"], "--variant", "trad,topo"]
    asked += ["--climate-elevation", files["elevation"], "--end-year", 1979 + years]
    asked += ["--threads", chosen.threads, "--no-pictures", "-q", *chosen.more]
    with Program([*PROGRAM, files["dem"], "-o", out, *asked], KINDS) as program:
        account = program.account()
    assert abs(account.total_s - program.wait4_s) < 0.05, "parts of the account are missing"
    record = json.loads((out / "run.json").read_text())
    variants = [path for path in record["maps"] if path.startswith("eemt/EEMT_")]
    assert len(variants) == 2 * 12 * years, f"{len(variants)} monthly maps"
    with closing(sqlite3.connect(f"file:{out / 'journal.sqlite'}?mode=ro", uri=True)) as journal:
        found = journal.execute(
            "SELECT MAX(memory_mb), SUM(seconds) FROM attempts WHERE outcome = 'done'"
        ).fetchone()
    return Taken(chosen.edge**2, years, account, record, *found)


def print_table(one: Taken, many: Taken) -> None:
    """Print what a cell and month costs, and what is held."""
    print(f"{many.cells:,} cells, TRAD and TOPO\n")
    print(f"| processor time, a cell and month [ns] | 1 year | {many.years} years | aim |")
    print("|---|---|---|---|")
    parts = many.parts_s
    for name in sorted(parts, key=lambda name: -parts[name]):
        aim = STAGE_AIMS_NS.get(name.removeprefix("tiles: "))
        judged = "" if aim is None else f"{aim}: {_met(many.ns(parts[name]), aim)}"
        first = one.ns(one.parts_s.get(name, 0.0))
        print(f"| {name} | {first:.1f} | {many.ns(parts[name]):.1f} | {judged} |")
    first, all_ns = one.ns(one.account.total_s), many.ns(many.account.total_s)
    print(f"| all | {first:.1f} | {all_ns:.1f} | {AIM_NS}: {_met(all_ns, AIM_NS)} |")
    print(f"| all [s] | {one.account.total_s:.1f} | {many.account.total_s:.1f} | |")
    print(f"\n| held at once | 1 year | {many.years} years |\n|---|---|---|")
    for name, value in many.held.items():
        print(f"| {name} | {one.held[name]} | {value} |")
    print(flush=True)


def _met(value: float, aim: float) -> str:
    return "reached" if value <= aim else f"missed by {value / aim:.1f} times"


if __name__ == "__main__":
    main()
