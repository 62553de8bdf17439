"""``eemt-web``: the page on which runs are submitted, watched and looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .main import run_command
from .numbers import Whole
from .options import VERSION, PathName, with_options
from .web_access import ACCESS_OPTIONS, access_settings, writes_keys

_OPTIONS: tuple[Any, ...] = (
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
    click.option(
        "--port",
        type=Whole(0, 65535, "it is a port of TCP"),
        default=5000,
        show_default=True,
        help="Port to listen on; 0 for any free one.",
    ),
    click.option(
        "--data", type=PathName(), help="Folder of jobs, uploads and results.  [required]"
    ),
    click.option(
        "--slots",
        type=Whole(1, 64, "each is a run of its own"),
        help="Runs at a time.  [default: by cores and memory]",
    ),
    *ACCESS_OPTIONS,
    VERSION,
)


def _command(**options: Any) -> None:
    """Serve a page on which runs are submitted, watched, looked at and fetched."""
    if writes_keys(options):
        return
    from ..web.serve import serve
    from ..web.settings import WebSettings, default_slots

    data: Path | None = options["data"]
    if data is None:
        raise click.UsageError("Missing option '--data': give a folder for jobs and maps")
    serve(
        WebSettings(
            data=data,
            host=options["host"],
            port=options["port"],
            slots=options["slots"] or default_slots(),
            **access_settings(options),
        )
    )


command = click.command("eemt-web", context_settings={"help_option_names": ["-h", "--help"]})(
    with_options(_command, _OPTIONS)
)


def main() -> None:
    """Entry point of ``eemt-web``."""
    run_command(command)
