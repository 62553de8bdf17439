"""The page on HTCondor: its commands write descriptions, and what it quotes is said."""

import re
import shlex

import htcondor2
import pytest

from eemt_submits import eemt_submit
from orders import exported, password_file
from pages import DOCS, blocks

PAGE = DOCS / "deploy" / "htcondor.md"
COMMANDS = [
    line
    for block in blocks(PAGE)
    if block.language == "sh"
    for line in block.text.splitlines()
    if line.startswith("eemt-submit ")
]
# what users meet; how tests get there
TROUBLE = {
    "has no version in its name": ("--runtime", "apptainer", "--image", "eemt.sif"),
    "jobs of htcondor start a program and no shell": ("--setup", "module load x"),
    "this machine has no condor_submit, which HTCondor brings": ("--submit",),
}


@pytest.fixture
def place(tmp_path):
    """A folder with the files that the page's commands name."""
    password_file(tmp_path)
    exported(tmp_path)
    (tmp_path / "eemt.sif").touch()
    return tmp_path


@pytest.mark.parametrize("line", [line.removesuffix(" --submit") for line in COMMANDS])
def test_its_commands_write_descriptions(line, place):
    done = eemt_submit(*shlex.split(line)[1:], cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert htcondor2.Submit(done.stdout)["transfer_executable"] == "false"


@pytest.mark.parametrize("words", TROUBLE)
def test_what_it_quotes_is_said(words, place):
    assert f"`{words}`" in PAGE.read_text()
    done = eemt_submit(
        "htcondor",
        "--manager",
        "submit1:9123",
        *TROUBLE[words],
        cwd=place,
        env={"PATH": "/nowhere"},
    )
    assert done.returncode in (2, 4)
    assert words in done.stderr


def test_its_table_of_options_is_what_descriptions_ask_for(place):
    """All options of the table at once give the lines beside them, and without them none."""
    table = PAGE.read_text().split("## What it asks for")[1].split("`--extra-directive`")[0]
    lines = re.findall(r"^\| `(--[^`]*)` \| (.*) \|$", table, re.MULTILINE)
    values = {"--account": "geo", "--constraint": "Memory > 1", "--name": "canyon"}
    given = [word for option, _ in lines for word in shlex.split(option)]
    given = [
        part for word in given for part in ((word, values[word]) if word in values else (word,))
    ]
    words = ("htcondor", "--manager", "submit1:9123")
    full = htcondor2.Submit(eemt_submit(*words, *given, cwd=place).stdout)
    plain = htcondor2.Submit(eemt_submit(*words, cwd=place).stdout)
    named = {name for _, cell in lines for name in re.findall(r"`\+?([A-Za-z_]+)`", cell)}
    keys = {key.removeprefix("MY.") for key in full.keys()}  # noqa: SIM118
    assert keys - set(plain.keys()) | {"batch_name"} == named
