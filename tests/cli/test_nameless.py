"""A user id without an account and without a home, as in containers and OpenShift."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runs import maps_of, mountains, write_dem

pytestmark = pytest.mark.slow

BIN = Path(sys.executable).parent


def nameless(folder, *command):
    """Run a command as a user id without account and home."""
    prefix = ["unshare", "--user", "--map-user", "54321", "--map-group", "54321"]
    kept = {name: text for name, text in os.environ.items() if name not in ("HOME", "USER")}
    return subprocess.run(
        [*prefix, *map(str, command)],
        cwd=folder,
        env={**kept, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_nameless_user_runs_everything(tmp_path):
    dem = write_dem(tmp_path / "dem.tif", mountains((40, 50)))
    quick = ("--days", "172", "--step", "60")
    for more in ((), ("--workers", "1")):
        out = tmp_path / f"out{len(more)}"
        done = nameless(tmp_path, BIN / "eemt-run", dem, "-o", out, *quick, *more)
        assert done.returncode == 0, done.stderr
        assert maps_of(out)
        assert list((out / "quicklook").glob("*.png"))
        assert nameless(tmp_path, BIN / "eemt-status", out).returncode == 0
    asked = ("--manager", "127.0.0.1:9", "--cores", "1", "--memory", "100M", "--disk", "100M")
    done = nameless(tmp_path, BIN / "eemt-worker", *asked, "--reconnect-attempts", "1")
    assert done.returncode == 3, done.stderr
    assert "no manager was reached" in done.stderr
