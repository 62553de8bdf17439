"""A version can be tagged if version, citation file and changelog agree with the tag."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "release_notes.py"
CHANGELOG = """# Changelog

## [Unreleased]

## [1.2.0] - 2027-01-31

### Added

- A door.

## [1.1.0] - 2026-12-01

- A window.
"""


@pytest.fixture
def project(tmp_path):
    """Sources that are ready for v1.2.0."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / SCRIPT.name).write_text(SCRIPT.read_text())
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n')
    (tmp_path / "CITATION.cff").write_text("cff-version: 1.2.0\nversion: 1.2.0\n")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    return tmp_path


def ask(project, *tag):
    command = [sys.executable, project / "scripts" / SCRIPT.name, *tag]
    return subprocess.run(command, capture_output=True, text=True)


def test_of_a_version_that_is_ready_the_changelog_is_told(project):
    told = ask(project, "v1.2.0")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == "### Added\n\n- A door.\n"


CITED = "\nversion: 1.2.0"


@pytest.mark.parametrize(
    ("tag", "file", "old", "new", "sentence"),
    [
        ("v1.3.0", "CHANGELOG.md", "", "", "pyproject.toml has version 1.2.0, not 1.3.0"),
        ("1.2.0", "CHANGELOG.md", "", "", "called v and a version, such as v0.1.0, got 1.2.0"),
        (
            "v1.2.0",
            "CITATION.cff",
            CITED,
            "\nversion: 1.1.0",
            "CITATION.cff has version 1.1.0, not",
        ),
        ("v1.2.0", "CITATION.cff", CITED, "", "CITATION.cff has version none"),
        ("v1.2.0", "CHANGELOG.md", " - 2027-01-31", "", "no section `## [1.2.0] - YEAR-MONTH"),
        ("v1.2.0", "CHANGELOG.md", "[1.2.0]", "[1.2.1]", "no section `## [1.2.0]"),
    ],
)
def test_of_others_one_sentence_says_what_is_missing(project, tag, file, old, new, sentence):
    path = project / file
    path.write_text(path.read_text().replace(old, new))
    told = ask(project, tag)
    assert (told.returncode, told.stdout) == (1, "")
    assert sentence in told.stderr
    assert told.stderr.count("\n") == 1
