"""Our speed beside other programs', measured here and now; the table of RESULTS.md.

    .venv/bin/python benchmarks/report.py [--figures 1,2] [--rounds 3] [--cells 1000] [--write]

Terrain is the Jacksboro fault at 30 m (`--cells` cuts it to so many rows and columns). Times are
those of the processor, one thread each, but for the whole command (3) and threads (6), which stand
on the wall; a rate is the best of the rounds, the spread how far the median lies above it. Needs
GRASS GIS (grass-core) and SAGA; pysheds comes with the dependency group `bench`. With `--write` the
table replaces the one in RESULTS.md.
"""

import argparse
import datetime
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests/support")]

import memory  # noqa: E402
import threads  # noqa: E402
from peers import command, energy, horizons, irradiation, water  # noqa: E402
from peers.clock import Line  # noqa: E402
from peers.processors import machine  # noqa: E402
from peers.terrain import jacksboro  # noqa: E402

FIGURES = {
    "1": irradiation.measure,
    "2": horizons.measure,
    "3": command.measure,
    "4": water.measure,
    "5": energy.measure,
    "6": threads.measure,
    "7": memory.measure,
}
RESULTS = HERE / "RESULTS.md"
START, END = "<!-- table: benchmarks/report.py writes it -->", "<!-- end of the table -->"
HEAD = """\
| | work | ours | peer | ours over the peer | spread |
|---|---|---|---|---|---|"""


def table(lines: list[Line], command: str, cells: int) -> str:
    """The lines with where, when and how they were measured."""
    day = datetime.datetime.now(datetime.UTC).date()
    how = f"{day}, {cells:,} cells: {machine('one core')}. `{command}`"
    return "\n".join([how, "", HEAD, *(line.row() for line in lines)])


def write(text: str) -> None:
    """Put the table where the last one stands."""
    old = RESULTS.read_text()
    before, rest = old.split(START)
    _, after = rest.split(END)
    RESULTS.write_text(f"{before}{START}\n{text}\n{END}{after}")


def main() -> None:
    """Measure, print, write."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--figures", default=",".join(FIGURES))
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--cells", type=int)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    place = jacksboro(chosen.cells)
    lines = []
    for figure in chosen.figures.split(","):
        for line in FIGURES[figure](place, chosen.rounds):
            print(line.row(), flush=True)
            lines.append(line)
    if chosen.write:
        command = " ".join([".venv/bin/python benchmarks/report.py", *sys.argv[1:]])
        write(table(lines, command, place.elevation_m.size))


if __name__ == "__main__":
    main()
