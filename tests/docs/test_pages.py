"""Documentation pages: code blocks run and print what is shown, and options exist."""

import re
import shlex
import subprocess
import tomllib
from itertools import pairwise, takewhile

import pytest

from eemt_core.climate import open_climate
from eemt_core.config import read_config
from eemt_core.config_keys import SECTIONS, VARIABLES
from pages import COMMANDS, DOCS, ROOT, blocks, option_names, pages, run_page

START = DOCS / "start.md"
# their blocks need several machines: tests/house/test_docs.py, tests/cluster and tests/deploy do it
OTHERS = {"from-one-machine-to-many.md", "deploy/across-hosts.md"}
BLOCKS = [block for page in pages() for block in blocks(page)]
SHELL = [block for block in BLOCKS if block.language == "sh"]
# pages that describe only our own commands
OURS = sorted(
    page.relative_to(DOCS).as_posix()
    for page in pages()
    if page.name not in {"coming-from-the-predecessor.md", "releasing.md", *OTHERS}
)
# what their blocks leave is looked at by tests of their own
FOLLOWED = {"start.md", "without-a-manager.md"}
RUN = sorted({block.page for block in BLOCKS if block.is_run} - OTHERS - FOLLOWED)


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """The folder in which the first page was followed; the demonstration's maps are in it."""
    folder = tmp_path_factory.mktemp("start")
    run_page(START, folder)
    return folder


@pytest.mark.slow
def test_the_first_page_leads_to_maps(start):
    assert (start / "demo" / "run.json").exists()


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN)
def test_a_pages_blocks_run_and_print_what_it_says(page, start, tmp_path):
    (tmp_path / "demo").symlink_to(start / "demo")
    run_page(DOCS / page, tmp_path)


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_a_shells_block_can_be_read_and_its_options_exist(block):
    subprocess.run(["sh", "-n", "-c", block.text], check=True)
    for line in block.text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        for at, word in enumerate(words):
            if word in COMMANDS and (at == 0 or words[at - 1] in ("|", "&&", "||", ";", "--")):
                own = takewhile(lambda w: w != "--", words[at + 1 :])
                given = {w.partition("=")[0] for w in own if w.startswith("-")}
                assert given <= option_names(COMMANDS[word]), (str(block), line)


@pytest.mark.parametrize("page", OURS)
def test_every_option_that_its_text_names_exists(page):
    text = re.sub(r"^```.*?^```$", "", (DOCS / page).read_text(), flags=re.M | re.S)
    known = set().union(*map(option_names, COMMANDS.values()))
    assert set(re.findall(r"`(--[a-z][a-z0-9-]*)", text)) <= known


def test_what_stands_for_a_block_of_code_is_one():
    """Every block has a known language, since others would never be run."""
    known = {"python", "sh", "text", "toml", "ini", "json", "{toctree}", "{eval-rst}", "{include}"}
    assert {block.language for block in BLOCKS} <= known


TABLES = [block for block in BLOCKS if block.language == "toml"]


@pytest.mark.parametrize("block", TABLES, ids=str)
def test_a_stations_table_is_read(block, tmp_path):
    tomllib.loads(block.text)
    (tmp_path / "station.toml").write_text(block.text, encoding="utf-8")
    assert open_climate(tmp_path / "station.toml").kind == "station"


SETTINGS = [block for block in BLOCKS if block.language == "ini"]


@pytest.mark.parametrize("block", SETTINGS, ids=str)
def test_a_configuration_file_is_read(block, tmp_path):
    kind = "master" if "[master]" in block.text else "worker"
    path = tmp_path / f"{kind}.conf"
    path.write_text(block.text, encoding="utf-8")
    assert read_config(kind, path).values


def test_every_key_and_variable_is_told():
    page = (DOCS / "reference" / "configuration.md").read_text(encoding="utf-8")
    for kind, sections in SECTIONS.items():
        told = page.split(f"### {kind}.conf")[1].split("\n## ")[0].split("\n### ")[0]
        for section, keys in sections.items():
            assert f"`[{section}]`" in told
            assert [key for key in keys if f"`{key}`" not in told] == []
        named = re.findall(r"^\|[^|]*\|([^|]*)\|[^|]*\|$", told, re.MULTILINE)
        known = {key for keys in sections.values() for key in keys}
        assert set(re.findall(r"`(\w+)`", " ".join(named))) <= known
    assert [v for names in VARIABLES.values() for v in names if f"`{v}`" not in page] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_links_within_the_repository_lead_somewhere(page):
    """Links work also where the Markdown files are read directly: files and headings exist."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(((?!https?:)[^)\s]+)\)", text):
        file, _, heading = target.partition("#")
        if "reference/api" in file:  # written by the build, which checks them
            continue
        place = page.parent / file if file else page
        assert place.exists(), target
        if heading and place.suffix == ".md":
            assert heading in anchors(place), target


def anchors(page):
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}


def test_headings_go_down_one_step_at_a_time():
    for page in pages():
        text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
        levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
        assert all(after <= before + 1 for before, after in pairwise(levels)), page


def test_every_test_and_file_that_a_page_names_exists():
    for page in pages():
        for name in re.findall(r"`((?:tests|benchmarks|scripts|docs)/[\w./-]+)`", page.read_text()):
            assert (ROOT / name).exists(), (page.name, name)
