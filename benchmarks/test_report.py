"""The comparison with other programs runs, and its table lands where it belongs."""

import subprocess
import sys
from pathlib import Path

import report
from peers.clock import Line, Seconds

HERE = Path(__file__).parent


def test_a_line_says_what_is_reached_and_what_is_short():
    line = Line("7", "digging", "holes/s", 50.0, 40.0, "a spade: 1 hole/s", 50.0, 100.0, 0.02)
    assert line.row() == (
        "| 7 | digging | 50.0 holes/s, aim 40: reached | a spade: 1 hole/s |"
        " 50 x, aim 100: short by 50% | 2 % |"
    )


def test_the_best_round_counts_and_the_median_tells_the_spread():
    taken = Seconds((3.0, 2.0, 2.2))
    assert taken.best == 2.0
    assert round(taken.spread, 9) == 0.1


def test_the_table_replaces_the_last_one(tmp_path, monkeypatch):
    path = tmp_path / "RESULTS.md"
    path.write_text(f"before\n{report.START}\nold\n{report.END}\nafter\n")
    monkeypatch.setattr(report, "RESULTS", path)
    report.write("new")
    assert path.read_text() == f"before\n{report.START}\nnew\n{report.END}\nafter\n"


def test_horizons_are_measured_beside_r_horizon():
    options = ["--figures", "2", "--cells", "64", "--rounds", "1"]
    done = subprocess.run(
        [sys.executable, HERE / "report.py", *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("| 2 | horizons in 72 directions |")
    assert "r.horizon" in done.stdout
