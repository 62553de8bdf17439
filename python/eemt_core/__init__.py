"""Effective Energy and Mass Transfer over real terrain.

Array functions live in the packages `terrain`, `solar`, `water`, `energy` and `climate`; each is
loaded when it is first used. The command is ``eemt-run``.
"""

from ._lazy import lazy_names
from ._version import __version__

__getattr__, __dir__, __all__ = lazy_names(__name__)
__all__ += ["__version__"]
