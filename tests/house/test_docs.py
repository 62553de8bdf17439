"""The page on many machines: the commands, files and variables that it shows exist."""

import re
import shlex
from pathlib import Path

import pytest

from eemt_core.cli import run, status, tile, web, worker
from eemt_core.cli.words import told
from eemt_core.config import read_config, read_variables
from eemt_core.config_keys import VARIABLES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "from-one-machine-to-many.md").read_text()
PREDECESSOR = "## Coming from the predecessor"
# words between names and numbers in a message
NAMES = (
    r"/tmp|\(this machine\)|"
    r"\b(?:work_queue_worker|alpha|beta|gamma|out|other|(?:protocol )?\d[\d.:]*)\b"
)
COMMANDS = {
    "eemt-run": run.command,
    "eemt-worker": worker.command,
    "eemt-status": status.command,
    "eemt-tile": tile.command,
    "eemt-web": web.command,
}


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def option_names(command):
    return {name for p in command.params for name in p.opts + p.secondary_opts} | {"--help"}


def test_every_option_in_its_commands_exists():
    lines = [shlex.split(line) for block in blocks("sh") for line in block.splitlines()]
    ours = [words for words in lines if words[0] in COMMANDS]
    assert len(ours) > 15
    for program, *arguments in ours:
        options = {word for word in arguments if word.startswith("-")}
        assert options <= option_names(COMMANDS[program]), (program, arguments)


def test_every_option_that_its_text_names_exists():
    text = re.sub(r"```.*?```", "", PAGE.split(PREDECESSOR)[0], flags=re.DOTALL)
    known = set().union(*map(option_names, COMMANDS.values()))
    named = set(re.findall(r"`(--[a-z-]+)", text))
    assert len(named) > 30
    assert named <= known


def test_its_configuration_files_are_read(tmp_path):
    for kind, example in zip(("master", "worker"), blocks("ini"), strict=True):
        path = tmp_path / f"{kind}.conf"
        path.write_text(example)
        settings = read_config(kind, path).values
        assert settings["manager_port"] == 9123
        assert settings["password_file"] == tmp_path / "password"


@pytest.mark.parametrize("kind", ["master", "worker"])
def test_every_variable_is_told(kind):
    assert [name for name in VARIABLES[kind] if f"`{name}`" not in PAGE] == []


def test_sizes_mean_what_it_says():
    memory = read_variables("worker", {"WORKER_MEMORY": "8G"}).values["memory"]
    assert f"| `--memory 8G`, `8GB`, `8GiB` | {memory} MB |" in PAGE


def test_links_lead_to_its_headings():
    headings = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert links
    assert set(links) <= anchors


def test_what_it_quotes_of_errors_stands_in_the_programs():
    """Messages quoted on the page exist: their longest part without names and numbers is found."""
    sources = "".join(p.read_text() for p in (ROOT / "python" / "eemt_core").rglob("*.py"))
    words = re.sub(r'",\s*remedy=f?"', ": ", re.sub(r"\s+", " ", sources))
    words = told(re.sub(r'"\s*f?"', "", words))  # strings over several lines, fields as options
    table = PAGE.split("## Trouble")[1].split(PREDECESSOR)[0]
    quoted = re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)
    assert len(quoted) > 15
    for sentence in quoted:
        longest = max(re.split(NAMES, sentence), key=len)
        assert longest.strip(" .():`") in words, sentence
