"""A service in a process of its own that shows a finished run."""

from contextlib import contextmanager
from dataclasses import dataclass

from web_service import WebService, add_finished, web_service


@dataclass
class Finished:
    """The service, and the job whose maps are there."""

    service: WebService
    job: str

    @property
    def url(self):
        return self.service.url

    @property
    def page(self):
        """Path of the page with the maps."""
        return f"/results/{self.job}"


@contextmanager
def finished_service(data, maps):
    """Run a service with one completed job, until the block ends."""
    with web_service(data):
        pass  # it makes its database
    job = add_finished(data, maps)
    with web_service(data) as service:
        yield Finished(service, job)
