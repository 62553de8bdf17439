"""The journal of a run: what the manager writes and everybody else reads.

`Journal` writes, from one thread of the manager; the functions that begin with ``read_``
read an output folder's journal from anywhere, also after the manager was killed. Each is loaded
when it is first used, since who writes has no use for what readers need.
"""

from .._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
