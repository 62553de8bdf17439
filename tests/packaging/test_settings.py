"""Settings that are stated in two places agree."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from trove_classifiers import classifiers

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
MAKEFILE = (ROOT / "Makefile").read_text()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
PYTHON = "Programming Language :: Python :: 3."


def load(name):
    return yaml.safe_load((ROOT / name).read_text())


CITATION = load("CITATION.cff")
WORKFLOWS = {p.stem: yaml.safe_load(p.read_text()) for p in ROOT.glob(".github/workflows/*.yml")}


def pythons():
    return [c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if c.startswith(PYTHON)]


def words(requirement):
    """Name of the package in a requirement, as a command is called."""
    return re.match(r"[\w-]+", requirement)[0]


def recipe(target):
    """Lines of a target of the Makefile."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert found, f"the Makefile has no target {target}"
    return found[1]


def steps(workflow):
    for job in WORKFLOWS[workflow]["jobs"].values():
        yield from job["steps"]


def test_the_hooks_are_the_parts_of_make_lint():
    parts = re.search(r"^lint: (.*?)(?: ##|$)", MAKEFILE, re.MULTILINE)[1].split()
    assert len(parts) > 3
    (repository,) = load(".pre-commit-config.yaml")["repos"]
    hooks = {hook["id"]: hook["entry"].split() for hook in repository["hooks"]}
    assert sorted(hooks) == sorted(parts)
    assert {entry[0] for entry in hooks.values()} == {"make"}
    assert [name for name, entry in hooks.items() if entry[-1] != name] == []


def test_the_versions_of_what_make_lint_runs_are_held():
    """And no tool is pinned that no target runs."""
    parts = re.search(r"^lint: (.*?)(?: ##|$)", MAKEFILE, re.MULTILINE)[1].split()
    run = tools("".join(map(recipe, parts))) - {"python"}
    held = {words(requirement) for requirement in PYPROJECT["dependency-groups"]["lint"]}
    assert len(run) > 5
    assert run <= held <= tools(MAKEFILE)


def tools(text):
    """Programs of the environment that recipes run."""
    return set(re.findall(r"\$\(BIN\)/([\w-]+)", text))


def test_every_python_that_is_declared_is_tried_and_gets_a_wheel():
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert pythons()[0] == oldest
    assert WORKFLOWS["ci"]["jobs"]["tests"]["strategy"]["matrix"]["python"] == pythons()
    command = [TOOLS / "cibuildwheel", "--print-build-identifiers", "--platform", "linux"]
    machines = ("x86_64", "aarch64")
    asked = subprocess.run(
        [*command, "--archs", ",".join(machines)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = {f"cp{v.replace('.', '')}-manylinux_{m}" for v in pythons() for m in machines}
    assert set(asked.stdout.split()) == wanted


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_workflows_call_what_exists(workflow):
    matrix = WORKFLOWS["ci"]["jobs"]["form"]["strategy"]["matrix"]["target"]
    text = "\n".join(step.get("run", "") for step in steps(workflow))
    targets = set(re.findall(r"\bmake ([a-z-]+)", text)) | set(matrix)
    assert [target for target in targets if not re.search(rf"^{target}:", MAKEFILE, re.M)] == []
    scripts = set(re.findall(r"(?:scripts|\.ci)/\S+", text))
    assert [script for script in scripts if not (ROOT / script).is_file()] == []
    groups = set(re.findall(r"--group (\w+)", text))
    assert groups <= set(PYPROJECT["dependency-groups"])


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_workflows_may_read_and_no_more(workflow):
    """Except the one job that publishes, which needs a token of identity."""
    assert WORKFLOWS[workflow]["permissions"] == {"contents": "read"}
    jobs = WORKFLOWS[workflow]["jobs"]
    more = {name: job["permissions"] for name, job in jobs.items() if "permissions" in job}
    assert more == ({"publish": {"id-token": "write"}} if workflow == "wheels" else {})


def test_the_citation_is_of_this_version_and_place():
    assert CITATION["version"] == PROJECT["version"]
    assert CITATION["license"] == PROJECT["license"]
    assert CITATION["keywords"] == PROJECT["keywords"]
    assert [a["name"] for a in CITATION["authors"]] == [a["name"] for a in PROJECT["authors"]]
    assert CITATION["repository-code"] == PROJECT["urls"]["Source"]


def test_the_citation_names_the_papers_of_the_readme():
    listed = (ROOT / "README.md").read_text().split("<summary>References</summary>")[1]
    papers = re.findall(r"^\d+\. (.*?) (\d{4}), (.*)$", listed, re.MULTILINE)
    references = CITATION["references"]
    assert len(papers) == len(references) > 10
    for (authors, year, rest), cited in zip(papers, references, strict=True):
        assert re.split(r", | & ", authors) == [a["family-names"] for a in cited["authors"]]
        assert int(year) == cited["year"]
        assert re.findall(r"\[(10\.\S+?)\]\(", rest) == [cited["doi"]]


def test_the_classifiers_are_known_to_the_registry():
    assert set(PROJECT["classifiers"]) <= classifiers
