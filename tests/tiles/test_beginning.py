"""A task loads what it computes with and no more: on every tile anew that is time of the processor.

Modules are counted, not seconds, which say little on a shared machine.
"""

import subprocess
import sys

import pytest

from eemt_core.code_identity import tile_code
from eemt_core.exported import seal
from tile_tasks import PRINTS, tile_task

# a tenth of a second each or near it, and no tile needs them
NEEDLESS = (
    "asyncio", "http.client", "importlib.metadata", "multiprocessing", "numpy.fft", "numpy.ma",
    "numpy.polynomial", "numpy.random", "rasterio", "sqlite3", "ssl", "urllib.request",
)  # fmt: skip
TILE = "tile-000000"
WAYS = {
    "a task": "from eemt_core.tiles.__main__ import main; "
    f"code = main([f'{{folder}}/tiles/{TILE}'])",
    "a tile without a manager": "from pathlib import Path; "
    f"from eemt_core.exported import run_exported; code = not run_exported(Path(folder), '{TILE}')",
}


@pytest.fixture
def exported(tmp_path, monkeypatch):
    """A folder with the tile that needs every input, by this very code."""
    monkeypatch.setitem(PRINTS, "code", tile_code())
    (tmp_path / "tiles").mkdir()
    tile_task(tmp_path / "tiles" / TILE)
    seal(tmp_path, TILE)
    return tmp_path


@pytest.mark.parametrize("way", WAYS)
def test_a_tile_loads_nothing_that_it_does_not_need(way, exported):
    loaded = f"print(*[name for name in {NEEDLESS} if name in sys.modules]); sys.exit(code)"
    code = f"import sys; folder = sys.argv[1]; {WAYS[way]}; {loaded}"
    done = subprocess.run(
        [sys.executable, "-c", code, exported], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_the_command_for_tiles_adds_click_alone():
    code = f"import sys, eemt_core.cli.tile; print(*[m for m in {NEEDLESS} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == []
