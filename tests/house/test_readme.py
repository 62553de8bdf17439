"""The README: its example runs, it lists every option, and its files exist."""

import contextlib
import io
import re
from pathlib import Path

from eemt_core.cli.run import command

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


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


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(((?!https?:)[^)]+)\)", README):
        assert (ROOT / target).exists(), target
    assert (ROOT / "docs" / "images" / "overview.png").stat().st_size < 300_000


def test_the_tests_it_names_exist():
    for name in re.findall(r"(tests/\S+\.py|benchmarks/\S+\.py)", README):
        assert (ROOT / name).exists(), name
    for file, words in re.findall(r"pytest (tests/\S+\.py) -k (\"[^\"]+\"|\w+)", README):
        tests = re.findall(r"def (test_\w+)", (ROOT / file).read_text())
        for word in words.strip('"').split(" or "):
            assert any(word in test for test in tests), (file, word)
