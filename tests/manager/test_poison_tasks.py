"""Tiles that kill their workers are put aside; tiles whose workers die by chance are not."""

import random

import pytest

from eemt_core.manager.schedule.poison_tasks import PoisonTaskDetector, WorkerLoss

HONEST, OTHER = ("node1", True), ("node2", True)


def simulate(seed, tiles, loses, kinds=(HONEST,), patience=10_000):
    """Run tiles one after the other, each until it survives; return those put aside and losses.

    `loses(chance, tile, attempt)` says whether the worker of an attempt dies.
    """
    chance, detector = random.Random(seed), PoisonTaskDetector(tiles)
    waiting, aside, losses = [f"tile-{n}" for n in range(tiles)], [], 0
    attempts = dict.fromkeys(waiting, 0)
    for number in range(patience):
        if not waiting:
            break
        tile, kind = waiting.pop(0), kinds[number % len(kinds)]
        attempts[tile] += 1
        if not loses(chance, tile, attempts[tile]):
            detector.task_ended(tile, kind)
            continue
        losses += 1
        detector.worker_lost(tile, WorkerLoss(f"worker-{number}", kind))
        if detector.is_poison(tile):
            aside.append(tile)
        else:  # as in the queue: the tile is retried first, after more losses later
            waiting.insert(0 if attempts[tile] < 2 else min(3, len(waiting)), tile)
    return aside, losses


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.05, 0.33, 0.5, 0.8])
def test_workers_that_die_at_random_take_no_tile_with_them(share):
    """Over a hundred runs of 195 tiles; one of two hundred runs may put a tile aside."""
    runs = [
        simulate(seed, 195, lambda chance, *_: chance.random() < share, (HONEST, OTHER))
        for seed in range(100)
    ]
    assert sum(bool(aside) for aside, _ in runs) <= 3  # P(4 or more | 100 x 1/200) < 0.002
    if share > 0.3:
        assert min(losses for _, losses in runs) > 60


@pytest.mark.parametrize(("tiles", "most"), [(8, 6), (195, 4), (10_000, 4)])
def test_a_poison_tile_costs_few_workers_where_others_live(tiles, most):
    poison = f"tile-{tiles // 2}"
    aside, losses = simulate(1, tiles, lambda chance, tile, _: tile == poison)
    assert aside == [poison]
    assert losses <= most


def test_a_poison_tile_is_found_among_workers_that_die_now_and_then():
    for seed in range(20):
        aside, _ = simulate(
            seed, 195, lambda chance, tile, _: tile == "tile-70" or chance.random() < 0.1
        )
        assert aside == ["tile-70"]


def test_workers_that_never_finish_anything_blame_no_tile():
    detector = PoisonTaskDetector(100)
    for number in range(1000):
        detector.worker_lost("tile-1", WorkerLoss(f"worker-{number}", ("evil", False)))
    assert not detector.is_poison("tile-1")
    # also not after others have finished a thousand tiles
    for number in range(1000):
        detector.task_ended(f"tile-{2 + number}", HONEST)
    assert not detector.is_poison("tile-1")


@pytest.mark.parametrize("poison", [1, 8])
def test_where_no_stranger_can_come_a_run_whose_tiles_kill_all_workers_ends(poison):
    """All of eight tiles, or the only one, may be fatal: no other tile proves the workers sound."""
    detector = PoisonTaskDetector(poison, admits_strangers=False)
    for loss, tile in enumerate([f"tile-{n}" for n in range(poison)] * 10):
        assert not detector.is_poison(tile)
        detector.worker_lost(tile, WorkerLoss(f"worker-{loss}", HONEST))
    assert all(detector.is_poison(f"tile-{n}") for n in range(poison))


def test_ten_deaths_are_none_of_a_tile_s_doing_once_its_workers_kind_is_known_to_live():
    detector = PoisonTaskDetector(8, admits_strangers=False)
    detector.task_ended("tile-1", HONEST)
    for number in range(10):
        detector.worker_lost("tile-2", WorkerLoss(f"worker-{number}", OTHER))
    assert not detector.is_poison("tile-2")


def test_a_worker_counts_once_however_often_it_is_told_to_be_gone():
    detector = PoisonTaskDetector(1)
    for number in range(1000):
        detector.task_ended(f"tile-{2 + number}", HONEST)
    for _ in range(10):
        detector.worker_lost("tile-1", WorkerLoss("worker-1", HONEST))
    assert not detector.is_poison("tile-1")
    for number in range(2, 5):
        detector.worker_lost("tile-1", WorkerLoss(f"worker-{number}", HONEST))
    assert detector.is_poison("tile-1")


def test_of_tasks_that_were_lost_together_none_is_blamed_alone():
    """Workers run eight tasks at once and die with all; the fatal task is always among them."""
    detector = PoisonTaskDetector(100)
    for number in range(90):
        detector.task_ended(f"tile-{10 + number}", HONEST)
    for number in range(5):
        for tile in range(8):
            detector.worker_lost(f"tile-{tile}", WorkerLoss(f"worker-{number}", HONEST, together=8))
    assert not any(detector.is_poison(f"tile-{tile}") for tile in range(8))
    for number in range(5, 9):
        detector.worker_lost("tile-0", WorkerLoss(f"worker-{number}", HONEST))
    assert detector.is_poison("tile-0")
    assert not detector.is_poison("tile-1")


def test_the_chance_of_losses_falls_with_each_and_is_a_probability():
    detector, before = PoisonTaskDetector(10), 1.0
    for number in range(20):
        detector.task_ended(f"tile-{number}", HONEST)
    for number in range(30):
        detector.worker_lost("tile-99", WorkerLoss(f"worker-{number}", HONEST))
        now = detector.probability("tile-99")
        assert 0 < now < before
        before = now
