"""Imports rasterio without boto3, which it would load at once wherever that is installed.

boto3 and what it loads take a tenth of a second or more of every process. rasterio asks it for
credentials alone, where its own names of an object store are opened or the environment holds a key:
then it is loaded as ever. Who imports boto3 by themselves get boto3.
"""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_NAME = "boto3"


class _WhenAsked(ModuleType):
    """Stands for boto3 in rasterio until a name of it is wanted."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(_NAME), name)


def _import_rasterio() -> None:
    # where either is there already, this would save nothing
    if not {_NAME, "rasterio"}.isdisjoint(sys.modules) or find_spec(_NAME) is None:
        return
    sys.modules[_NAME] = _WhenAsked(_NAME)
    try:
        importlib.import_module("rasterio")
    finally:
        del sys.modules[_NAME]


_import_rasterio()
