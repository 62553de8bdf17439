"""``eemt-submit``: scripts with which batch systems compute tiles."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .ending import Ending
from .main import run_command
from .options import with_options
from .submit_options import OPTIONS
from .words import told

if TYPE_CHECKING:
    from ..submit.order import Order, Tiles, Workers
    from ..submit.run_in_job import RunInJob
    from ..submit.web_pool import WebPool

_ENDING = Ending()
_OF_WEB = ("web_password_file", "web_tokens_file", "server_name", "storage_mb")
_OF_MANAGERS = ("managers", "manager_file", "project", "catalog")
_OF_WORKERS = ("workers", *_OF_MANAGERS, "password_file")


def _command(target: str, **options: Any) -> None:
    """Write what TARGET takes to start workers or compute tiles: a script, or a manifest.

    TARGET is slurm, sge (Grid Engine), pbs, torque, lsf, htcondor, systemd, compose, swarm or
    kubernetes.

    With --manager or --project each job is a worker for a run that eemt-run --manager-port
    has started; with --tiles the jobs compute what eemt-run --export-tiles wrote, and may be
    submitted again until eemt-run --collect finds all. With --manager-in-job the run itself is a
    job, and others work for it; submitted again it goes on. With --web an orchestrator keeps a page
    and workers for its runs. What is not given is not written, so that TARGET's own defaults hold.

    The script is printed, to be kept, edited and submitted by hand. With --submit it is written to
    a file and submitted; printed are then the number of the jobs, the file, and the commands that
    watch and cancel them.

    Exit codes: 0 done, 1 unexpected failure, 2 usage, 3 no exported tiles, or refused by the batch
    system, 4 this machine does not have it. With --probe those of eemt-worker.
    """
    from ..journal.job_notes import JOBS_FOLDER
    from ..submit.targets import MANIFEST_TARGETS, TARGETS

    is_submitted, is_probe, out = (options.pop(name) for name in ("submit", "probe", "out"))
    limits = options["autoscale"]
    if is_submitted and (is_probe or (limits is not None and not options["web"])):
        raise click.UsageError("--probe and --autoscale submit by themselves: leave --submit out")
    if is_probe and limits is not None:
        raise click.UsageError("--probe is one job: leave --autoscale out")
    if out is not None and options["log_dir"] is None:
        options["log_dir"] = out / JOBS_FOLDER
    if options["runtime"] is None and target in MANIFEST_TARGETS:
        options["runtime"] = "docker"
    order = _order(options, out)
    if is_probe:
        _probe(target, order)
        return
    if limits is not None and not options["web"]:
        if out is None or options["workers"] is not None:
            raise click.UsageError("--autoscale follows a run: give --out, without --workers")
        _autoscale(target, order, out, limits)
        return
    script = TARGETS[target].render(order)
    if target == "systemd":
        _tell_unseen(order)
    if is_submitted:
        _submit(target, order, script, out)
    else:
        click.echo(script, nl=False)


def _submit(target: str, order: Order, script: str, out: Path | None) -> None:
    from ..submit.hand_over import hand_over, hand_over_for, uninterrupted
    from ..submit.schedulers import SCHEDULERS
    from ..submit.shared_paths import unshared_paths

    _require_scheduler(target, "submit")
    scheduler = SCHEDULERS[target]
    for path in [] if scheduler.files_travel else unshared_paths(order):
        click.echo(
            f"Careful: {path} lies in this machine's memory, where jobs on other machines do not "
            "see it: move it to storage that all of them share.",
            err=True,
        )
    with uninterrupted():  # until the number is told
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


def _tell_unseen(order: Order) -> None:
    from ..submit.targets.systemd import unseen

    for path in unseen(order):
        click.echo(
            f"Careful: {path} is in a home or a temporary folder, which a service does not see: "
            "install eemt-core elsewhere, with a Python that lies elsewhere too.",
            err=True,
        )


def _probe(target: str, order: Order) -> None:
    from ..submit.probe import probe

    _require_scheduler(target, "probe")
    _ENDING.begin()
    answer = probe(target, order, lambda sentence: click.echo(sentence, err=True))
    click.echo(told(answer.sentence))
    click.get_current_context().exit(answer.exit_code)


def _autoscale(target: str, order: Order, out: Path, limits: tuple[int, int]) -> None:
    from ..submit.autoscale import Autoscaler

    _require_scheduler(target, "autoscale")
    _ENDING.begin()
    scaler = Autoscaler(target, order, out, *limits, lambda text: click.echo(told(text), err=True))
    click.echo(scaler.run())


def _require_scheduler(target: str, option: str) -> None:
    from ..submit.schedulers import SCHEDULERS

    if target not in SCHEDULERS:
        instead = (
            "start eemt-worker with --dry-run there"
            if option == "probe"
            else "leave it out, keep what is printed in a file, and submit that yourself"
        )
        raise click.UsageError(f"--{option} knows {', '.join(SCHEDULERS)} alone: {instead}")


def _order(options: dict[str, Any], out: Path | None) -> Order:
    from ..engines.runtimes.container import image_from_here
    from ..submit.order import Order

    work = _work(options, out)
    parts = {name: options[name] for name in Order.__dataclass_fields__ if name in options}
    given = {name: value for name, value in parts.items() if value is not None}
    given["image"] = image_from_here(options["image"] or "")
    return Order(work, log_folder=options["log_dir"], **given)


def _work(options: dict[str, Any], out: Path | None) -> Workers | Tiles | WebPool | RunInJob:
    from ..submit.order import Tiles, Workers
    from ..submit.web_pool import WebPool

    if options["manager_in_job"]:
        return _run_in_job(options, out)
    if options["run"]:
        raise click.UsageError(f"{options['run'][0]!r}: a command goes with --manager-in-job alone")
    if options["web"]:
        if options["tiles"] or any(options[name] for name in _OF_MANAGERS):
            raise click.UsageError("--web brings the managers that its workers are for")
        count, limits = options["workers"], options["autoscale"]
        if limits is not None and count is not None:
            raise click.UsageError("--autoscale has --workers in it: leave these out")
        fewest, most = (1 if count is None else count, None) if limits is None else limits
        return WebPool(
            fewest,
            options["web_password_file"],
            options["password_file"],
            options["server_name"] or "",
            options["storage_mb"],
            most,
            options["web_tokens_file"],
        )
    if any(options[name] for name in _OF_WEB):
        raise click.UsageError(
            "--web-password-file, --web-tokens-file, --server-name and --storage go with --web"
        )
    if options["tiles"] is None:
        if options["per_job"] is not None:
            raise click.UsageError("--per-job goes with --tiles")
        if options["claim"] is not None:
            raise click.UsageError("--claim goes with --tiles")
        return Workers(
            1 if options["workers"] is None else options["workers"],
            tuple(address for group in options["managers"] for address in group),
            options["project"] or "",
            options["catalog"],
            options["password_file"],
            options["manager_file"],
        )
    if any(options[name] for name in _OF_WORKERS):
        raise click.UsageError("--tiles are computed without a manager: leave out what is for one")
    per_job = 1 if options["per_job"] is None else options["per_job"]
    return Tiles(options["tiles"], per_job, options["claim"] or "")


def _run_in_job(options: dict[str, Any], out: Path | None) -> RunInJob:
    from ..submit.run_in_job import RunInJob
    from .run import check_arguments

    if out is None:
        raise click.UsageError("--manager-in-job needs the run's folder: give it with --out")
    if any(options[name] for name in (*_OF_MANAGERS, "tiles", "per_job")):
        raise click.UsageError("--manager-in-job brings a manager: leave out others, and tiles")
    if options["run"][:1] != ("eemt-run",):
        raise click.UsageError("give the run behind --manager-in-job: -- eemt-run DEM.tif ...")
    arguments = options["run"][1:]
    given = check_arguments(arguments, out)
    return RunInJob(
        out,
        arguments,
        Path.cwd(),
        1 if options["workers"] is None else options["workers"],
        options["password_file"],
        has_port="manager_port" in given,
        has_workers=not given.isdisjoint(("workers", "min_workers", "max_workers")),
    )


command = click.command("eemt-submit", context_settings={"help_option_names": ["-h", "--help"]})(
    with_options(_command, OPTIONS)
)


def main() -> None:
    """Entry point of ``eemt-submit``."""
    run_command(command, ending=_ENDING)


if __name__ == "__main__":
    main()
