"""A wheel made as `make wheel` makes it, of the sources that are installed here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """Path of the repaired wheel."""
    folder = tmp_path_factory.mktemp("wheelhouse")
    environment = {**os.environ, "PATH": f"{TOOLS}:{os.environ['PATH']}"}
    made = subprocess.run(
        [ROOT / "scripts" / "make_wheel.sh", folder],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    (path,) = folder.iterdir()
    return path
