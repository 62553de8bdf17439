"""A pool of old and new processors gives the bytes of one machine."""

from contextlib import ExitStack

import pytest

from clusters import SHORT, manager, workers
from eemt_core import instruction_set
from eemt_core.files import read_json
from eemt_core.journal import read_status
from eemt_workers import EemtWorker
from network_hosts import Network
from runs import assert_same_maps, eemt_run, maps_of

pytestmark = pytest.mark.slow

AVAILABLE = instruction_set.available()
LOWEST, USUAL = AVAILABLE[0], instruction_set.chosen(None)


def held_to(level):
    """The environment of a worker whose processor has this and nothing better."""
    return {"EEMT_SIMD": level}


@pytest.fixture(scope="module")
def lowest(dem, tmp_path_factory):
    """Maps of the local engine on the lowest instruction set."""
    out = tmp_path_factory.mktemp("lowest") / "out"
    done = eemt_run(dem, "-o", out, *SHORT, "--instruction-set", "base")
    assert done.returncode == 0, done.stderr
    return out


def test_workers_of_every_kind_leave_the_bytes_of_one_machine(dem, lowest, tmp_path):
    with (
        manager(dem, tmp_path / "out", *SHORT, "--instruction-set", "base") as run,
        ExitStack() as stack,
    ):
        for level in AVAILABLE:
            place = tmp_path / level
            place.mkdir()
            stack.enter_context(workers(run.port(), 1, place, env=held_to(level)))
        run.ends()
    assert_same_maps(lowest, tmp_path / "out")


def test_the_instruction_set_is_in_the_record_and_the_journal(dem, lowest, local):
    for out, level in ((lowest, LOWEST), (local, USUAL)):
        assert read_json(out / "run.json")["parameters"]["instruction_set"] == level
        assert read_status(out).run.instruction_set == level


def test_instruction_sets_differ_in_their_bytes(lowest, local):
    """Otherwise nothing of this is worth a test."""
    left, right = ({n: m.tobytes() for n, m in maps_of(out).items()} for out in (lowest, local))
    assert (left != right) == (LOWEST != USUAL)


@pytest.mark.skipif(LOWEST == USUAL, reason="this processor has one instruction set alone")
def test_a_worker_that_lacks_it_is_told_so_and_gets_nothing(dem, local, tmp_path):
    with (
        Network(tmp_path, "manager", "old", "new") as (here, old, new),
        manager(dem, here.folder / "out", *SHORT, prefix=here.enter) as run,
    ):
        options = {"host": "manager", "prefix": old.enter}
        with workers(run.port(), 1, old.folder, env=held_to(LOWEST), **options):
            run.hears("is of no use to this run")
            with workers(run.port(), 1, new.folder, host="manager", prefix=new.enter):
                run.ends()
        assert (
            "Old is of no use to this run: the run computes with instruction set v3 (x86-64-v3, "
            "with AVX2), which this processor lacks; it has base" in run.said
        )
        assert_same_maps(local, here.folder / "out")


@pytest.mark.skipif(LOWEST == USUAL, reason="this processor has one instruction set alone")
def test_such_a_worker_says_so_itself_and_the_run_waits_for_others(dem, local, tmp_path):
    sizes = ("--cores", "1", "--memory", "2G", "--disk", "1G")
    with (
        manager(dem, tmp_path / "out", *SHORT) as run,
        EemtWorker(
            tmp_path, "--manager-host", "127.0.0.1", "--manager-port", run.port(), *sizes,
            **held_to(LOWEST),
        ) as old,
    ):  # fmt: skip
        old.wait_for("no task of this manager can run here: the run computes with instruction set")
        run.hears("is of no use to this run")
        with workers(run.port(), 1, tmp_path):
            run.ends()
    assert old.told.count("no task of this manager can run here") == 1
    assert_same_maps(local, tmp_path / "out")
