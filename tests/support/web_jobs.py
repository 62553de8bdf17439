"""Jobs in a service's database, as an earlier service left them."""

import time
from contextlib import contextmanager
from pathlib import Path

from eemt_core.files import write_json
from eemt_core.manager.request import RunRequest
from eemt_core.web.identity import new_id
from eemt_core.web.jobs.job import Job, JobFolder
from eemt_core.web.jobs.store import DATABASE_FILE, JobStore

NO_ROOM_MB = 2**40
"""Free disk that no machine has: with it, nothing is started."""


@contextmanager
def job_store(data):
    """The database of a data folder, while no service holds it."""
    Path(data).mkdir(parents=True, exist_ok=True)
    store = JobStore(Path(data) / DATABASE_FILE)
    try:
        yield store
    finally:
        store.close()


def job(state="pending", **fields):
    """A job of the demonstration."""
    given = {"workflow": "sol", "dem_name": "demonstration", "created": time.time(), **fields}
    return Job(id=new_id(), state=state, **given)


def make_folder(data, job_id, size=0, dem=None):
    """The folder of a job with its request, and a file of so many bytes where maps would be."""
    folder = JobFolder(Path(data).absolute() / "results" / job_id)
    folder.path.mkdir(parents=True)
    write_json(folder.request, RunRequest(dem=dem, out=folder.maps).to_dict())
    if size:
        folder.maps.mkdir()
        (folder.maps / "slope.tif").write_bytes(bytes(size))
    return folder
