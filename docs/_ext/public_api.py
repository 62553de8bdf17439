"""Writes the reference of the Python packages from what they offer.

Each public package has a page with a table per idea: a private module of the package, whose
docstring begins with the idea in one line. Each name has a page of its own. So a name that is added
to a package's stub is in the reference, once, and nobody has to list it a second time.
"""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

from sphinx.application import Sphinx

import eemt_core

ROOT_NAMES = (f"eemt_core.{name}" for name in eemt_core.__all__)
PACKAGES = ("eemt_core", *ROOT_NAMES, "eemt_core.xarray", "eemt_core.errors")
FOLDER = "reference/api"
KINDS = {"class": "autoclass", "function": "autofunction", "data": "autodata"}


def public_modules() -> dict[str, ModuleType]:
    """Return the public modules by name: the root and the modules that it offers."""
    found = {}
    for name in PACKAGES:
        package, _, last = name.rpartition(".")
        root = importlib.import_module(package) if package else None
        # a name of the root, such as run, may be that of a function
        if root is None or not hasattr(root, last) or isinstance(getattr(root, last), ModuleType):
            found[name] = importlib.import_module(name)
    return found


def public_names(module: ModuleType) -> list[str]:
    """Return the names that a module offers, other than modules with a page of their own."""
    names = getattr(module, "__all__", None)
    if names is None:  # a plain module offers what it defines
        own = vars(module).items()
        return [
            name
            for name, value in own
            if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
        ]
    return [
        name
        for name in names
        if not name.startswith("__") and not isinstance(getattr(module, name), ModuleType)
    ]


def groups(module: ModuleType) -> dict[str, list[str]]:
    """Return a module's names by the idea that they belong to, in the order of the sources."""
    found: dict[str, list[str]] = {}
    for name in public_names(module):
        value = getattr(module, name)
        home = getattr(value, "__module__", None)
        if not isinstance(home, str) or not home.startswith("eemt_core"):
            home = None
        title = "Values"
        if home == module.__name__:
            title = "Functions"
        elif home is not None:
            title = (importlib.import_module(home).__doc__ or home).strip().splitlines()[0]
            title = title.split(":")[0].split(", as array functions")[0].rstrip(".")
        found.setdefault(title, []).append(name)
    return dict(sorted(found.items(), key=lambda item: item[0] == "Values"))


def kind(value: object) -> str:
    """Return what a name stands for, in the words of the reference."""
    if inspect.isclass(value):
        return "class"
    return "function" if inspect.isroutine(value) else "data"


def home(module: str, name: str) -> str:
    """Return the module under which a name is documented: of those that offer it, its own.

    The root offers some names of the packages, too; they have one page.
    """
    value = getattr(importlib.import_module(module), name)
    if kind(value) == "data":
        return module
    own = f"{value.__module__}."
    offering = [
        other
        for other, package in public_modules().items()
        if name in public_names(package) and getattr(package, name) is value
    ]
    return max(offering, key=lambda other: (own.startswith(f"{other}."), len(other)))


def _entry(module: str, name: str, value: object) -> str:
    directive = KINDS[kind(value)]
    options = "   :members:\n" if kind(value) == "class" else ""
    return (
        f"{name}\n{'=' * len(name)}\n\n.. currentmodule:: {module}\n\n"
        f".. {directive}:: {name}\n{options}"
    )


def _first_line(value: object) -> str:
    if kind(value) == "data":
        return f"``{value!r}``" if isinstance(value, (int, float, str, tuple)) else ""
    return (inspect.getdoc(value) or "").split("\n\n")[0].replace("\n", " ")


def _page(name: str, module: ModuleType) -> str:
    lines = [name, "=" * len(name), "", f".. automodule:: {name}", "   :no-members:", ""]
    lines += [f".. currentmodule:: {name}", ""]
    for title, names in groups(module).items():
        lines += [title, "-" * len(title), "", ".. list-table::", "   :widths: 38 62", ""]
        for each in names:
            full = f"{home(name, each)}.{each}"
            lines += [
                f"   * - :py:obj:`{each} <{full}>`",
                f"     - {_first_line(getattr(module, each))}",
            ]
        lines += ["", ".. toctree::", "   :hidden:", ""]
        lines += [f"   {each} <{name}.{each}>" for each in names if home(name, each) == name] + [""]
    return "\n".join(lines) + "\n"


def write(folder: Path) -> None:
    """Write all pages; those that stand already and are the same are left alone."""
    pages = {}
    modules = public_modules()
    for name, module in modules.items():
        pages[name] = _page(name, module)
        for each in public_names(module):
            if home(name, each) == name:
                pages[f"{name}.{each}"] = _entry(name, each, getattr(module, each))
    pages["index"] = (
        "Python packages\n===============\n\n.. toctree::\n   :maxdepth: 1\n\n"
        + "".join(f"   {name}\n" for name in modules)
    )
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.rst"):
        if old.stem not in pages:
            old.unlink()
    for name, text in pages.items():
        path = folder / f"{name}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _plain(text: str) -> str:
    """Return a signature with the plain type in place of each ``Annotated[type, its range]``."""
    while found := re.search(r"~?[\w.]*\bAnnotated\[", text):
        depth, comma, at = 1, 0, found.end()
        while depth:
            depth += {"[": 1, "(": 1, "{": 1, "]": -1, ")": -1, "}": -1}.get(text[at], 0)
            if text[at] == "," and depth == 1 and not comma:
                comma = at
            at += 1
        text = text[: found.start()] + text[found.end() : comma] + text[at:]
    return text


def _short_types(app, what, name, value, options, signature, returns):
    """Leave out what a type of arrays does not say: shapes and units stand in the docstring."""

    def short(text: str | None) -> str | None:
        if text is None:
            return None
        text = re.sub(r"~?numpy\.ndarray\[tuple\[.*?\], ~?numpy\.dtype\[.*?\]\]", "ndarray", text)
        text = re.sub(r"TypeAliasForwardRef\('(?:numpy\.)?(\w+)'\)", r"\1", text)
        return re.sub(r"\b_core\.", "", _plain(text))

    return short(signature), short(returns)


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before Sphinx looks for them."""
    write(Path(app.srcdir) / FOLDER)
    app.connect("autodoc-process-signature", _short_types)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
