"""Packages whose names are loaded when they are first used.

What a package offers stands once, in the stub beside its ``__init__.py``, where type checkers and
editors read it too (the scheme of Scientific Python's SPEC 1). So importing a package costs
nothing until one of its names is wanted.
"""

from __future__ import annotations

import ast
import importlib
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # an import of typing or pathlib would cost as much as all else here
    from collections.abc import Callable
    from typing import Any


def lazy_names(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` for a package, from its stub.

    Parameters
    ----------
    package
        Name of the package. Its ``__init__.pyi`` holds lines ``from ._module import name as name``
        and ``from . import module as module``.
    """
    module = sys.modules[package]
    assert module.__file__ is not None
    loader: Any = module.__loader__
    stub = ast.parse(loader.get_data(module.__file__.removesuffix(".py") + ".pyi"))
    homes = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in stub.body
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home, own_name = homes[name]
        if home is None:
            return importlib.import_module(f"{package}.{own_name}")
        value = getattr(importlib.import_module(f"{package}.{home}"), own_name)
        setattr(module, name, value)
        return value

    return load, lambda: sorted(homes), sorted(homes)
