"""``eemt-tile``: computes tiles of a folder that ``eemt-run --export-tiles`` wrote."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

import click

from .ending import Ending
from .main import run_command
from .options import PathName

_ENDING = Ending()


@click.command("eemt-tile", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="DIR", type=PathName())
@click.argument("tiles", metavar="N|NAME...", nargs=-1, required=True)
def command(folder: Path, tiles: tuple[str, ...]) -> None:
    """Compute tiles of the folder DIR that eemt-run --export-tiles wrote.

    Each N is a line of DIR/tiles.txt, from 1 on; a NAME needs no more than DIR/tiles/NAME. A result
    goes to DIR/results/NAME once it is complete; what is complete already is left alone, so any
    number of processes may run, and run again. eemt-run --collect DIR makes maps of the results.

    Exit codes: 0 complete, 1 unexpected failure, 2 usage, 3 inputs missing or damaged, 4 too little
    memory or disk, 5 another version, or a processor that lacks the run's instruction set, 130
    interrupted, 143 terminated (SIGTERM), 129 hung up (SIGHUP).
    """
    from ..exported import chosen_tiles, run_exported

    _ENDING.begin()
    for name in chosen_tiles(folder, tiles):
        start = time.monotonic()
        if run_exported(folder, name):
            click.echo(f"{name} done in {time.monotonic() - start:.1f} s.")
        else:
            click.echo(f"{name} was complete already.")


def main() -> None:
    """Entry point of ``eemt-tile``."""
    try:
        run_command(command, ending=_ENDING)
    finally:
        if _ENDING.is_asked:
            # a kernel may compute still, and must not meet an interpreter that is taken apart
            with suppress(OSError):
                sys.stdout.flush()
            os._exit(_ENDING.exit_code)
