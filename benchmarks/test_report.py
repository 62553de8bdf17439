"""The comparison with other programs runs, and its table lands where it belongs."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mountains
import report
from eemt_core.terrain._slope import slope_aspect_rad
from memory import Held
from peers.clock import Line, Seconds
from watch import Watched, watched

HERE = Path(__file__).parent


def test_a_line_says_what_is_reached_and_what_is_short():
    line = Line("7", "digging", "holes/s", 50.0, 40.0, "a spade: 1 hole/s", 50.0, 100.0, 0.02)
    assert line.row() == (
        "| 7 | digging | 50.0 holes/s, aim 40: reached | a spade: 1 hole/s |"
        " 50 x, aim 100: short by 50% | 2 % |"
    )


def test_a_line_may_ask_for_little():
    line = Line("8", "waiting", "s", 0.36, 0.3, "a snail: 4 s", 2.54, 3, 0.0, least=False)
    assert line.row() == (
        "| 8 | waiting | 0.36 s, aim 0.3: over by 20% | a snail: 4 s |"
        " 2.5 x, aim 3: short by 15% | 0 % |"
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("figure", "first", "peers"),
    [
        ("2", "| 2 | horizons in 72 directions |", ["r.horizon"]),
        ("4", "| 4a | slope and aspect", ["r.slope.aspect", "r.watershed", "SAGA", "pysheds"]),
        ("5", "| 5a | a month of EEMT_TRAD", ["NumPy", "r.mapcalc"]),
    ],
)
def test_a_figure_is_measured_beside_its_peers(figure, first, peers):
    options = ["--figures", figure, "--cells", "64", "--rounds", "1"]
    done = subprocess.run(
        [sys.executable, HERE / "report.py", *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(first)
    for peer in peers:
        assert f"{peer}: " in done.stdout


def test_memory_is_told_per_cell_and_its_growth_judged():
    year, small = Watched(1.0, 1024 * 1024 * 1000), Watched(1.0, 100 * 2**20)
    text = Held(year, small, Watched(9.0, 140 * 2**20)).row()
    assert "1,000 bytes per tile cell" in text
    assert "+40 MB, +4 % of 7a, aim at most +5 %: reached" in text
    assert "missed by 15 %" in Held(year, small, Watched(9.0, 300 * 2**20)).row()


def test_memory_of_a_whole_family_is_seen():
    hungry = "b = b'1' * 60_000_000; import time; time.sleep(0.5)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hungry!r}])"
    assert 60e6 < watched([sys.executable, "-c", parent]).peak_bytes < 120e6


def test_made_mountains_are_the_same_wherever_they_are_cut():
    whole = mountains.elevation_m(0, 0, 300, 400)
    np.testing.assert_array_equal(whole[100:180, 250:390], mountains.elevation_m(100, 250, 80, 140))


def test_made_mountains_are_as_steep_as_mountains():
    z = mountains.elevation_m(0, 0, 600, 600)
    slope, _ = slope_aspect_rad(z, cell_size_m=mountains.CELL_M)
    assert 18 < np.degrees(slope).mean() < 26
    assert 1500 < np.ptp(z) < 3500


@pytest.mark.slow
def test_the_whole_command_is_measured_beside_the_script():
    options = ["--figures", "3", "--cells", "64", "--rounds", "1"]
    done = subprocess.run(
        [sys.executable, HERE / "report.py", *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("| 3 | `eemt-run --workflow sol`, 365 days")
    assert "730 r.sun" in done.stdout
    assert 0 < int(re.search(r"of which maps (\d+) %", done.stdout)[1]) < 100
