"""How to cite a run: the program and the papers of its models, as CITATION.cff has them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from .record import RunRecord


def how_to_cite(record: RunRecord) -> dict[str, Any]:
    """Return citations of the program that made a run's maps and of the papers it follows.

    Returns
    -------
    cite
        ``text`` names the program, ``message`` says what to cite, ``references`` are papers with
        ``text`` and ``doi``.
    """
    file = _citation_file()
    version = str(record.content["program"]).rpartition(" ")[2]
    names = _names(file["authors"])
    return {
        "message": file["message"],
        "text": f"{names}. {file['title']}. Version {version}. {file['url']}",
        "references": [
            {"text": _paper(reference), "doi": reference["doi"]} for reference in file["references"]
        ],
    }


@cache
def _citation_file() -> dict[str, Any]:
    path = files("eemt_core") / "data" / "CITATION.cff"
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def _names(authors: list[dict[str, str]]) -> str:
    """Return authors as a list of references has them: ``Rasmussen, C., Southard, R. J.``.

    Examples
    --------
    >>> _names([{"family-names": "Southard", "given-names": "Randal J."}, {"name": "A society"}])
    'Southard, R. J., A society'
    """
    found = []
    for author in authors:
        given = author.get("given-names", "").split()
        initials = " ".join(f"{name[0]}." for name in given)
        name = author.get("family-names") or author["name"]
        found.append(f"{name}, {initials}" if initials else name)
    return ", ".join(found)


def _paper(told: dict[str, Any]) -> str:
    issue = f"({told['issue']})" if "issue" in told else ""
    return (
        f"{_names(told['authors'])} ({told['year']}). {told['title']}. "
        f"{told['journal']} {told['volume']}{issue}"
    )
