"""A task's folder in a place like the one where a worker runs it."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from eemt_core.manager.request import EnergyRequest
from runs import mountains, request, task_folders, write_dem

EVIL = "a 'b\" $(touch OBEYED) `touch OBEYED`;touch OBEYED&|(c"
"""A name with all kinds of shell syntax: commands, blanks, redirections, open quotes."""

BARE = {"PATH": "/usr/bin:/bin"}
"""The environment of workers in the tests, without variables that a test adds."""


def write_task(home, *, climate=None):
    """Write the folder of a small tile below `home` as the manager does; return its path.

    With a station's climate it is a tile of EEMT, else one of sunlight.
    """
    dem = write_dem(home / "dem.tif", mountains((60, 70)))
    options = dict(days=(1, 172))
    if climate is not None:
        options = dict(days=range(1, 366), energy=EnergyRequest(climate, variants=("trad",)))
    asked = request(dem, home / "out", tile_cells=128, halo_cells=64, **options)
    return task_folders(asked, home / "tiles")[0]


def outputs(folder):
    """Bytes of all results in a task's folder by their names."""
    return (folder / "results.blocks").read_bytes()


def sandbox(worker, task, runtime, number=1):
    """Make a place for a task in a worker's folder, with the task and what its runtime ships."""
    place = worker / f"t.{number}"
    place.mkdir(parents=True)
    shutil.copytree(task, place / "tile")
    for file in runtime.shipped:
        shutil.copyfile(file.path, place / file.name)
    return place


def start_in(place, runtime, **environment):
    """Start the task's command as a worker does."""
    return subprocess.Popen(
        ["sh", "-c", runtime.command("tile")], cwd=place, env={**BARE, **environment}
    )


def run_in(place, runtime, **environment):
    """Run the task's command as a worker does; return its exit code and what it said."""
    with start_in(place, runtime, **environment) as shell:
        exit_code = shell.wait(120)
    return exit_code, (place / "tile" / "log.txt").read_text()


def obeyed(*folders):
    """Files that exist only if a shell has interpreted `EVIL`, in any folder it may have used."""
    return [found for folder in folders for found in Path(folder).rglob("OBEYED*")]


def block(place):
    """Let the task in `place` wait for ever, for somebody to write its description."""
    description = place / "tile" / "task.json"
    description.unlink()
    os.mkfifo(description)


def command_line(pid):
    """Return the words that a process was started with; none once it has ended."""
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return [word for word in words if word]


def wait_for(condition, seconds=60.0):
    """Wait until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
