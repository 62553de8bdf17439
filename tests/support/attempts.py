"""What a run's journal says of its attempts, while it runs and afterwards."""

from contextlib import suppress
from pathlib import Path

from eemt_core.errors import InputError
from eemt_core.journal import JOURNAL_FILE
from eemt_core.journal.schema import reading


def rows(out, query, *values):
    """Return what a query finds in the journal of a run; nothing while there is none."""
    with suppress(InputError), reading(Path(out) / JOURNAL_FILE) as journal:
        return journal.execute(query, values).fetchall()
    return []


def running_on(out):
    """Return the hosts on which tasks run now, a host for each task."""
    found = rows(out, "SELECT host FROM attempts WHERE outcome = 'running' ORDER BY host")
    return [host for (host,) in found]


def done_by(out):
    """Return how many tiles each host has done."""
    return dict(
        rows(out, "SELECT host, COUNT(*) FROM attempts WHERE outcome = 'done' GROUP BY host")
    )
