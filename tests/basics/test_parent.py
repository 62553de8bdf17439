"""A process ends when the process that started it ends, in whatever way."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eemt_core.machine.parent import let_go

CHILD = {
    "pipe": "watch_parent(lambda: os._exit(7))",
    "system": "be_killed_with_parent()",
}
SLEEPS = """
import os, sys, time
from eemt_core.machine.parent import be_killed_with_parent, watch_parent
{how}
print(os.getpid(), flush=True)
time.sleep(600)
"""
STARTS = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE)
time.sleep(600)
"""


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("how", CHILD)
def test_it_ends_when_its_parent_is_killed(how):
    code = SLEEPS.format(how=CHILD[how])
    parent = subprocess.Popen([sys.executable, "-c", STARTS, code], stdout=subprocess.PIPE)
    with parent:
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while is_alive(pid):
        assert time.monotonic() < deadline, "it outlives its parent"
        time.sleep(0.02)


def test_it_ends_when_it_is_let_go_and_hears_every_line_before():
    code = """
import os, time
from eemt_core.machine.parent import watch_parent
watch_parent(lambda: os._exit(7), lambda line: os.write(1, line.upper()))
time.sleep(600)
"""
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    long = b"x" * 1_000_000 + b"\n"
    child.stdin.write(b"one\n" + long)
    child.stdin.flush()
    assert child.stdout.readline() == b"ONE\n"
    assert child.stdout.readline() == long.upper()
    assert child.poll() is None
    let_go(child)
    let_go(child)  # may be called more than once
    assert child.wait(30) == 7
    child.stdout.close()


def test_a_program_that_ends_first_is_not_held_up_by_the_watch():
    code = "import os; from eemt_core.machine.parent import watch_parent; watch_parent(os.abort)"
    reading, writing = os.pipe()  # nobody writes, nobody closes
    try:
        done = subprocess.run([sys.executable, "-c", code], stdin=reading, timeout=30, check=False)
    finally:
        os.close(reading)
        os.close(writing)
    assert done.returncode == 0
