"""Types of the C++ extension module."""

from typing import TypedDict

from . import blocks as blocks
from . import energy as energy
from . import processor as processor
from . import solar as solar
from . import terrain as terrain
from . import water as water

class BuildConfig(TypedDict):
    version: str
    compiler: str
    openmp: bool
    threads: int

def build_config() -> BuildConfig: ...
