"""``eemt-status``: what a run does, from another shell or another machine."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..numerals import real
from .jobs_text import NotedJobs, job_documents, job_lines
from .main import run_command
from .numbers import Real
from .options import GivenPath, PathName
from .words import told_all

if TYPE_CHECKING:
    from ..journal import Status

_EVERY_S = 2.0
_CLEAR = "\033[H\033[2J"
_CATALOG_DOCUMENT = {"kind": "eemt-catalog", "schema": 1}


class _Command(click.Command):
    """Lets --watch stand without a number, also before OUT."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        watch = f"--watch={_EVERY_S:g}"
        return super().parse_args(
            ctx,
            [
                watch if arg == "--watch" and not _is_number(after) else arg
                for arg, after in zip_longest(args, args[1:], fillvalue="")
            ],
        )


@click.command(
    "eemt-status", cls=_Command, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.argument("source", metavar="OUT|URL", required=False)
@click.option("--workers", is_flag=True, help="List the workers too.")
@click.option("--tasks", is_flag=True, help="List the tiles that run or were put aside.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document, with all lists.")
@click.option(
    "--prometheus",
    is_flag=True,
    help="Print figures in Prometheus' text format, as node_exporter's textfile collector reads "
    "them.",
)
@click.option(
    "-o",
    "--output",
    type=GivenPath(),
    metavar="FILE",
    help="Write to FILE instead, which is whole at any time.",
)
@click.option(
    "--watch",
    type=Real(0.1, 86400, "it is the time from one look to the next in seconds, a day at most"),
    metavar="[SECONDS]",
    help=f"Show it again and again until the run ends.  [every {_EVERY_S:g} s]",
)
@click.option(
    "--catalog", metavar="HOST:PORT", help="List the managers in a Work Queue catalog instead."
)
@click.option(
    "--token-file", type=GivenPath(), help="With URL: file with a token, where eemt-web wants one."
)
@click.option("--project", help="With --catalog: managers of this name only.")
def command(
    source: str | None,
    workers: bool,
    tasks: bool,
    as_json: bool,
    prometheus: bool,
    output: Path | None,
    watch: float | None,
    catalog: str | None,
    project: str | None,
    token_file: Path | None,
) -> None:
    """Show what a run does or did: the one that writes into the folder OUT, or the one at URL.

    It reads the run's journal alone, so it also tells of runs that have ended or were killed. URL
    is the address of eemt-web, or of a job's status there.

    Exit codes: 0 shown, 2 usage, 3 no such run, nothing answers or no such place for FILE, 4 no
    space for FILE, 5 versions differ.
    """
    if (source is None) == (catalog is None):
        raise click.UsageError("give OUT, a URL, or --catalog HOST:PORT")
    if project is not None and catalog is None:
        raise click.UsageError("--project is for --catalog")
    if catalog is not None and (workers or tasks):
        raise click.UsageError("--workers and --tasks are of a run: leave out --catalog")
    if prometheus and (as_json or workers or tasks or catalog is not None):
        raise click.UsageError("--prometheus goes with OUT or a URL alone: leave out the others")
    token = _token(source, token_file)
    noted = NotedJobs(None if source is None or _is_remote(source) else _folder(source))
    is_data, is_watched = as_json or prometheus, watch is not None
    while True:
        if catalog is not None:
            text, goes_on = _catalog(catalog, project, as_json), True
        else:
            noted.look()
            status = _read(str(source), token, noted)
            goes_on = noted.go_on if status is None else status.run.state in ("running", "silent")
            if prometheus:
                text = _figures(status, noted)
            else:
                text = _text(status, noted, workers, tasks, as_json, one_line=is_watched)
        if output is not None:
            _write(output, text)
        elif is_data or not is_watched:
            click.echo(text)
        else:
            _show(text, goes_on)
        if watch is None or not goes_on:
            return
        sys.stdout.flush()
        time.sleep(watch)


def _show(text: str, goes_on: bool) -> None:
    """Print one look of several: over the last one, where there is a terminal."""
    is_terminal = sys.stdout.isatty()
    click.echo(f"{_CLEAR if is_terminal else ''}{text}")
    if goes_on and not is_terminal:
        click.echo()


def _figures(status: Status | None, noted: NotedJobs) -> str:
    from .figures import figures

    return figures(status, noted).rstrip("\n")


def _write(output: Path, text: str) -> None:
    from ..files import write_text

    write_text(output, f"{text}\n")


def _is_remote(source: str | None) -> bool:
    return source is not None and source.startswith(("http://", "https://"))


def _token(source: str | None, path: Path | None) -> str:
    """Return the token in a file; one that the environment names counts for URLs alone."""
    if path is None or not _is_remote(source):
        return ""
    from ..journal.remote import read_token

    return read_token(path)


def _folder(source: str) -> Path:
    """Return OUT, of which the journal may have been named."""
    from ..journal import JOURNAL_FILE

    path = PathName().convert(source, None, None)
    return path.parent if path.name == JOURNAL_FILE and path.is_file() else path


def _read(source: str, token: str, noted: NotedJobs) -> Status | None:
    """Return the status of a run; None if it has not begun and there are jobs for it."""
    if _is_remote(source):
        from ..journal.remote import fetch_status

        return fetch_status(source, token)
    from ..journal import JOURNAL_FILE, read_status

    out = _folder(source)
    if noted.found and not (out / JOURNAL_FILE).is_file():
        return None
    return read_status(out)


def _text(
    status: Status | None,
    noted: NotedJobs,
    workers: bool,
    tasks: bool,
    as_json: bool,
    one_line: bool,
) -> str:
    if as_json:
        return _json(told_all(_document(status, noted)), one_line)
    from .status_text import not_begun, summary, task_table, worker_table

    if status is None:
        return not_begun(str(noted.out), job_lines(noted.found))
    parts = [summary(status, job_lines(noted.found))]
    if workers:
        parts.append(worker_table(status))
    if tasks:
        parts.append(task_table(status))
    return "\n\n".join(parts)


def _document(status: Status | None, noted: NotedJobs) -> dict[str, Any]:
    from ..journal import to_document

    document = {"run": None} if status is None else to_document(status)
    return {**document, "jobs": job_documents(noted.found)} if noted.found else document


def _catalog(catalog: str, project: str | None, as_json: bool) -> str:
    from ..worker.catalog import fetch_managers
    from .status_text import manager_table

    managers = fetch_managers(catalog, project)
    if as_json:
        listed = [asdict(manager) for manager in managers]
        return _json({**_CATALOG_DOCUMENT, "managers": listed}, one_line=False)
    return manager_table(managers, catalog, project)


def _json(document: dict[str, Any], one_line: bool) -> str:
    return json.dumps(document, indent=None if one_line else 1, allow_nan=False)


def _is_number(text: str) -> bool:
    return real(text) is not None


def main() -> None:
    """Entry point of ``eemt-status``."""
    run_command(command)
