"""The page on batch systems: its commands write scripts, and what it quotes is said."""

import re
import shlex
from dataclasses import replace

import pytest

from eemt_core.errors import ArgumentError
from eemt_core.submit.order import Order, Workers
from eemt_core.submit.targets import SCRIPT_TARGETS
from eemt_submits import eemt_submit
from orders import MANAGER, exported, password_file
from pages import DOCS, blocks

PAGE = DOCS / "deploy" / "batch-systems.md"
COMMANDS = [
    line
    for block in blocks(PAGE)
    if block.language == "sh"
    for line in block.text.splitlines()
    if line.startswith("eemt-submit ")
]
# what users meet; how tests get there
TROUBLE = {
    "localhost is, for a job": ("--manager", "localhost:9123"),
    "can be read by others": ("--manager", "login1:9123", "--password-file", "open"),
    "'8192' has no unit": ("--manager", "login1:9123", "--memory", "8192"),
    "is no list of tiles": ("--tiles", "nothing"),
    "this machine has no sbatch, which Slurm brings": ("--manager", "login1:9123", "--submit"),
}

PARTS = {
    "cores": {"cores": 8},
    "memory": {"memory_mb": 32768},
    "disk": {"disk_mb": 51200},
    "time": {"time_s": 14400},
    "account": {"account": "geo"},
    "partition": {"queue": "long"},
    "qos": {"qos": "high"},
    "constraint": {"constraint": "avx2"},
}


@pytest.fixture
def place(tmp_path):
    """A folder with the files that the page's commands name."""
    password_file(tmp_path)
    password_file(tmp_path, "open", 0o644)
    exported(tmp_path)
    (tmp_path / "nothing").mkdir()
    (tmp_path / "wheels").mkdir()
    for name in ("eemt.sif", "wheels/eemt_core.whl", "DEM.tif", "station.toml"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    "line", sorted({re.sub(r" --(submit|probe|autoscale \S+)\b", "", line) for line in COMMANDS})
)
def test_its_commands_write_scripts(line, place):
    done = eemt_submit(*shlex.split(line)[1:], cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("#!/bin/bash\n")


@pytest.mark.parametrize("words", TROUBLE)
def test_what_it_quotes_is_said(words, place):
    arguments = TROUBLE[words]
    if words.startswith("'8192'"):
        assert f"`{words}`" in PAGE.read_text()
    else:
        assert words in PAGE.read_text()
    done = eemt_submit("slurm", *arguments, cwd=place, env={"PATH": "/nowhere"})
    assert done.returncode in (2, 3, 4)
    assert words in done.stderr


@pytest.mark.parametrize("target", SCRIPT_TARGETS)
def test_its_table_of_options_is_what_scripts_ask_for(target):
    """Each of our options in the table gives the directive beside it, or none."""
    table = PAGE.read_text().split("## What it asks for")[1].split("Sites differ")[0]
    rows = [line.split("|")[1:-1] for line in re.findall(r"^\| `--.*$", table, re.MULTILINE)]
    column = ["slurm", "sge", "pbs", "torque", "lsf"].index(target)
    assert len(rows) == len(PARTS)
    for option, *cells in rows:
        cell, part = cells[column].strip(), PARTS[re.findall(r"`--([a-z]+)", option)[0]]
        env = "NAME" if target == "sge" else ""
        plain = Order(Workers(1, (MANAGER,)), parallel_env=env)
        asked = replace(plain, **part)
        if set(part) & set(SCRIPT_TARGETS[target].lacks):
            assert not cell
            with pytest.raises(ArgumentError, match="out"):
                directives(target, asked)
            continue
        if not cell:
            assert directives(target, asked) == directives(target, plain)
            continue
        new = "\n".join(set(directives(target, asked)) - set(directives(target, plain)))
        assert new
        for name in re.findall(r"`(-{0,1}[a-z-]+)", cell)[:1]:
            assert name in new


def directives(target, order):
    mark = SCRIPT_TARGETS[target].mark
    return [
        line for line in SCRIPT_TARGETS[target].render(order).splitlines() if line.startswith(mark)
    ]
