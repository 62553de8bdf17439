"""Prints what the changelog says of a version, if the sources are ready for its tag.

    python scripts/release_notes.py v0.1.0

A tag is ready when pyproject.toml and CITATION.cff have its version and the changelog has a dated
section for it. Else it ends with 1 and one sentence.
"""

import re
import sys
import tomllib
from pathlib import Path


def release_notes(tag: str, root: Path) -> str:
    """Return the changelog's section for a tag.

    Raises
    ------
    ValueError
        If the sources are not ready, with what to do.
    """
    if not re.fullmatch(r"v\d+\.\d+\.\d+((a|b|rc)\d+)?", tag):
        raise ValueError(f"a tag is called v and a version, such as v0.1.0, got {tag}")
    version = tag.removeprefix("v")
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    cited = re.search(r"^version: (\S+)$", (root / "CITATION.cff").read_text(), re.MULTILINE)
    found = {"pyproject.toml": project["version"], "CITATION.cff": cited[1] if cited else "none"}
    for file, value in found.items():
        if value != version:
            raise ValueError(f"{file} has version {value}, not {version}: change it before the tag")
    sections = re.split(r"^## ", (root / "CHANGELOG.md").read_text(), flags=re.MULTILINE)[1:]
    for section in sections:
        heading, _, text = section.partition("\n")
        if re.fullmatch(rf"\[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d", heading.strip()):
            return text.strip()
    raise ValueError(
        f"CHANGELOG.md has no section `## [{version}] - YEAR-MONTH-DAY`: "
        "make it of what is unreleased"
    )


if __name__ == "__main__":
    try:
        print(release_notes(sys.argv[1], Path(__file__).parents[1]))
    except ValueError as error:
        sys.exit(f"{error}.")
