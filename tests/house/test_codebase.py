"""Rules for the code that a program can check."""

import ast
import doctest
import importlib
import importlib.metadata
import inspect
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import eemt_core
from eemt_core import _core

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "python" / "eemt_core"
FAMILIES = ("terrain", "solar", "water", "energy", "blocks", "processor")
LONGEST_FILE = 400


def modules():
    """Names of all modules of the package."""
    walk = pkgutil.walk_packages(eemt_core.__path__, "eemt_core.")
    return sorted(m.name for m in walk if not m.name.startswith("eemt_core._core"))


def imports(file):
    """Top-level names of the modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


def stub(family):
    return ast.parse((SOURCES / "_core" / f"{family}.pyi").read_text()).body


def stub_arguments(family):
    """Name of each function in the family's stub and the names of its arguments."""
    return {
        f.name: [a.arg for a in f.args.args]
        + ["*"] * bool(f.args.kwonlyargs)
        + [a.arg for a in f.args.kwonlyargs]
        for f in stub(family)
        if isinstance(f, ast.FunctionDef)
    }


def stub_attributes(family):
    """Name of each class in the family's stub and the names of its fields."""
    return {
        c.name: {field.target.id for field in c.body if isinstance(field, ast.AnnAssign)}
        for c in stub(family)
        if isinstance(c, ast.ClassDef)
    }


def compiled(family, kind):
    members = inspect.getmembers(getattr(_core, family), kind)
    return {name: member for name, member in members if not name.startswith("_")}


def compiled_arguments(family):
    """Functions of the extension module, read from pybind11's signatures; all overloads."""
    found = {}
    for name, function in compiled(family, inspect.isroutine).items():
        texts = re.findall(rf"^(?:\d+\. )?{name}\((.*)\) -> ", function.__doc__, re.MULTILINE)
        overloads = {tuple(argument_names(text)) for text in texts if text != "*args, **kwargs"}
        assert len(overloads) == 1, f"{family}.{name}: overloads differ in their arguments"
        found[name] = list(overloads.pop())
    return found


def compiled_attributes(family):
    return {
        name: {key for key, value in vars(c).items() if isinstance(value, property)}
        for name, c in compiled(family, inspect.isclass).items()
    }


def argument_names(signature):
    """Argument names in text such as `a: T[x, y], *, b: int = 0`, with commas in brackets."""
    flat = signature
    while "[" in flat:
        flat = re.sub(r"\[[^\[\]]*\]", "", flat)
    return [part.split(":")[0].strip() for part in flat.split(",") if part]


@pytest.mark.parametrize("family", FAMILIES)
def test_stubs_name_what_the_extension_has(family):
    assert stub_arguments(family) == compiled_arguments(family)
    assert stub_attributes(family) == compiled_attributes(family)


def test_types_are_shipped():
    installed = Path(eemt_core.__file__).parent
    assert (installed / "py.typed").exists()
    for family in FAMILIES:
        assert (installed / "_core" / f"{family}.pyi").exists()


def test_there_is_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert eemt_core.__version__ == project["version"]
    assert _core.build_config()["version"] == project["version"]
    assert importlib.metadata.version("eemt-core") == project["version"]


def test_no_file_is_too_long():
    folders = ("python", "cpp", "tests", "benchmarks", "docs", "scripts")
    files = [f for folder in folders for f in (ROOT / folder).rglob("*.*")]
    lengths = {
        str(f.relative_to(ROOT)): len(f.read_text().splitlines())
        for f in files
        if f.suffix in {".py", ".pyi", ".cpp", ".hpp", ".txt"}
    }
    assert lengths
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("rasterio", ["rasters"]),
        ("click", ["cli"]),
        ("matplotlib", ["quicklook", "demo"]),
        ("pvlib", ["solar/turbidity.py"]),
        ("rio_tiler", ["web/maps/readers.py", "web/maps/tiles.py", "web/maps/values.py"]),
        ("yaml", ["web/maps/cite.py"]),
    ],
)
def test_a_library_is_known_in_one_place(library, homes):
    knowing = [f.relative_to(SOURCES) for f in SOURCES.rglob("*.py") if library in imports(f)]
    strangers = [str(f) for f in knowing if not {Path(f.parts[0]).stem, f.as_posix()} & set(homes)]
    assert strangers == []


@pytest.mark.parametrize("module", ["eemt_core", "eemt_core.cli.run"])
def test_starting_imports_nothing_heavy(module):
    heavy = ("numpy", "rasterio", "matplotlib", "pvlib", "h5py", "scipy")
    code = f"import sys, {module}; print(*[m for m in {heavy} if m in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == []


@pytest.mark.slow
@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings_run(name):
    result = doctest.testmod(importlib.import_module(name), extraglobs={"np": __import__("numpy")})
    assert result.failed == 0
