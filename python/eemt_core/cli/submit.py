"""``eemt-submit``: scripts with which batch systems compute tiles."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click

from ..config_keys import parse_catalog, parse_count
from ..sizes import parse_addresses, parse_cores, parse_mb_with_unit, parse_seconds
from .main import run_command
from .options import VERSION, GivenPath, Parsed, given_text, with_options

if TYPE_CHECKING:
    from pathlib import Path

    from ..submit.order import Order, Tiles, Workers

_FILE, _NAME, _COUNT = GivenPath(), Parsed("text", given_text), Parsed("number", parse_count)
_SIZE = Parsed("size", parse_mb_with_unit)
_TARGETS = ("slurm", "sge", "pbs", "torque", "lsf")
_RUNTIMES = ("installed", "wheel", "apptainer", "podman", "docker")
_OF_WORKERS = ("workers", "managers", "project", "catalog", "password_file")

_OPTIONS: tuple[Any, ...] = (
    click.argument("target", type=click.Choice(_TARGETS)),
    # workers
    click.option(
        "--manager",
        "managers",
        multiple=True,
        type=Parsed("host:port", parse_addresses),
        metavar="HOST:PORT",
        help="A manager that jobs work for; give it several times for any of them.",
    ),
    click.option("--project", type=_NAME, help="Have jobs look for managers by this name, in:"),
    click.option(
        "--catalog",
        type=Parsed("host:port", parse_catalog),
        metavar="HOST[:PORT]",
        help="Catalog to ask for --project.",
    ),
    click.option(
        "--workers", type=_COUNT, help="Number of workers, one in each job.  [default: 1]"
    ),
    click.option(
        "--password-file",
        type=_FILE,
        help="File with the managers' password; jobs read it under this path.",
    ),
    # tiles
    click.option(
        "--tiles",
        type=_FILE,
        metavar="DIR",
        help="Compute the tiles in this folder, which eemt-run --export-tiles wrote, without a "
        "manager.",
    ),
    click.option("--per-job", type=_COUNT, help="Tiles that each job computes.  [default: 1]"),
    # what a job gets
    click.option("--cores", type=Parsed("number", parse_cores), help="Cores of a job."),
    click.option("--memory", "memory_mb", type=_SIZE, help="Memory of a job: 8G, 500M."),
    click.option("--disk", "disk_mb", type=_SIZE, help="Disk of a job, as --memory."),
    click.option(
        "--time",
        "time_s",
        type=Parsed("duration", parse_seconds),
        help="Time of a job: 30min, 4h, 1-12:00:00.",
    ),
    # where jobs run
    click.option("--account", type=_NAME, help="Whom to charge."),
    click.option("--partition", "--queue", "queue", type=_NAME, help="Partition or queue."),
    click.option("--qos", type=_NAME, help="Quality of service."),
    click.option("--constraint", type=_NAME, help="What nodes must have."),
    click.option(
        "--parallel-env", type=_NAME, help="Grid Engine's parallel environment for --cores."
    ),
    # how a job has eemt-core
    click.option(
        "--runtime",
        type=click.Choice(_RUNTIMES),
        default=_RUNTIMES[0],
        show_default=True,
        help="How a job has eemt-core: installed, on its PATH after --setup or else where this one "
        "is; from a wheel; or in an image.",
    ),
    click.option("--image", type=_NAME, help="Image for a container: a name, or a .sif file."),
    click.option(
        "--wheel", type=_FILE, help="Wheel on shared storage, with those that it needs beside it."
    ),
    # the script
    click.option("--setup", type=_NAME, multiple=True, help="Line of shell that a job runs first."),
    click.option(
        "--extra-directive",
        "extra_directives",
        type=_NAME,
        multiple=True,
        metavar="TEXT",
        help="Directive to add as it stands, such as --mail-type=END.",
    ),
    click.option(
        "--skip-directive",
        "skipped_directives",
        type=_NAME,
        multiple=True,
        metavar="NAME",
        help="Directive to leave out, such as --nodes.",
    ),
    click.option("--name", type=_NAME, help="Name of the jobs.  [default: eemt]"),
    click.option(
        "-o",
        "--out",
        type=_FILE,
        metavar="OUT",
        help="Folder of the run that the jobs are for: what is submitted is noted in OUT/jobs, for "
        "eemt-status.",
    ),
    click.option(
        "--log-dir",
        type=_FILE,
        help="Folder for the jobs' output.  [default: OUT/jobs, where OUT is given]",
    ),
    click.option(
        "--submit",
        is_flag=True,
        allow_from_autoenv=False,
        help="Write the script into --log-dir, or else here, and submit it.",
    ),
    VERSION,
)


def _command(target: str, **options: Any) -> None:
    """Write a script for the batch system TARGET that starts workers or computes tiles.

    With --manager or --project each job is a worker for a run that eemt-run --manager-port
    has started; with --tiles the jobs compute what eemt-run --export-tiles wrote, and may be
    submitted again until eemt-run --collect finds all. What is not given is not written, so
    that the batch system's own defaults hold.

    The script is printed, to be kept, edited and submitted by hand. With --submit it is written to
    a file and submitted; printed are then the number of the jobs, the file, and the commands that
    watch and cancel them.

    Exit codes: 0 done, 1 unexpected failure, 2 usage, 3 no exported tiles, or refused by the batch
    system, 4 this machine does not have it.
    """
    from ..journal.job_notes import JOBS_FOLDER
    from ..submit.targets import TARGETS

    is_submitted, out = options.pop("submit"), options.pop("out")
    if out is not None and options["log_dir"] is None:
        options["log_dir"] = out / JOBS_FOLDER
    order = _order(options)
    script = TARGETS[target].render(order)
    if is_submitted:
        _submit(target, order, script, out)
    else:
        click.echo(script, nl=False)


def _submit(target: str, order: Order, script: str, out: Path | None) -> None:
    from ..submit.hand_over import hand_over, hand_over_for
    from ..submit.schedulers import SCHEDULERS
    from ..submit.shared_paths import unshared_paths

    if target not in SCHEDULERS:
        raise click.UsageError(
            f"--submit knows {', '.join(SCHEDULERS)} alone: leave it out, keep what is printed in "
            "a file, and submit that yourself"
        )
    for path in unshared_paths(order):
        click.echo(
            f"Careful: {path} lies in this machine's memory, where jobs on other machines do not "
            "see it: move it to storage that all of them share.",
            err=True,
        )
    scheduler = SCHEDULERS[target]
    if out is None:
        handed = hand_over(scheduler, order, script)
    else:
        handed = hand_over_for(out, target, order, script)
    for word, text in (
        ("jobs", handed.number),
        ("script", str(handed.script)),
        ("watch", shlex.join(scheduler.jobs_command([handed.number]))),
        ("cancel", shlex.join(scheduler.cancel_command([handed.number]))),
    ):
        click.echo(f"{word:8}{text}")


def _order(options: dict[str, Any]) -> Order:
    from ..engines.runtimes.container import image_from_here
    from ..submit.order import Order

    work = _work(options)
    parts = {name: options[name] for name in Order.__dataclass_fields__ if name in options}
    given = {name: value for name, value in parts.items() if value is not None}
    given["image"] = image_from_here(options["image"] or "")
    return Order(work, log_folder=options["log_dir"], **given)


def _work(options: dict[str, Any]) -> Workers | Tiles:
    from ..submit.order import Tiles, Workers

    if options["tiles"] is None:
        if options["per_job"] is not None:
            raise click.UsageError("--per-job goes with --tiles")
        return Workers(
            1 if options["workers"] is None else options["workers"],
            tuple(address for group in options["managers"] for address in group),
            options["project"] or "",
            options["catalog"],
            options["password_file"],
        )
    if any(options[name] for name in _OF_WORKERS):
        raise click.UsageError("--tiles are computed without a manager: leave out what is for one")
    return Tiles(options["tiles"], 1 if options["per_job"] is None else options["per_job"])


command = click.command("eemt-submit", context_settings={"help_option_names": ["-h", "--help"]})(
    with_options(_command, _OPTIONS)
)


def main() -> None:
    """Entry point of ``eemt-submit``."""
    run_command(command)


if __name__ == "__main__":
    main()
