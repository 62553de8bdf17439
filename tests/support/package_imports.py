"""The modules of the package, and which of them each imports."""

import ast
from pathlib import Path

import eemt_core

PACKAGE = Path(eemt_core.__file__).parent
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "_version.py")


def name_of(path):
    """Dotted name of a module within the package; of a package, its own name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def imports(path):
    """Modules of the package that a file imports, anywhere in it, also for types only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    here = path.relative_to(PACKAGE).with_suffix("").parts
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = here[: len(here) - node.level] + tuple(filter(None, (node.module or "").split(".")))
        for alias in node.names:
            full = ".".join((*base, alias.name))
            yield full if full in MODULES or not base else ".".join(base)
