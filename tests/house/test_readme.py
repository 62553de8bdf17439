"""The README: its example runs, it lists every option, and its files exist."""

import contextlib
import io
import re
import tomllib
from pathlib import Path

from markdown_it import MarkdownIt

from eemt_core.cli.run import command

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SOURCE = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Source"]
# where the repository's pages and the bytes of its files are
PLACES = (
    f"{SOURCE}/blob/main/",
    SOURCE.replace("https://github.com/", "https://raw.githubusercontent.com/") + "/main/",
)


def option_names():
    return [name for p in command.params for name in p.opts + p.secondary_opts]


def test_the_librarys_example_prints_what_it_says():
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    promised = re.search(r"```text\n(.*?)```", README, re.DOTALL)[1]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    assert printed.getvalue() == promised
    assert len([line for line in code.splitlines() if line.strip()]) <= 11


def test_every_option_is_told():
    options = [name for name in option_names() if name.startswith("--")]
    assert len(options) > 20
    assert [name for name in options if f"`{name}" not in README] == []


def test_every_option_told_exists():
    table = README.split("## Options")[1].split("## Maps")[0]
    assert set(re.findall(r"--[a-z][a-z0-9-]+", table)) <= {*option_names(), "--help"}


def targets():
    """All links and pictures, as a renderer of Markdown finds them."""
    blocks = MarkdownIt("commonmark").enable("table").parse(README)
    inner = [token for block in blocks for token in block.children or ()]
    found = [token.attrs.get("href") or token.attrs.get("src") for token in inner]
    return [target for target in found if target]


def test_links_are_whole_addresses():
    """Package indexes show the README too, but none of the files beside it."""
    assert len(targets()) > 25
    assert [target for target in targets() if not target.startswith("https://")] == []


def test_links_lead_somewhere():
    own = [t.removeprefix(place) for t in targets() for place in PLACES if t.startswith(place)]
    assert len(own) > 12
    assert [file for file in own if not (ROOT / file).is_file()] == []
    assert (ROOT / "docs" / "images" / "overview.png").stat().st_size < 300_000


def test_no_link_lacks_its_address():
    defined = set(re.findall(r"^\[([\w-]+)\]: ", README, re.MULTILINE))
    assert set(re.findall(r"\]\[([\w-]+)\]", README)) <= defined
    assert [name for name in defined if f"[{name}]" not in README.split("\n[docs]: ")[0]] == []


def test_the_tests_it_names_exist():
    for name in re.findall(r"(tests/\S+\.py|benchmarks/\S+\.py)", README):
        assert (ROOT / name).exists(), name
    for file, words in re.findall(r"pytest (tests/\S+\.py) -k (\"[^\"]+\"|\w+)", README):
        tests = re.findall(r"def (test_\w+)", (ROOT / file).read_text())
        for word in words.strip('"').split(" or "):
            assert any(word in test for test in tests), (file, word)
