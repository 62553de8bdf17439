"""From exceptions to one sentence and an exit code, for every command alike."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from types import FrameType

import click

from ..environment import leave_others_aside
from ..errors import EemtError

INTERRUPTED = 130
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES)


def run_command(
    command: click.Command,
    arguments: Sequence[str] | None = None,
    hint: str = "",
    may_wait: Callable[[], bool] = lambda: False,
) -> None:
    """Run a click command and leave the process with the exit code of `eemt_core.errors`.

    click alone would end an interrupt with 1 and show its own words; here every error ends with
    one sentence on stderr, and the traceback of a bug is shown with ``-v``.

    Parameters
    ----------
    may_wait
        Asked at the first Ctrl-C: whether the command will end in order by itself.
    """
    signal.signal(signal.SIGINT, _Interrupts(may_wait))
    dropped = leave_others_aside()
    sys.exit(_exit_code(command, arguments, hint, dropped))


class _Interrupts:
    """The first Ctrl-C ends the command in order, the second ends the process at once.

    In order means by KeyboardInterrupt, unless the command says that it needs none. Task processes
    end with this one, and what has no final name yet is removed by the next run.
    """

    def __init__(self, may_wait: Callable[[], bool]) -> None:
        self._count = 0
        self._may_wait = may_wait

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self._count += 1
        if self._count > 1:
            os._exit(INTERRUPTED)
        if not self._may_wait():
            raise KeyboardInterrupt


def _exit_code(
    command: click.Command, arguments: Sequence[str] | None, hint: str, dropped: tuple[str, ...]
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
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return _say(f"Interrupted. {hint}".strip(), INTERRUPTED)
    except EemtError as error:
        return _say(f"Error: {error}", error.exit_code)
    except BrokenPipeError:
        # whoever read our output has left; nobody is there to be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno not in _DISK:
            return _unexpected(error, arguments)
        where = f" for {error.filename}" if error.filename else ""
        return _say(f"Error: {error.strerror}{where}: free some space, or choose another folder", 4)
    except MemoryError:
        return _say("Error: out of memory: use a smaller --tile-size or fewer --threads", 4)
    except ImportError as error:
        remedy = "unset PYTHONPATH" if os.environ.get("PYTHONPATH") else "install eemt-core anew"
        return _say(f"Error: a part of the installation cannot be loaded ({error}): {remedy}", 5)
    except Exception as error:
        return _unexpected(error, arguments)


def _unexpected(error: Exception, arguments: Sequence[str]) -> int:
    """Show a bug as one sentence, and where it is to those who asked for more."""
    if any(a == "--verbose" or (a[:2] != "--" and a[:1] == "-" and "v" in a) for a in arguments):
        traceback.print_exception(error)
    return _say(f"Error: unexpected {type(error).__name__}: {error} (a bug; -v shows where)", 1)


def _say(sentence: str, exit_code: int) -> int:
    click.echo(sentence, err=True)
    return exit_code
