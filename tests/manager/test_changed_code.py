"""A resumed run keeps finished tiles until code changes that decides their cells."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import eemt_core
from eemt_core.manager.reporter import Silent
from eemt_core.manager.run import run
from interrupting import Interrupting, finished_tiles
from runs import mountains, request, write_dem

pytestmark = pytest.mark.slow

PACKAGE = Path(eemt_core.__file__).parent
TILES = {f"tile-{number:06d}" for number in range(6)}


@pytest.fixture
def stopped(tmp_path):
    """A run that was interrupted with some of its six tiles done."""
    dem = write_dem(tmp_path / "dem.tif", mountains((110, 170)))
    asked = request(dem, tmp_path / "out", days=(172,), tile_cells=64, threads=2)
    with pytest.raises(KeyboardInterrupt):
        run(asked, Silent(), Interrupting)
    return asked


def resumed_by(changed, asked, home):
    """Resume a run with a copy of the package in which one file has changed; return its words."""
    copy = shutil.copytree(PACKAGE, home / "changed" / "eemt_core")
    with (copy / changed).open("a") as source:
        source.write("\n# changed\n")
    (home / "request.json").write_text(json.dumps(replace(asked, resume=True).to_dict()))
    main = "from eemt_core.cli.run import main; main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", main, "--request", home / "request.json", "-v"],
        env={**os.environ, "PYTHONPATH": str(home / "changed")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize(
    "changed",
    ["journal/status.py", "manager/schedule/messages.py", "cli/progress.py", "files/whole.py"],
)
def test_code_that_computes_nothing_keeps_all_tiles(changed, stopped, tmp_path):
    kept = finished_tiles(stopped.out)
    said = resumed_by(changed, stopped, tmp_path)
    assert {name for name in TILES if f"{name} done in" in said} == TILES - set(kept)


@pytest.mark.parametrize("changed", ["tiles/balance.py", "rasters/_dem.py", "solar/_sun.py"])
def test_code_that_computes_keeps_none(changed, stopped, tmp_path):
    kept = finished_tiles(stopped.out)
    said = resumed_by(changed, stopped, tmp_path)
    assert {name for name in TILES if f"{name} done in" in said} == TILES
    assert f"{kept[0]} is computed again: its result is of other code." in said
