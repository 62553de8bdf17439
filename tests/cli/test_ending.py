"""Signals at moments when Python cannot raise an exception: in a finalizer, or at its exit."""

import signal
import subprocess
import sys

import pytest

from eemt_core.cli.signals import WORDS

COMMAND = """
import atexit, os, signal, sys, time
import click
from eemt_core.cli import ending as module
from eemt_core.cli.ending import Ending
from eemt_core.cli.main import run_command

def tell(number):
    os.kill(os.getpid(), number)
    for _ in range(1000):  # Python looks for signals between its own instructions
        pass

class Finalized:
    def __del__(self):
        tell(NUMBER)

class Late:
    def __del__(self, kill=os.kill, pid=os.getpid(), number=NUMBER):
        kill(pid, number)

ending = Ending()

@click.command("told")
def command():
    ending.begin()
    BODY

run_command(command, hint="Go on later.", ending=ending)
"""


def told(body, number):
    code = COMMAND.replace("BODY", body).replace("NUMBER", f"signal.{number.name}")
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=hear,
    )


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
NUMBERS = pytest.mark.parametrize("number", SIGNALS)


def hear():
    """Give the command a terminal's signal handling, also if these tests run under nohup."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


@NUMBERS
def test_a_signal_that_a_finalizer_swallows_ends_the_command_all_the_same(number):
    done = told("Finalized(); time.sleep(30)", number)
    assert done.returncode == 128 + number, done.stderr
    assert done.stderr.strip() == f"{WORDS[number]}. Go on later."


@NUMBERS
def test_a_signal_to_a_command_that_is_done_changes_nothing(number):
    done = told(f"atexit.register(tell, signal.{number.name})", number)
    assert (done.returncode, done.stderr) == (0, "")


@NUMBERS
def test_a_signal_to_an_interpreter_that_takes_itself_apart_changes_nothing(number):
    done = told("sys.late = Late()", number)
    assert (done.returncode, done.stderr) == (0, "")


@NUMBERS
@pytest.mark.parametrize(
    ("later_s", "echo_s", "words"),
    [(0.0, 60.0, "in order. {}. Go on later."), (1.2, 1.0, "")],  # however busy the machine is
)
def test_the_same_signal_again_ends_the_command_at_once_only_later(number, later_s, echo_s, words):
    """Batch systems tell every process of a job, and some of these tell others once more."""
    body = f"""
    module._ECHO_S = {echo_s}
    try:
        tell({number:d})
    except KeyboardInterrupt:
        time.sleep({later_s})
        tell({number:d})
        click.echo("in order.", err=True)
        raise
"""
    done = told(body, number)
    assert done.returncode == 128 + number, done.stderr
    assert " ".join(done.stderr.split()) == words.format(WORDS[number])


@NUMBERS
def test_a_signal_that_a_compiled_module_swallows_is_no_fault_of_the_installation(number):
    """While it is loaded, pybind11 raises ImportError for whatever else was raised."""
    body = f"""
    try:
        tell({number:d})
    except KeyboardInterrupt:
        raise ImportError("initialization failed")
"""
    done = told(body, number)
    assert done.returncode == 128 + number, done.stderr
    assert done.stderr.strip() == f"{WORDS[number]}. Go on later."


@NUMBERS
def test_a_signal_while_a_class_is_made_is_no_bug(number):
    """Python before 3.12 raises RuntimeError for whatever ``__set_name__`` has raised."""
    body = f"""
    class Field:
        def __set_name__(self, owner, name):
            try:
                tell({number:d})
            except KeyboardInterrupt as interrupt:
                raise RuntimeError("Error calling __set_name__") from interrupt

    class Made:
        field = Field()
"""
    done = told(body, number)
    assert done.returncode == 128 + number, done.stderr
    assert done.stderr.strip() == f"{WORDS[number]}. Go on later."


@pytest.mark.parametrize("first", SIGNALS)
def test_another_signal_ends_the_command_at_once(first):
    body = f"""
    try:
        tell({first:d})
    finally:
        tell({SIGNALS[SIGNALS.index(first) - 1]:d})
        click.echo("in order", err=True)
"""
    done = told(body, first)
    assert done.returncode == 128 + SIGNALS[SIGNALS.index(first) - 1]
    assert done.stderr == ""


def test_what_else_a_finalizer_raises_is_shown():
    body = "Finalized.__del__ = lambda self: 1 / 0; Finalized()"
    done = told(body, signal.SIGTERM)
    assert done.returncode == 0
    assert "ZeroDivisionError" in done.stderr
