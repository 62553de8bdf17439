"""The journal of a run: what the manager writes and everybody else reads.

`Journal` writes, from one thread of the manager; `read_status`, `read_tiles` and `read_workers`
read an output folder's journal from anywhere, also after the manager was killed.
"""

from .reader import is_locked, read_status, read_tiles, read_workers
from .schema import JOURNAL_FILE
from .status import Status
from .status_document import from_document, to_document
from .writer import Journal, Outcome

__all__ = [
    "JOURNAL_FILE",
    "Journal",
    "Outcome",
    "Status",
    "from_document",
    "is_locked",
    "read_status",
    "read_tiles",
    "read_workers",
    "to_document",
]
