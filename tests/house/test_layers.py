"""Imports between parts of the package go in one direction only, from higher to lower layers."""

import subprocess
import sys

import pytest

from package_imports import MODULES, imports

# Layers, the lowest first: a part may import parts of lower layers, and of its own layer only
# itself.
LAYERS = [
    {"_version", "_lazy", "exposition", "numerals", "plausible"},
    {"errors"},
    {"_numbers", "_settings", "calendar365", "files", "environment", "sizes"},
    {"machine", "code_identity", "refusals"},
    {"_core"},
    {"_arrays", "instruction_set"},
    {"terrain", "water"},
    {"solar", "energy"},
    {"blocks"},
    {"grids"},
    {"climate"},
    {"rasters"},
    {"climate.readers"},
    {"xarray", "tiles"},
    {"worker", "exported"},
    {"config_keys"},
    {"config", "engines", "journal"},
    {"quicklook", "demo"},
    {"manager"},
    {"web", "submit"},
    {"cli"},
]
LEVEL = {name: level for level, layer in enumerate(LAYERS) for name in layer}


def room(module):
    """The innermost part of the package that is listed in LAYERS."""
    parts = module.split(".")
    for length in (2, 1):
        if ".".join(parts[:length]) in LEVEL:
            return ".".join(parts[:length])
    return parts[0]


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_lies_below_it(module):
    own = room(module)
    met = {room(name) for name in imports(MODULES[module])} - {own, "", "__version__"}
    above = {name for name in met if LEVEL[name] >= LEVEL[own]} if own else set()
    assert not above, f"{own} must not know {', '.join(sorted(above))}"


def test_the_layers_are_those_of_the_package():
    found = {room(module) for module in MODULES} - {""}
    compiled = {"_version", "_core"}
    assert found | compiled == LEVEL.keys()


def circles():
    """Groups of modules that import each other, directly or indirectly."""
    ways = {
        name: {met for met in imports(path) if met in MODULES and met != name}
        for name, path in MODULES.items()
    }
    reached = {}
    for name in ways:
        found, new = set(), [name]
        while new:
            for met in ways[new.pop()] - found:
                found.add(met)
                new.append(met)
        reached[name] = found
    return sorted({tuple(sorted(m for m in reached[n] if n in reached[m])) for n in ways} - {()})


def test_no_module_needs_itself():
    assert circles() == []


@pytest.mark.parametrize(
    "module", ["eemt_core.tiles.__main__", "eemt_core.tiles.tile", "eemt_core.tiles.balance"]
)
def test_a_task_needs_no_raster_library(module):
    code = (
        f"import sys, {module}\n"
        "print(*[name for name in ('rasterio', 'click', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
