"""Knowledge flows one way: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import eemt_core

PACKAGE = Path(eemt_core.__file__).parent

# From those that know everything to those that know arrays only; a module may import what lies
# in its own line or below. What is not named here is an array function or a leaf.
LAYERS = [
    {"cli"},
    {"manager"},
    {"quicklook", "demo"},
    {"engines"},
    {"config"},
    {"worker"},
    {"task"},
    {"stages"},
    {"rasters", "climate", "catalogue"},
    {"landscape", "parameters"},
    {"solar", "terrain", "water", "energy", "horizon", "surroundings", "turbidity", "sun"},
]
LEVEL = {name: level for level, layer in enumerate(LAYERS) for name in layer}
# a recorder writes what a task wants: it needs the type, at checking time only
TYPES_ONLY = "TYPE_CHECKING"


def imports(path):
    """Top-level modules of the package that a file imports at run time."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == TYPES_ONLY:
            skipped.update(id(inner) for inner in ast.walk(node))
    here = path.relative_to(PACKAGE).with_suffix("").parts
    for node in ast.walk(tree):
        if id(node) in skipped or not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = here[: len(here) - node.level]
        full = base + tuple((node.module or "").split(".")) if node.module else base
        if full:
            yield full[0]
        else:
            yield from (alias.name for alias in node.names)


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "_version.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_what_lies_below_it(path):
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    level = LEVEL.get(own, len(LAYERS))
    above = {name for name in imports(path) if LEVEL.get(name, len(LAYERS)) < level}
    assert not above, f"{own} must not know {', '.join(sorted(above))}"


def test_the_layers_are_those_of_the_package():
    found = {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in FILES}
    assert LEVEL.keys() <= found


@pytest.mark.parametrize(
    "module", ["eemt_core.task", "eemt_core.stages.tile", "eemt_core.stages.balance"]
)
def test_a_task_needs_no_raster_library(module):
    code = (
        f"import sys, {module}\n"
        "print(*[name for name in ('rasterio', 'click', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
