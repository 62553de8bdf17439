"""Git's hooks stop a commit that `make lint` would not pass, and let others through."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
SETTINGS = (
    *("Makefile", "pyproject.toml", ".pre-commit-config.yaml"),
    *(".clang-format", "CITATION.cff"),
)
SOURCES = ("python", "tests", "benchmarks", "docs", "cpp/include", "cpp/src", "cpp/bindings")
NOBODY = {
    f"GIT_{who}_{what}": "nobody" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}


@pytest.fixture
def repository(tmp_path):
    """A repository with the project's settings and hooks, no sources yet, and the tools of here."""
    home = tmp_path / "project"
    for folder in SOURCES:
        (home / folder).mkdir(parents=True)
    for name in SETTINGS:
        shutil.copy(ROOT / name, home / name)
    shutil.copytree(ROOT / ".github", home / ".github")
    shutil.copytree(ROOT / "scripts", home / "scripts", ignore=shutil.ignore_patterns("*.py"))
    (home / ".venv").mkdir()
    (home / ".venv" / "bin").symlink_to(TOOLS)
    for made in (".created", ".lint-tools"):
        (home / ".venv" / made).touch()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        **NOBODY,
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "SKIP": "lint-types",  # needs the package's sources
    }

    def run(*command):
        return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True)

    assert run("git", "init", "-q").returncode == 0
    assert run(TOOLS / "pre-commit", "install").returncode == 0
    return home, run


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "bad", "good", "hook", "why"),
    [
        ("tests/a.py", "import os\n", "A = 1\n", "lint-python", "imported but unused"),
        ("python/a.py", '"""A."""\n\nA=1\n', '"""A."""\n\nA = 1\n', "lint-python", "reformatted"),
        ("CITATION.cff", "cff-version: 1.2.0\n", None, "lint-settings", "required property"),
        (".github/workflows/ci.yml", "on: push\n", None, "lint-settings", "required property"),
    ],
)
def test_a_commit_is_stopped_until_it_is_in_form(repository, name, bad, good, hook, why):
    home, run = repository
    good = good or (home / name).read_text()
    assert_stops(home, run, name, bad, hook, why)
    (home / name).write_text(good)
    assert run("git", "add", name).returncode == 0
    passed = run("git", "commit", "-m", "good")
    assert passed.returncode == 0, passed.stderr


def test_a_commit_of_cpp_is_stopped(repository):
    """This hook is not run to success: that would need sources that compile."""
    home, run = repository
    assert_stops(home, run, "cpp/src/a.cpp", "int  a ;\n", "lint-cpp", "clang-formatted")


def assert_stops(home, run, name, text, hook, why):
    (home / name).write_text(text)
    assert run("git", "add", name).returncode == 0
    stopped = run("git", "commit", "-m", "bad")
    assert stopped.returncode != 0
    assert f"hook id: {hook}" in stopped.stderr
    assert why in stopped.stderr, stopped.stderr
