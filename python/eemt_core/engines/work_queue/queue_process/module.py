"""Work Queue's module under whichever name it has here, and what it can do.

A Python that may have none is asked for it, so nothing is imported here that the answer can do
without.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

MODULES = ("ndcctools.work_queue", "work_queue")


def find_module() -> Any:
    """Import Work Queue under whichever name it has here, or return None."""
    for name in MODULES:
        try:
            with _distutils_at_hand():
                return importlib.import_module(name)
        except ImportError:
            pass
        try:  # it may need more of distutils than that
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


@contextmanager
def _distutils_at_hand() -> Iterator[None]:
    """Lend the module the one function of distutils that it imports, for a use that is not ours.

    Where setuptools stands in for distutils, importing it takes longer than all else at the start.
    """
    if "distutils" in sys.modules:
        yield
        return
    package, spawn = ModuleType("distutils"), ModuleType("distutils.spawn")
    spawn.find_executable = _find_executable  # type: ignore[attr-defined]
    package.spawn = spawn  # type: ignore[attr-defined]
    lent = {"distutils": package, "distutils.spawn": spawn}
    sys.modules.update(lent)
    try:
        yield
    finally:
        for name in lent:
            del sys.modules[name]


def _find_executable(name: str, path: str | None = None) -> str | None:
    import shutil

    return shutil.which(name, path=path)


def describe(module: Any) -> dict[str, Any]:
    """Return which protocol the module speaks and whether it has TLS.

    The number itself is not to be had from the module: this result came with protocol 11, and
    naming the manager so came with 9.
    """
    if hasattr(module, "WORK_QUEUE_RESULT_OUTPUT_TRANSFER_ERROR"):
        protocol = 11
    else:
        protocol = 9 if hasattr(module, "work_queue_manager_preferred_connection") else 8
    return {
        "module": module.__name__,
        "protocol": protocol,
        "tls": hasattr(module, "work_queue_ssl_create"),
    }


def main() -> int:
    """Say which module there is; return the exit code."""
    module = find_module()
    os.write(1, json.dumps(describe(module) if module else {}).encode() + b"\n")
    return 0 if module else 1
