"""From exceptions to one sentence and an exit code, for every command alike."""

from __future__ import annotations

import errno
import io
import signal
import sys
import traceback
from collections.abc import Sequence

import click

from ..environment import leave_others_aside
from ..errors import EemtError
from ..errors.system import explain, shown
from .ending import Ending
from .streams import OutputLostError, open_streams
from .words import told


def run_command(
    command: click.Command,
    arguments: Sequence[str] | None = None,
    hint: str = "",
    ending: Ending | None = None,
    *,
    output_is_wanted: bool = True,
) -> None:
    """Run a click command and leave the process with the exit code of `eemt_core.errors`.

    click alone would end an interrupt with 1 and show its own words; here every error ends with
    one sentence on stderr, and the traceback of a bug is shown with ``-v``.

    Parameters
    ----------
    ending
        What takes the signals that end the command.
    output_is_wanted
        Whether the command has failed if its standard output cannot be written.
    """
    ending = ending or Ending()
    ending.listen()
    open_streams(output_is_wanted=output_is_wanted)
    dropped = leave_others_aside()
    try:
        try:
            exit_code = _exit_code(command, arguments, hint, dropped, ending)
        finally:
            ending.over()
    except KeyboardInterrupt:  # a signal came while the last sentence was written
        exit_code = _say(f"{ending.word}. {hint}".strip(), ending.exit_code)
    sys.exit(exit_code)


def _exit_code(
    command: click.Command,
    arguments: Sequence[str] | None,
    hint: str,
    dropped: tuple[str, ...],
    ending: Ending,
) -> int:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        result = command.main(
            arguments,
            standalone_mode=False,
            auto_envvar_prefix="EEMT",
            prog_name=command.name,
            obj=dropped,
        )
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except OutputLostError as lost:
        if lost.errno == errno.EPIPE:  # whoever read our output has left; it is no failure
            return 128 + signal.SIGPIPE
        return _say(f"Error: standard output cannot be written ({lost}): free some space", 4)
    except click.ClickException as error:
        text = io.StringIO()
        error.show(text)
        usage, mark, sentence = text.getvalue().strip().partition("Error: ")
        one_line = sentence.replace("\n\t", " ")  # click lists choices one below the other
        return _say(f"{usage}{mark}{shown(one_line)}", error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _say(f"{ending.word}. {hint}".strip(), ending.exit_code)
    except EemtError as error:
        return _say(f"Error: {shown(told(error.sentence))}", error.exit_code)
    except Exception as error:
        explained = explain(error)
        if ending.is_asked and _is_made_of_an_interrupt(error, is_bug=explained is None):
            return _say(f"{ending.word}. {hint}".strip(), ending.exit_code)
        if explained is None:
            return _unexpected(error, arguments)
        sentence, exit_code = explained
        return _say(f"Error: {shown(told(sentence))}", exit_code)


def _is_made_of_an_interrupt(error: BaseException | None, *, is_bug: bool) -> bool:
    """Whether the interpreter or a compiled module has put its own error in an interrupt's place.

    pybind11 does so while a module is loaded, and its ImportError tells of no cause. Python did so
    before 3.12 where a class was being made (RuntimeError of ``__set_name__``). What is no bug, a
    full disk met while the run is brought in order, is told of as it is.
    """
    if isinstance(error, ImportError):
        return True
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return is_bug and error is not None


def _unexpected(error: Exception, arguments: Sequence[str]) -> int:
    """Show a bug as one sentence, and where it is to those who asked for more."""
    if any(a == "--verbose" or (a[:2] != "--" and a[:1] == "-" and "v" in a) for a in arguments):
        traceback.print_exception(error)
    return _say(
        f"Error: unexpected {type(error).__name__}: {shown(str(error))} (a bug; -v shows where)", 1
    )


def _say(sentence: str, exit_code: int) -> int:
    click.echo(sentence, err=True)
    return exit_code
