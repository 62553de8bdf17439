"""Effective Energy and Mass Transfer over real terrain.

Array functions live in the modules `terrain`, `solar`, `water` and `energy`; nothing
heavy is imported until one of them is used. The command is ``eemt-run``.
"""

from ._version import __version__

__all__ = ["__version__"]
