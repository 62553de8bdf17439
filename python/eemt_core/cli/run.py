"""``eemt-run``: the whole job, on this machine or from it on many."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..engines.ahead import Ahead
from ..machine import usable_cores
from ..machine.allocation import keep_freed_memory
from ..manager.stop import Stop
from .cluster import starting_options
from .collection import leave_without_collection, without_collection
from .ending import Ending
from .extra import require_web
from .main import run_command
from .options import with_options
from .request_file import overridden, request_text
from .requested import request_of_options
from .run_options import OPTIONS

if TYPE_CHECKING:
    from ..manager.request import RunRequest
    from .progress import TerminalReporter

_NOT_IN_JOBS = frozenset(
    {"overwrite", "export_tiles", "collect", "print_request", "estimate", "password_file"}
)
_STOP = Stop()
_ENDING = Ending(_STOP.ask)


def _command(**options: Any) -> None:
    """Compute maps of sunlight, and of EEMT where climate is given, from the elevations in DEM.

    Every option can be set in the environment too, as EEMT_STEP for --step.

    Exit codes: 0 done, 1 unexpected failure, 2 usage, 3 input unusable, 4 too little memory or
    disk, 5 versions differ, 6 results to collect are missing, 130 interrupted, 143 terminated
    (SIGTERM), 129 hung up (SIGHUP).
    """
    request = _request(options)
    if options["print_request"]:
        click.echo(request_text(request))
        return
    if options["estimate"]:
        click.echo(_estimate(request, as_json=options["as_json"]))
        return
    from .progress import TerminalReporter

    reporter = TerminalReporter(-1 if options["quiet"] else options["verbose"])
    left_aside = click.get_current_context().obj
    if left_aside:
        reporter.detail(f"Variables of other programs are left aside: {', '.join(left_aside)}.")
    keep_freed_memory()
    with closing(Ahead(_tasks_ahead(request, options), request.out)) as ahead:
        with without_collection():
            carry_out = _loaded(options, ahead)
        _ENDING.begin()
        with _page(request, options["web_port"], reporter):
            try:
                out = carry_out(request, reporter)
            finally:
                reporter.end()
    if not options["quiet"]:
        click.echo(out)


def _tasks_ahead(request: RunRequest, options: dict[str, Any]) -> int:
    """Return how many processes of tasks to start while the rest is being loaded.

    These are for the wetness index and a tile, which most runs begin with. One core would be no
    sooner done.
    """
    is_here = request.cluster is None and not (options["export_tiles"] or options["collect"])
    return 2 if is_here and (request.threads or usable_cores()) > 1 else 0


def _loaded(
    options: dict[str, Any], ahead: Ahead
) -> Callable[[RunRequest, TerminalReporter], Path]:
    """Load what computes the maps, or what does one half of that without a manager.

    It takes a second, in which a signal ends the command at once: what is raised while modules are
    being loaded does not always arrive as it was.
    """
    exported, collected = options["export_tiles"], options["collect"]
    if exported is not None:
        from ..manager.export import export_tiles

        return lambda request, reporter: export_tiles(request, exported, reporter, stop=_STOP)
    if collected is not None:
        from ..manager.collect import collect_tiles

        return lambda request, reporter: collect_tiles(request, collected, reporter, stop=_STOP)
    from ..engines.local import LocalEngine
    from ..manager.run import run

    make_engine = partial(LocalEngine, ahead=ahead)
    return lambda request, reporter: run(request, reporter, make_engine, _STOP)


@contextmanager
def _page(request: RunRequest, port: int | None, reporter: TerminalReporter) -> Iterator[None]:
    """Show the run on a page while it lasts, if that was asked for."""
    if port is None:
        yield
        return
    require_web()
    from ..web.beside import page_beside

    with page_beside(request, port) as address:
        reporter.say(f"The run is shown at {address}")
        yield


def _estimate(request: RunRequest, *, as_json: bool) -> str:
    from ..manager.estimate import make_estimate
    from .estimate_text import estimate_text

    found = make_estimate(request)
    return json.dumps(found.to_dict(), indent=1) if as_json else estimate_text(found)


def _request(options: dict[str, Any]) -> RunRequest:
    """Return the request, or raise a usage error where options do not fit together."""
    command = shlex.join(["eemt-run", *sys.argv[1:]])
    if options["overwrite"] and options["resume"]:
        raise click.UsageError("give --overwrite or --resume, not both")
    if options["quiet"] and options["verbose"]:
        raise click.UsageError("give -q or -v, not both")
    if options["print_request"] and options["estimate"]:
        raise click.UsageError("give --print-request or --estimate, not both")
    halves = [n for n in ("export_tiles", "collect") if options[n] is not None]
    if len(halves) == 2:
        raise click.UsageError("give --export-tiles or --collect, not both")
    if options["as_json"] and not options["estimate"]:
        raise click.UsageError("--json is for --estimate")
    if options["request"] is not None:
        request = overridden(options["request"], options, click.get_current_context())
    else:
        request = request_of_options(options)
    if halves and request.cluster is not None:
        given = starting_options(options)
        remedy = f"leave out {given[0]}" if given else "take cluster out of the request"
        raise click.UsageError(f"--{halves[0].replace('_', '-')} needs no manager: {remedy}")
    return replace(request, command=command)


def check_arguments(arguments: Sequence[str], out: Path) -> set[str]:
    """Check the arguments of a run in OUT that a job will resume or begin; return what they name.

    Raises
    ------
    click.UsageError
        If they are none, or ask for what such a run cannot do.
    EemtError
        If the run could not be carried out.
    """
    from ..manager.plan.plan import check_request

    with command.make_context("eemt-run", ["-o", str(out), *arguments]) as context:
        given = {name for name, value in context.params.items() if value}
        wrong = given & _NOT_IN_JOBS | ({"out"} if context.params["out"] != out else set())
        if wrong:
            name = min(wrong).replace("_", "-")
            raise click.UsageError(f"--{name} is not for a run in a job: leave it out behind --")
        options = {**context.params, "manager_port": context.params["manager_port"] or (0, 0)}
        if options["request"] is None:
            check_request(request_of_options(options))
        else:
            check_request(overridden(options["request"], options, context))
        return given


command = click.command("eemt-run", context_settings={"help_option_names": ["-h", "--help"]})(
    with_options(_command, OPTIONS)
)


def main() -> None:
    """Entry point of ``eemt-run``."""
    given = {argument.partition("=")[0] for argument in sys.argv}
    hint = "Finished tiles are kept: --resume continues."
    if "--export-tiles" in given:
        hint = "Nothing was exported."
    elif "--collect" in given:
        hint = "What was collected is kept: the same command continues."
    prints = not {"--print-request", "--estimate"}.isdisjoint(sys.argv)
    leave_without_collection()
    run_command(command, hint=hint, ending=_ENDING, output_is_wanted=prints)
