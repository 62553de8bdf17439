"""The code that decides the cells of a tile is declared once, and the declaration is whole."""

import shutil

import pytest

import eemt_core
from eemt_core import code_identity
from eemt_core.code_identity import (
    CARRIERS,
    NOT_IN_TASKS,
    PREPARATION,
    TASK,
    files_of,
    sha256_tile_code,
)
from package_imports import MODULES, PACKAGE, imports

# What the preparation asks of rooms that decide no cell: what they say of a run is in the
# fingerprint's parameters (the request, its ranges, the names of maps), or in no map at all.
BESIDE_THE_PREPARATION = {
    "code_identity", "engines.base", "manager.folder", "manager.maps.names", "manager.ranges",
    "manager.reporter", "manager.request", "manager.schedule.failures",
}  # fmt: skip


def is_of(module, parts):
    return any(module == part or module.startswith(f"{part}.") for part in parts)


def imported_by(modules):
    return {met for name in modules for met in imports(MODULES[name]) if met in MODULES and met}


def in_tasks(module):
    return is_of(module, TASK) and not is_of(module, NOT_IN_TASKS)


def test_tasks_import_nothing_else():
    carried = [name for name in MODULES if is_of(name, CARRIERS)]
    met = imported_by([name for name in MODULES if in_tasks(name)] + carried)
    assert {name for name in met if not in_tasks(name) and not is_of(name, CARRIERS)} == set()


def test_the_preparation_imports_nothing_else():
    parts = [name for name in MODULES if is_of(name, (*PREPARATION, *NOT_IN_TASKS))]
    known = (*TASK, *PREPARATION, *CARRIERS)
    met = {name for name in imported_by(parts) if not is_of(name, known)}
    assert met == BESIDE_THE_PREPARATION


def test_every_name_of_the_declaration_is_there():
    for part in (*TASK, *PREPARATION, *CARRIERS, *NOT_IN_TASKS):
        assert list(files_of([part])), part


def test_what_is_left_out_is_left_out():
    names = {path.relative_to(PACKAGE).as_posix() for path in files_of(TASK, without=NOT_IN_TASKS)}
    assert "climate/_model.py" in names
    assert "grids/pyramid.py" not in names
    assert not [name for name in names if name.startswith("climate/readers")]


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the package that the checksums are taken of."""
    copied = shutil.copytree(PACKAGE, tmp_path / "eemt_core")
    monkeypatch.setattr(code_identity, "_ROOT", copied)
    return copied


@pytest.mark.parametrize("part", [*TASK, *PREPARATION])
def test_a_change_of_any_of_its_parts_is_seen(part, copy):
    before = sha256_tile_code()
    changed = next(path for path in sorted(files_of([part])) if path.suffix in (".py", ".so"))
    with changed.open("ab") as file:
        file.write(b"\n")
    assert sha256_tile_code() != before


def test_a_change_elsewhere_is_not(copy):
    before = sha256_tile_code()
    assert copy != eemt_core.__path__[0]
    for part in ("cli", "web", "journal", "worker", "engines", *CARRIERS):
        for path in files_of([part]):
            if path.suffix == ".py":
                path.write_bytes(path.read_bytes() + b"\n")
    assert sha256_tile_code() == before
