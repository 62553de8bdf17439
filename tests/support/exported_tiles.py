"""Exported tiles for tests: a folder of them, and the program that computes one."""

import os
import subprocess
import sys

from runs import request

CODE = "from eemt_core.cli.tile import main; main()"
NAMES = [f"tile-{number:06d}" for number in range(4)]
_RIGHTS = "-dac_override,-dac_read_search"


def asked(dem, out, *, days=(172,), **options):
    """The run whose tiles are exported: of a DEM of four tiles of 64 x 64 cells."""
    return request(dem, out, days=days, tile_cells=64, threads=2, **options)


def start_tile(exported, *words, bound=False, stdout=subprocess.PIPE, **variables):
    """Start the program; `bound` by the permissions of files, also where tests run as root."""
    drop = []
    if bound and os.geteuid() == 0:
        drop = ["setpriv", f"--bounding-set={_RIGHTS}", f"--inh-caps={_RIGHTS}"]
    return subprocess.Popen(
        [*drop, sys.executable, "-P", "-c", CODE, str(exported), *map(str, words)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    )


def run_tile(exported, *words, **options):
    """Run the program and wait for it; return its exit code and what it said on both ways."""
    process = start_tile(exported, *words, **options)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def contents(folder):
    """All files below a folder with their bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
