"""``eemt-tile``: computes tiles of a folder that ``eemt-run --export-tiles`` wrote."""

from __future__ import annotations

import math
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

import click

from ..config_keys import parse_auto
from ..errors import EemtError, IncompleteError
from ..errors.system import shown
from ..sizes import AUTO, parse_seconds
from .ending import Ending
from .main import run_command
from .options import VERSION, Parsed, PathName
from .words import told

_ENDING = Ending()
_PRUDENCE = 1.25  # tiles differ, and so do the machines' other jobs


@click.command("eemt-tile", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="DIR", type=PathName())
@click.argument("tiles", metavar="N|N-M|NAME...", nargs=-1, required=True)
@click.option(
    "--wall-time",
    type=Parsed("duration|auto", parse_auto(parse_seconds)),
    help="Begin no tile that may not end within this time, judged by the longest before it; auto: "
    "the batch job's, where that is known.",
)
@VERSION
def command(folder: Path, tiles: tuple[str, ...], wall_time: int | str | None) -> None:
    """Compute tiles of the folder DIR that eemt-run --export-tiles wrote.

    Each N is a line of DIR/tiles.txt, from 1 on, and N-M are several; a NAME needs no more than
    DIR/tiles/NAME. A result goes to DIR/results/NAME once it is complete; what is complete already
    is left alone, so any number of processes may run, and run again. Where a tile fails the others
    are computed all the same. eemt-run --collect DIR makes maps of the results.

    Exit codes: 0 complete, 1 unexpected failure, 2 usage, 3 inputs missing or damaged, 4 too little
    memory or disk, 5 another version, or a processor that lacks the run's instruction set (of
    several tiles that failed, the code of the first), 6 no time was left for all, 130 interrupted,
    143 terminated (SIGTERM), 129 hung up (SIGHUP).
    """
    from ..exported import chosen_tiles, run_exported

    _ENDING.begin()
    names, longest_s, exit_code = chosen_tiles(folder, tiles), 0.0, 0
    end_s = time.monotonic() + _seconds(wall_time)
    for done, name in enumerate(names):
        start_s = time.monotonic()
        if longest_s and start_s + _PRUDENCE * longest_s > end_s:
            exit_code = _tell(exit_code, _left(names[done:], len(names)))
            break
        try:
            computed = run_exported(folder, name)
        except EemtError as error:
            exit_code = _tell(exit_code, error)
            continue
        took_s = time.monotonic() - start_s
        if computed:
            longest_s = max(longest_s, took_s)
        click.echo(f"{name} {f'done in {took_s:.1f} s' if computed else 'was complete already'}.")
    click.get_current_context().exit(exit_code)


def _tell(exit_code: int, error: EemtError) -> int:
    """Say what is wrong; return the exit code of the first that was."""
    click.echo(f"Error: {shown(told(error.sentence))}", err=True)
    return exit_code or error.exit_code


def _seconds(wall_time: int | str | None) -> float:
    if wall_time == AUTO:
        from ..machine import job_seconds_to_use

        wall_time = job_seconds_to_use()
    return math.inf if wall_time is None else float(wall_time)


def _left(names: list[str], of: int) -> IncompleteError:
    return IncompleteError(
        f"{len(names)} of {of} tiles, {names[0]} the first, are left, since none would end in the "
        "time that is left",
        remedy="start the same again, which passes over what is complete",
    )


def main() -> None:
    """Entry point of ``eemt-tile``."""
    try:
        run_command(command, ending=_ENDING, output_is_wanted=False)
    finally:
        if _ENDING.is_asked:
            # a kernel may compute still, and must not meet an interpreter that is taken apart
            with suppress(OSError):
                sys.stdout.flush()
            os._exit(_ENDING.exit_code)
