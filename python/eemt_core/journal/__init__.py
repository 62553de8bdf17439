"""The journal of a run: what the manager writes and everybody else reads.

`Journal` writes, from one thread of the manager; the functions that begin with ``read_``
read an output folder's journal from anywhere, also after the manager was killed.
"""

from .figures import run_figures
from .reader import is_locked, read_status, read_tiles, read_workers
from .schema import JOURNAL_FILE
from .status import Status
from .status_document import from_document, to_document
from .tile_map import PlacedTile, Throughput, TileMap, read_throughput, read_tile_map
from .writer import Journal, Outcome, TilePlan

__all__ = [
    "JOURNAL_FILE",
    "Journal",
    "Outcome",
    "PlacedTile",
    "Status",
    "Throughput",
    "TileMap",
    "TilePlan",
    "from_document",
    "is_locked",
    "read_status",
    "read_throughput",
    "read_tile_map",
    "read_tiles",
    "read_workers",
    "run_figures",
    "to_document",
]
