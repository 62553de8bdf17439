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


def _of_ours(name):
    """A module's name within the package; nothing if it is of another one."""
    first, _, rest = name.partition(".")
    return rest if first == PACKAGE.name else ""


def imports(path):
    """Modules of the package that a file imports, anywhere in it, also for types only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    here = path.relative_to(PACKAGE).with_suffix("").parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from filter(None, map(_of_ours, (alias.name for alias in node.names)))
        if not isinstance(node, ast.ImportFrom):
            continue
        above = here[: len(here) - node.level] if node.level else ()
        name = node.module or ""
        if not node.level:
            if name.split(".")[0] != PACKAGE.name:
                continue
            name = _of_ours(name)
        base = above + tuple(filter(None, name.split(".")))
        for alias in node.names:
            full = ".".join((*base, alias.name))
            yield full if full in MODULES or not base else ".".join(base)
