"""Hostile names, numbers and records: each gives one sentence and the exit code of its kind."""

import os
import re
import shutil
import subprocess
import sys

import click
import pytest
from affine import Affine

from eemt_core import sizes
from eemt_core.cli import run, status, worker
from eemt_core.cli.options import PathName
from eemt_core.config import read_config, read_variables
from eemt_core.errors import EemtError
from eemt_core.machine import limits as machine
from eemt_core.worker.password import read_password
from geotiffs import write_geotiff
from runs import PROGRAM, eemt_run, maps_of, mountains, write_dem

pytestmark = pytest.mark.slow

CODES = {2, 3, 4, 5}
QUICK = ("--days", "172", "--step", "60", "--no-pictures")
SQUARED = "1\N{SUPERSCRIPT TWO}"
NUMBERS = ["9" * 5000, SQUARED, "nan", "inf", "", " ", "-" + "9" * 5000, "0x10", "1e400"]
NO_TEXT = os.fsdecode(b"\xff\xfe")
NAMES = ["x" * 300, "/".join(["y" * 200] * 25), "loop", "loop/below", "", "--x", NO_TEXT]


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((20, 30)))


def assert_a_sentence(done):
    """Check that a message is one sentence of readable length with a remedy."""
    assert done.returncode in CODES, (done.returncode, done.stderr)
    last = done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert "(a bug" not in done.stderr
    assert re.match(r"(Error: |WRONG)", last), done.stderr
    assert len(last) < 900


def complaint(function, *arguments):
    """Return the message for bad arguments; errors other than our own and click's propagate."""
    code, told = 2, ""
    try:
        function(*arguments)
    except EemtError as error:
        code, told = error.exit_code, str(error)
    except click.ClickException as error:
        code, told = error.exit_code, error.format_message()
    assert code in CODES
    return told


def parameters():
    """Every option with a value, of every command; as command, option."""
    commands = (run.command, worker.command, status.command)
    return [
        pytest.param(parameter, id=f"{command.name} {parameter.name}")
        for command in commands
        for parameter in command.params
        if not getattr(parameter, "is_flag", False) and not getattr(parameter, "count", False)
    ]


@pytest.mark.parametrize("parameter", parameters())
def test_any_text_as_any_option_is_taken_or_refused_in_a_sentence(parameter, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    for text in (*NUMBERS, *NAMES, "\N{ARABIC-INDIC DIGIT ONE}", "~nobody-of-that-name/x"):
        complaint(parameter.type.convert, text, parameter, None)


@pytest.mark.parametrize("parameter", parameters())
def test_no_option_takes_digits_that_are_not_ascii_for_a_number(parameter):
    for text in ("\N{ARABIC-INDIC DIGIT ONE}\N{ARABIC-INDIC DIGIT TWO}", "1_2"):
        try:
            taken = parameter.type.convert(text, parameter, None)
        except (EemtError, click.ClickException):
            continue
        several = taken if isinstance(taken, tuple) else (taken,)
        assert not any(isinstance(value, int | float) for value in several)


@pytest.mark.parametrize("name", NAMES)
def test_a_path_that_cannot_be_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    assert complaint(PathName().convert, name, None, None)


@pytest.mark.parametrize(
    "parse",
    [sizes.parse_cores, sizes.parse_mb, sizes.parse_seconds, sizes.parse_port],
)
def test_numbers_are_ascii_and_of_a_length_to_reckon_with(parse):
    for text in (*NUMBERS, "\N{ARABIC-INDIC DIGIT ONE}", "9" * 19 + "d", "9" * 5000 + "G"):
        assert complaint(parse, text)


@pytest.mark.parametrize("text", NUMBERS)
def test_a_batch_system_that_tells_nonsense_is_not_heard(text, tmp_path):
    names = ("SLURM_CPUS_PER_TASK", "NSLOTS", "NCPUS", "PBS_NUM_PPN", "LSB_DJOB_NUMPROC")
    assert machine.cores(environ=dict.fromkeys(names, text), affinity=3, root=tmp_path).amount == 3
    environ = {"SLURM_MEM_PER_NODE": text, "SLURM_MEM_PER_CPU": text}
    sane = machine.memory_limit_mb(environ={})
    assert machine.memory_limit_mb(environ=environ) == sane


@pytest.mark.parametrize("text", NUMBERS[:4])
def test_variables_and_files_of_settings_are_named(text, tmp_path):
    for name in ("MAX_WORKERS", "MASTER_PORT", "WORK_QUEUE_PORT"):
        assert name in complaint(read_variables, "master", {name: text})
    file = tmp_path / "master.conf"
    file.write_text(f"[master]\nmax_workers = {text}\n", encoding="utf-8")
    assert "master.conf:2: max_workers" in complaint(read_config, "master", file)


def test_a_home_of_nobody_is_named(tmp_path):
    file = tmp_path / "master.conf"
    file.write_text("[security]\npassword_file = ~nobody-of-that-name/x\n")
    assert "in a home that nobody has here: write it out" in complaint(read_config, "master", file)


def test_a_password_must_be_text(tmp_path):
    file = tmp_path / "password"
    file.write_bytes(b"\xff\xfe\xfd")
    assert "no text in UTF-8" in complaint(read_password, file)


@pytest.mark.parametrize(
    "arguments",
    [
        ["-o", ""],
        ["-o", "--x"],
        ["-o", os.fsdecode(b"\xff\xfe")],
        ["-o", "out", "--threads", "9" * 5000],
        ["-o", "out", "--climate", "loop"],
        ["-o", "x" * 300],
        ["-o", "out", "--climate", "two\nlines"],
    ],
)
def test_the_program_itself_says_so(dem, tmp_path, arguments):
    (tmp_path / "loop").symlink_to("loop")
    done = subprocess.run(
        [*PROGRAM, str(dem), *QUICK, *arguments], cwd=tmp_path, capture_output=True, text=True
    )
    assert_a_sentence(done)
    assert [path.name for path in tmp_path.iterdir()] == ["loop"]


@pytest.mark.parametrize(
    "source", ["x" * 300, "http://[::1", os.fsdecode(b"\xff"), "loop", "", "http://h:" + "9" * 5000]
)
def test_a_status_of_nothing(tmp_path, source):
    (tmp_path / "loop").symlink_to("loop")
    program = [sys.executable, "-c", "from eemt_core.cli.status import main; main()"]
    done = subprocess.run([*program, source], cwd=tmp_path, capture_output=True, text=True)
    assert_a_sentence(done)


@pytest.mark.parametrize(("degrees", "size"), [(True, 1e-12), (False, 1e-300), (False, 1e12)])
def test_cells_of_no_size_are_refused(tmp_path, degrees, size):
    place = Affine(size, 0, 10 if degrees else 5e5, 0, -size, 40 if degrees else 4e6)
    crs = "EPSG:4326" if degrees else "EPSG:32613"
    path = write_geotiff(tmp_path / "dem.tif", mountains((5, 6)), crs=crs, transform=place)
    done = eemt_run(path, "-o", tmp_path / "out", *QUICK)
    assert_a_sentence(done)
    assert done.returncode == 3
    assert "no size of a DEM's cells" in done.stderr
    assert not (tmp_path / "out").exists()


DAMAGE = {
    "binary": bytes(range(256)) * 20,
    "nested": b"[" * 200_000,
    "other json": b'{"maps": 5, "pictures": {"../x": 1}, "fingerprint": []}',
    "a long number": b'{"maps": ' + b"9" * 5000 + b"}",
    "empty": b"",
}
RECORDS = ("run.json", "journal.sqlite", ".eemt/state.json", ".eemt/lock")


@pytest.fixture(scope="module")
def finished(dem):
    out = dem.parent / "out"
    assert eemt_run(dem, "-o", out, *QUICK).returncode == 0
    return out


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_records_do_not_keep_a_run_from_replacing_them(dem, finished, tmp_path, damage):
    out = shutil.copytree(finished, tmp_path / "out")
    (out / ".eemt").mkdir()
    for name in RECORDS:
        (out / name).write_bytes(DAMAGE[damage])
    done = eemt_run(dem, "-o", out, *QUICK, "--overwrite")
    assert done.returncode == 0, done.stderr
    assert maps_of(out).keys() == maps_of(finished).keys()


@pytest.mark.parametrize("name", [*RECORDS, ".eemt", ".eemt/tiles"])
def test_a_folder_for_a_file_or_a_file_for_a_folder_is_named(dem, finished, tmp_path, name):
    out = shutil.copytree(finished, tmp_path / "out")
    path = out / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    if name in RECORDS:
        path.mkdir()
    else:
        path.write_text("")
    done = eemt_run(dem, "-o", out, *QUICK, "--overwrite")
    assert done.returncode == 0 or name in done.stderr
    if done.returncode:
        assert_a_sentence(done)


def test_a_damaged_record_is_made_anew_with_resume(dem, finished, tmp_path):
    out = shutil.copytree(finished, tmp_path / "out")
    (out / "run.json").write_bytes(DAMAGE["nested"])
    done = eemt_run(dem, "-o", out, *QUICK, "--resume")
    assert done.returncode == 0, done.stderr
    assert "of unknown origin; it starts again" in done.stderr


@pytest.mark.parametrize("role", ["dem", "climate"])
def test_a_folder_that_may_not_be_entered_is_named(dem, tmp_path, role):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    # root without capabilities has the rights of an ordinary user
    no_powers = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if os.geteuid() == 0 else []
    asked = {"dem": [closed / "dem.tif"], "climate": [dem, "--climate", closed]}[role]
    words = map(str, (*no_powers, *PROGRAM, *asked, "-o", tmp_path / "out"))
    done = subprocess.run(list(words), capture_output=True, text=True)
    closed.chmod(0o700)
    assert_a_sentence(done)
    assert done.returncode == 3
    assert "closed" in done.stderr
    assert "ermission" in done.stderr
