"""``eemt-run``: the whole job on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ..parameters import SolarParameters
from .main import run_command
from .options import Days, Step

_SOLAR = SolarParameters()


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from .. import __version__

        click.echo(f"eemt-core {__version__}")
        ctx.exit()


@click.command("eemt-run", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("dem", type=click.Path(path_type=Path), required=False)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder for the maps."
)
@click.option(
    "--step",
    type=Step(),
    default="15",
    show_default=True,
    help="Time step: minutes, or with a unit such as 0.25h or 15min; 1 to 60 minutes.",
)
@click.option(
    "--days",
    type=Days(),
    default="1-365",
    show_default=True,
    help="Days of the year, such as 15,172 or 1-31.",
)
@click.option("--tile-size", type=click.IntRange(min=32), help="Largest edge of a tile [cells].")
@click.option("--threads", type=click.IntRange(min=0), default=0, help="Cores to use; 0: all.")
@click.option("--overwrite", is_flag=True, help="Replace the maps of an earlier run in OUT.")
@click.option("--resume", is_flag=True, help="Continue an interrupted run in OUT.")
@click.option("-v", "--verbose", count=True, help="Say more.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
def command(**options: Any) -> None:
    """Compute maps of sunlight and of EEMT from the elevation model DEM."""
    from ..manager.request import RunRequest
    from ..manager.run import run
    from .progress import TerminalReporter

    reporter = TerminalReporter(-1 if options["quiet"] else options["verbose"])
    request = RunRequest(
        dem=options["dem"],
        out=options["out"],
        solar=SolarParameters(days=options["days"], step_minutes=options["step"]),
        tile_cells=options["tile_size"],
        threads=options["threads"],
        overwrite=options["overwrite"],
        resume=options["resume"],
        command=" ".join(sys.argv),
    )
    try:
        out = run(request, reporter)
    finally:
        reporter.end()
    click.echo(out)


def main() -> None:
    """Entry point of ``eemt-run``."""
    run_command(command, hint="Finished tiles are kept: --resume continues.")
