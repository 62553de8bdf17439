"""How long workers wait for tasks: bad workers of a host do not exclude good ones there."""

from dataclasses import dataclass, field

import pytest

from eemt_core.engines.base import Capabilities, Pool, Worker
from eemt_core.manager.schedule import reputation as reputation_module
from eemt_core.manager.schedule.reputation import WorkerReputation


@dataclass
class Listener:
    """Takes the place of an engine, and records what it is asked for."""

    capabilities = Capabilities(True, True, False, True, True)
    workers: list = field(default_factory=list)
    waits: dict = field(default_factory=dict)
    blocked: dict = field(default_factory=dict)

    @property
    def pool(self):
        return Pool(tuple(self.workers))

    def block_worker(self, worker, seconds):
        self.blocked[worker] = seconds

    def delay_newcomers(self, host, address, seconds):
        self.waits[host, address] = seconds

    def comes(self, reputation, worker, host, address="192.0.2.9:40000"):
        self.workers.append(Worker(worker, host, address, 1, 1000, 1000))
        reputation.joined(self.workers[-1])


def crowd_of_liars(*others):
    """Twelve new workers at one address with bad results, beside other workers."""
    engine = Listener()
    reputation = WorkerReputation(engine)
    for worker, address in others:
        engine.comes(reputation, worker, worker, address)
    for number in range(12):
        engine.comes(reputation, f"liar{number}", f"host{number}")
        reputation.failed(f"liar{number}", f"host{number}")
    return engine, reputation


def test_where_nobody_is_left_to_work_newcomers_of_a_bad_address_wait_for_moments():
    engine, reputation = crowd_of_liars(("stranger", "192.0.2.7:1"))
    assert engine.waits["", "192.0.2.9"] > 60, "there was somebody else"
    engine.workers.clear()
    reputation.shorten_suspensions()
    assert 0 < engine.waits["", "192.0.2.9"] <= 15


def test_while_somebody_works_they_wait_on():
    engine, reputation = crowd_of_liars(("good", "192.0.2.7:1"))
    reputation.succeeded("good", "good")
    before = dict(engine.waits)
    reputation.shorten_suspensions()
    assert engine.waits == before


def unfit_workers(*lacks):
    """Workers of one address that cannot run tasks, and what they lack."""
    engine = Listener()
    reputation = WorkerReputation(engine)
    for number, lack in enumerate(lacks):
        engine.comes(reputation, f"worker{number}", f"host{number}")
        reputation.unfit(f"worker{number}", f"host{number}", "it cannot", lack)
    return engine, reputation


@pytest.mark.parametrize(
    ("lacks", "why"), [(("",), "it cannot"), (("processor",), ""), (("processor", ""), "")]
)
def test_a_run_ends_for_broken_installations_and_not_for_old_processors(lacks, why, monkeypatch):
    monkeypatch.setattr(reputation_module, "_PATIENCE_S", 0.0)
    _, reputation = unfit_workers(*lacks)
    assert reputation.why_all_are_unfit() == why


def test_old_processors_do_not_keep_others_of_their_address_waiting():
    engine, _ = unfit_workers(*["processor"] * 12)
    assert engine.waits == {}
    engine, _ = unfit_workers(*[""] * 12)
    assert engine.waits["", "192.0.2.9"] > 1


def test_one_that_merely_keeps_its_tasks_is_not_at_work():
    engine, reputation = crowd_of_liars(("keeper", "192.0.2.7:1"))
    reputation.stuck("keeper", "keeper", "tile-000000", 11.0)
    reputation.shorten_suspensions()
    assert 0 < engine.waits["", "192.0.2.9"] <= 15 + 3


def test_who_waits_connected_is_before_who_hangs_up_and_comes_again():
    engine = Listener()
    reputation = WorkerReputation(engine)
    engine.comes(reputation, "honest", "node")
    for number in range(12):
        engine.comes(reputation, f"peer{number}", "node")
        reputation.lost(engine.workers.pop().worker, "node")
        # the queue looks for workers to unblock once a second
        assert engine.waits["node", "192.0.2.9"] > engine.blocked["honest"] + 2
        assert engine.waits["", "192.0.2.9"] > engine.blocked["honest"] + 2
