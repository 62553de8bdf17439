"""``eemt-tile``: computes tiles of a folder that ``eemt-run --export-tiles`` wrote."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

import click

from ..errors import EemtError
from ..errors.system import shown
from .ending import Ending
from .main import run_command
from .options import VERSION, PathName
from .words import told

_ENDING = Ending()


@click.command("eemt-tile", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="DIR", type=PathName())
@click.argument("tiles", metavar="N|NAME...", nargs=-1, required=True)
@VERSION
def command(folder: Path, tiles: tuple[str, ...]) -> None:
    """Compute tiles of the folder DIR that eemt-run --export-tiles wrote.

    Each N is a line of DIR/tiles.txt, from 1 on; a NAME needs no more than DIR/tiles/NAME. A result
    goes to DIR/results/NAME once it is complete; what is complete already is left alone, so any
    number of processes may run, and run again. Where a tile fails the others are computed all the
    same. eemt-run --collect DIR makes maps of the results.

    Exit codes: 0 complete, 1 unexpected failure, 2 usage, 3 inputs missing or damaged, 4 too little
    memory or disk, 5 another version, or a processor that lacks the run's instruction set (of
    several tiles that failed, the code of the first), 130 interrupted, 143 terminated (SIGTERM),
    129 hung up (SIGHUP).
    """
    from ..exported import chosen_tiles, run_exported

    _ENDING.begin()
    exit_code = 0
    for name in chosen_tiles(folder, tiles):
        start = time.monotonic()
        try:
            computed = run_exported(folder, name)
        except EemtError as error:
            click.echo(f"Error: {shown(told(error.sentence))}", err=True)
            exit_code = exit_code or error.exit_code
            continue
        took = f"done in {time.monotonic() - start:.1f} s" if computed else "was complete already"
        click.echo(f"{name} {took}.")
    click.get_current_context().exit(exit_code)


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
