"""A process ends when the process that started it ends, in whatever way."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eemt_core.machine.parent import ended_with_us, let_go

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
    except (FileNotFoundError, ProcessLookupError):  # it may end while it is being read
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


ANY_PROGRAM = """
import subprocess, sys, time
from eemt_core.machine.parent import ended_with_us
child = subprocess.Popen(ended_with_us([{sleep!r}, "600"]))
print(child.pid, flush=True)
time.sleep({seconds})
"""


# 0: before the program has begun
@pytest.mark.parametrize("seconds", [600, 0])
def test_any_program_ends_with_us_from_its_very_beginning(seconds):
    code = ANY_PROGRAM.format(sleep=shutil.which("sleep"), seconds=seconds)
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    with parent:
        pid = int(parent.stdout.readline())
        if seconds:
            deadline = time.monotonic() + 30
            while b"sleep" not in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]:
                assert time.monotonic() < deadline, "it has not begun"
                time.sleep(0.01)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while is_alive(pid):
        assert time.monotonic() < deadline, "it outlives its parent"
        time.sleep(0.02)


def test_what_has_lost_its_parent_does_not_begin(tmp_path):
    command = ended_with_us([shutil.which("touch"), str(tmp_path / "begun")])
    orphan = [str(os.getppid()) if word == str(os.getpid()) else word for word in command]
    assert subprocess.run(orphan, timeout=30, check=False).returncode == 0
    assert list(tmp_path.iterdir()) == []
    subprocess.run(command, timeout=30, check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["begun"]
