"""Ranges of bytes are copied whole, whatever the system makes of the calls."""

import errno
import os
import signal
import tempfile
from pathlib import Path

import numpy as np
import pytest

from eemt_core.rasters._copy import WAYS, Copier

CONTENT = np.random.default_rng(0).bytes(3_000_000)
START, TO, LENGTH = 1_000, 50_000, 2_500_000


@pytest.fixture
def source(tmp_path):
    (tmp_path / "source").write_bytes(CONTENT)
    return tmp_path / "source"


def copied(source, target, ways=WAYS, start=START, length=LENGTH):
    """Whether the source held the range, and what is in the target after the place for it."""
    with open(source, "rb") as given, open(target, "w+b") as taken:
        whole = Copier(given.fileno(), taken.fileno(), ways).copy(start, TO, length)
    return whole, target.read_bytes()[TO:]


def in_part(way):
    return lambda source, target, start, to, length: way(source, target, start, to, min(length, 7))


def ends_early(source, target, start, to, length):
    """Some kernels copy nothing between files on the network."""
    return 0


def refuses(code):
    def way(*_):
        raise OSError(code, os.strerror(code))

    return way


def test_this_system_has_all_ways():
    assert len(WAYS) == 3


@pytest.mark.parametrize("way", WAYS)
def test_each_way_copies_the_range(source, tmp_path, way):
    assert copied(source, tmp_path / "target", (way,)) == (True, CONTENT[START:][:LENGTH])
    # in an order of its own, as blocks come: a second range before the first one
    with open(source, "rb") as given, open(tmp_path / "target", "r+b") as taken:
        assert Copier(given.fileno(), taken.fileno(), (way,)).copy(0, 10, 100)
    assert (tmp_path / "target").read_bytes()[10:110] == CONTENT[:100]
    assert (tmp_path / "target").read_bytes()[TO:] == CONTENT[START:][:LENGTH]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_copied_in_part_is_continued(source, tmp_path, way):
    found = copied(source, tmp_path / "target", (in_part(way),), length=10_000)
    assert found == (True, CONTENT[START:][:10_000])


def test_another_file_system_is_no_obstacle(source, tmp_path):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        target = Path(memory) / "target"
        assert os.stat(memory).st_dev != os.stat(source).st_dev
        assert copied(source, target) == (True, CONTENT[START:][:LENGTH])


CANNOT = [refuses(code) for code in (errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS)]


@pytest.mark.parametrize("way", [ends_early, *CANNOT])
def test_a_way_that_does_not_work_gives_way_to_the_next(source, tmp_path, way):
    found = copied(source, tmp_path / "target", (way, way, WAYS[-1]))
    assert found == (True, CONTENT[START:][:LENGTH])


def test_an_error_of_the_disk_is_not_tried_again(source, tmp_path):
    with pytest.raises(OSError, match="No space left"):
        copied(source, tmp_path / "target", (refuses(errno.ENOSPC), *WAYS))


@pytest.mark.parametrize("ways", [WAYS, WAYS[1:], WAYS[2:]])
def test_a_source_that_ends_before_is_told(source, tmp_path, ways):
    whole, found = copied(source, tmp_path / "target", ways, length=len(CONTENT) - START + 1)
    assert not whole
    assert found == CONTENT[START:]
    assert copied(source, tmp_path / "target", ways, length=len(CONTENT) - START)[0]


@pytest.mark.parametrize("way", WAYS)
def test_signals_do_not_tear_a_copy(tmp_path, way):
    """Timers strike every 0.2 ms while 64 MiB are copied."""
    content = CONTENT[: 2**20] * 64
    (tmp_path / "source").write_bytes(content)
    struck = []
    before = signal.signal(signal.SIGALRM, lambda *_: struck.append(1))
    signal.setitimer(signal.ITIMER_REAL, 2e-4, 2e-4)
    try:
        whole, found = copied(tmp_path / "source", tmp_path / "target", (way,), 0, len(content))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert whole
    assert found == content
    assert struck
