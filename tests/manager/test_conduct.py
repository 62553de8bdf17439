"""Who has to wait for work, and for how long: a place's bad workers do not keep good ones out."""

from dataclasses import dataclass, field

from eemt_core.engines.base import Pool, Worker
from eemt_core.manager.schedule.reputation import Conduct


@dataclass
class Listener:
    """Stands where an engine does and keeps what it is asked for."""

    name: str = "work-queue"
    workers: list = field(default_factory=list)
    waits: dict = field(default_factory=dict)

    @property
    def pool(self):
        return Pool(tuple(self.workers))

    def pass_over(self, worker, seconds):
        pass

    def let_wait(self, host, address, seconds):
        self.waits[host, address] = seconds

    def comes(self, conduct, worker, host, address="192.0.2.9:40000"):
        self.workers.append(Worker(worker, host, address, 1, 1000, 1000))
        conduct.joined(self.workers[-1])


def crowd_of_liars(*others):
    """Twelve newcomers of one address whose results do not count, beside others."""
    engine = Listener()
    conduct = Conduct(engine)
    for worker, address in others:
        engine.comes(conduct, worker, worker, address)
    for number in range(12):
        engine.comes(conduct, f"liar{number}", f"host{number}")
        conduct.failed(f"liar{number}", f"host{number}")
    return engine, conduct


def test_where_nobody_is_left_to_work_newcomers_of_a_bad_address_wait_for_moments():
    engine, conduct = crowd_of_liars(("stranger", "192.0.2.7:1"))
    assert engine.waits["", "192.0.2.9"] > 60, "there was somebody else"
    engine.workers.clear()
    conduct.relent()
    assert 0 < engine.waits["", "192.0.2.9"] <= 15


def test_while_somebody_works_they_wait_on():
    engine, conduct = crowd_of_liars(("good", "192.0.2.7:1"))
    conduct.worked("good", "good")
    before = dict(engine.waits)
    conduct.relent()
    assert engine.waits == before


def test_one_that_merely_keeps_its_tasks_is_not_at_work():
    engine, conduct = crowd_of_liars(("keeper", "192.0.2.7:1"))
    conduct.keeps("keeper", "keeper", "tile-000000", 11.0)
    conduct.relent()
    assert 0 < engine.waits["", "192.0.2.9"] <= 15
