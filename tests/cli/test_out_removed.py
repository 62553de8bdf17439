"""OUT removed or replaced while a run writes to it: the run ends with a sentence that names OUT."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clusters import wait_for
from runs import mountains, write_dem

pytestmark = pytest.mark.slow

BIN = Path(sys.executable).parent
LONG = ("--days", "1-365", "--step", "3", "--tile-size", "64", "--no-pictures")
MANY_MAPS = ("--days", "1-60", "--step", "60", "--daily", "--no-shadows", "--no-pictures")


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((256, 320)))


def start(*arguments):
    def listen():
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    return subprocess.Popen(
        [BIN / "eemt-run", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=listen,
    )


def remove(out):
    aside = out.with_name("aside")
    out.rename(aside)  # in one step: the run creates files in it meanwhile
    while aside.exists():
        shutil.rmtree(aside, ignore_errors=True)


def replace_by_a_file(out):
    out.rename(out.with_name("moved"))
    out.write_text("mine")


def replace_by_a_folder(out):
    out.rename(out.with_name("moved"))
    (out / ".eemt").mkdir(parents=True)
    (out / ".eemt/mine").write_text("")


PHASES = {
    "planning": (LONG, ".eemt/lock"),
    "tiles": (LONG, ".eemt/attempts/*/task.json"),
    "maps": (MANY_MAPS, "*/daily/*.tif"),
    "workers": ((*LONG, "--workers", "1"), ".eemt/work/eemt-worker-*/worker-*"),
}


@pytest.mark.parametrize(
    ("phase", "change"),
    [
        ("planning", remove),
        ("tiles", remove),
        ("maps", remove),
        ("workers", remove),
        ("tiles", replace_by_a_file),
        ("tiles", replace_by_a_folder),
    ],
)
def test_it_is_named_and_nothing_is_made_or_removed_there(dem, tmp_path, phase, change):
    options, sign = PHASES[phase]
    out = tmp_path / "out"
    process = start(dem, "-o", out, *options)
    wait_for(lambda: list(out.glob(sign)), what=phase)
    change(out)
    began = time.monotonic()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 3, errors
    assert f"Error: {out} was removed or replaced while" in errors.splitlines()[-1]
    assert "Traceback" not in errors
    assert time.monotonic() - began < 20
    assert processes_that_name(tmp_path) == []
    left = {path.relative_to(out) for path in out.rglob("*")} if out.is_dir() else set()
    own = {Path(".eemt"), Path(".eemt/mine")} if change is replace_by_a_folder else set()
    assert left == own


def processes_that_name(folder):
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if str(folder).encode() in words:
            found.append(words)
    return found
