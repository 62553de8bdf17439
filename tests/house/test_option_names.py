"""Only code of the command line names options; all other messages use marks for fields."""

import re
from pathlib import Path

import pytest

import eemt_core
from eemt_core.cli import run, status, submit, tile, web, worker
from eemt_core.cli.words import option_of, told
from eemt_core.errors import EemtError
from eemt_core.errors.words import in_python

PACKAGE = Path(eemt_core.__file__).parent
COMMANDS = (run.command, status.command, submit.command, tile.command, web.command, worker.command)
OPTIONS = {name for c in COMMANDS for p in c.params for name in (*p.opts, *p.secondary_opts)}
SOURCES = sorted(
    path
    for path in PACKAGE.rglob("*")
    if path.suffix in (".py", ".sh") and path.relative_to(PACKAGE).parts[0] != "cli"
)
# Command lines of other programs, and those that start a process of ours.
OTHER_PROGRAMS = re.compile(r"rio edit-info (--bidx 1 )?--nodata|--bind \"\$(folder|shared)")
COMMAND_LINES = {
    "engines/ahead.py": {"--end-with-parent"},  # of a task
    "engines/runtimes/container.sh": {"--end-with-parent", "--memory", "--quiet"},
    # of bjobs, and of sbatch and squeue
    **dict.fromkeys(f"submit/schedulers/{n}.py" for n in ("lsf", "slurm")),
    # of batch systems
    **dict.fromkeys(f"submit/targets/{n}.py" for n in ("lsf", "pbs", "sge", "slurm", "torque")),
    **dict.fromkeys(f"submit/targets/{n}.py" for n in ("htcondor", "systemd")),
    "submit/targets/manifest.py": None,  # of ours, in containers
    "submit/work.py": None,  # of ours, in job scripts
    "tiles/__main__.py": {"--end-with-parent"},
    "worker/command.py": None,  # of Work Queue's worker and of ours
    "web/jobs/process.py": {"--request"},  # of eemt-run
    "worker/versions.py": {"--cores", "--memory", "--disk"},  # of Work Queue's worker
}
MARK = re.compile(r"<<([a-z_]+)")


def options_in(text):
    found = re.findall(r"(?<![\w-])--?[a-zA-Z][a-z-]*", OTHER_PROGRAMS.sub("", text))
    return {name for name in found if name in OPTIONS and (name[:2] == "--" or name == "-o")}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_source_outside_of_the_command_line_names_an_option(path):
    allowed = COMMAND_LINES.get(path.relative_to(PACKAGE).as_posix(), set())
    found = options_in(path.read_text(encoding="utf-8"))
    assert allowed is None or found <= allowed


def test_the_law_sees_options():
    assert options_in('"give it with --elevation-unit"') == {"--elevation-unit"}
    assert options_in("give another with -o") == {"-o"}
    assert options_in("with rio edit-info --nodata -9999, or a-o") == set()


def test_every_field_that_a_sentence_marks_has_an_option():
    text = "".join(p.read_text() for p in SOURCES if p.parent.name != "errors")
    marked = set(MARK.findall(text))
    assert len(marked) > 20
    assert {field for field in marked if option_of(field) not in OPTIONS} == set()


def test_each_face_reads_an_error_in_its_own_words():
    error = EemtError(
        "2 is no unit", remedy="give <<elevation_unit=ft>>", field="elevation_unit", value=2
    )
    assert str(error) == "2 is no unit: give elevation_unit=ft"
    assert told(error.sentence) == "2 is no unit: give --elevation-unit ft"
    assert (error.field, error.value, error.remedy) == (
        "elevation_unit",
        2,
        "give <<elevation_unit=ft>>",
    )


@pytest.mark.parametrize("text", ["a << b", "<<>>", "<<A>>", "x <<a=\"'>> y", "a <b> c"])
def test_what_is_no_mark_stays(text):
    assert in_python(text) == told(text) == text
