"""``eemt-worker``: this machine computes tiles for managers."""

from __future__ import annotations

import logging
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..config import read_config, read_variables
from ..config_keys import (
    LEVELS,
    RUNTIMES,
    parse_auto,
    parse_catalog,
    parse_count,
    parse_delay,
)
from ..errors import EemtError
from ..sizes import (
    AUTO,
    DEFAULT_PORT,
    Address,
    parse_addresses,
    parse_cores,
    parse_mb,
    parse_port,
    parse_seconds,
)
from .ending import Ending
from .main import run_command
from .options import VERSION, GivenPath, Parsed, given_text, with_options
from .words import told

if TYPE_CHECKING:
    from ..machine import Offer
    from ..worker.command import WorkerSettings

_FILE, _NAME = GivenPath(), Parsed("text", given_text)
_ENDING = Ending()
_LOG_BYTES, _LOG_FILES = 10 * 2**20, 5
_SOURCES = ("COMMANDLINE", "ENVIRONMENT", "DEFAULT_MAP")


def _defaults(ctx: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
    """Make defaults of what the configuration file and the variables say."""
    if not ctx.resilient_parsing:
        settings = read_config("worker", value).under(read_variables("worker"))
        ctx.default_map = settings.values
    return value


_OPTIONS: tuple[Any, ...] = (
    # the managers
    click.option("--manager-host", "--master-host", metavar="HOST", help="Where the manager runs."),
    click.option(
        "--manager-port",
        "--master-port",
        type=Parsed("port", parse_port),
        default=DEFAULT_PORT,
        show_default=True,
        help="Port that the manager listens on.",
    ),
    click.option(
        "--manager",
        "managers",
        multiple=True,
        envvar="EEMT_MANAGER",
        type=Parsed("host:port", parse_addresses),
        metavar="HOST:PORT",
        help="A manager; give it several times, or several with commas, to work for any of them.",
    ),
    click.option(
        "--manager-file",
        type=_FILE,
        help="Find the manager by the manager.json in the folder of its run, and leave when that "
        "has gone.",
    ),
    click.option(
        "--project", type=_NAME, help="Find managers by this name in the catalog of --catalog."
    ),
    click.option(
        "--catalog",
        type=Parsed("host:port", parse_catalog),
        metavar="HOST[:PORT]",
        help="Catalog to ask for --project; there is no other that is asked unless you name it.",
    ),
    click.option(
        "--password-file", type=_FILE, help="File with the password that the manager has too."
    ),
    click.option("--ssl", is_flag=True, help="Encrypt, where Work Queue can, as the manager does."),
    # the sizes
    click.option(
        "--cores",
        type=Parsed("number|auto", parse_auto(parse_cores)),
        default=AUTO,
        show_default=True,
        help="Cores to offer; auto: the least of affinity, cgroup and batch job.",
    ),
    click.option(
        "--memory",
        type=Parsed("size|auto", parse_auto(parse_mb)),
        default=AUTO,
        show_default=True,
        help="Memory to offer, as 8G or 500M; a plain number is MB. auto: what machine, cgroup "
        "and batch job allow less 5 % (256 MB at least, 2 GB at most), or what is free if less.",
    ),
    click.option(
        "--disk",
        type=Parsed("size|auto", parse_auto(parse_mb)),
        default=AUTO,
        show_default=True,
        help="Disk to offer, as --memory; auto: 0.9 of what is free in --work-dir.",
    ),
    click.option(
        "--work-dir",
        type=_FILE,
        help="Folder for the tasks' files.  [default: the batch job's, TMPDIR, or /tmp]",
    ),
    click.option(
        "--container-runtime",
        type=click.Choice(RUNTIMES),
        help="Program that runs tasks which want a container.",
    ),
    # the time
    click.option(
        "--reconnect-attempts",
        type=Parsed("number", parse_count),
        default=5,
        show_default=True,
        help="Attempts in a row to reach a manager before giving up; 0: never give up.",
    ),
    click.option(
        "--reconnect-delay",
        type=Parsed("duration", parse_delay),
        default=10,
        show_default=True,
        help="Time between attempts [s], or with a unit.",
    ),
    click.option(
        "--wall-time",
        type=Parsed("duration|auto", parse_auto(parse_seconds)),
        help="Leave after this time: seconds, or 30min, 4h, 1-12:00:00; auto: in time before the "
        "batch job's end, where that is known.",
    ),
    click.option(
        "--idle-timeout",
        type=Parsed("duration", parse_seconds),
        help="Leave after this time without a task, as --wall-time.  [default: never]",
    ),
    # the command
    click.option("--dry-run", is_flag=True, help="Check all that is needed, start nothing."),
    click.option(
        "--config",
        type=_FILE,
        is_eager=True,
        callback=_defaults,
        expose_value=False,
        help="Configuration file.  [default: ~/.config/eemt/worker.conf, /etc/eemt/worker.conf]",
    ),
    click.option("--log-file", type=_FILE, help="Write a log too; 5 files of 10 MB are kept."),
    click.option(
        "--log-level",
        type=click.Choice(LEVELS, case_sensitive=False),
        default="info",
        show_default=True,
        help="How much is said; debug has every word of Work Queue's worker.",
    ),
    click.option("-v", "--verbose", is_flag=True, help="Same as --log-level debug."),
    click.option("-q", "--quiet", is_flag=True, help="Same as --log-level warning."),
    click.option("--end-with-parent", is_flag=True, hidden=True),
    VERSION,
)


def _command(**options: Any) -> None:
    """Compute tiles for the manager at --manager-host: start Work Queue's worker and watch it.

    What the command line leaves out is taken from the environment: first EEMT_MANAGER_HOST,
    EEMT_CORES and so on for each option, then MASTER_HOST, MASTER_PORT, WORK_QUEUE_PORT,
    WORK_QUEUE_PROJECT, WORKER_CORES, WORKER_MEMORY, WORKER_DISK; then from the configuration file.

    The worker leaves when no manager is left (after --reconnect-attempts), and when it is told
    to, by --wall-time, --idle-timeout, Ctrl-C or SIGTERM; its unfinished tasks go to others.

    Exit codes: 0 done, 1 unexpected failure, 2 usage or password, 3 no manager reached, 4 this
    machine lacks memory, disk or a program, 5 versions of Work Queue differ, 130 interrupted, 143
    terminated (SIGTERM), 129 hung up (SIGHUP). With --dry-run the code of the first thing that is
    wrong.
    """
    if options["quiet"] and options["verbose"]:
        raise click.UsageError("give -q or -v, not both")
    managers, project = _whom(click.get_current_context(), options)
    _start_logs(options)
    if options["end_with_parent"]:
        from ..machine.parent import watch_parent

        watch_parent(_terminate)
    try:
        settings, offer = _settings(options, managers, project)
        if options["dry_run"]:
            _dry_run(settings, offer, options["password_file"])
        else:
            _work(settings, offer, options["password_file"])
    except EemtError as error:
        logging.getLogger("eemt_core.worker").error("%s", error.sentence)
        raise


def _whom(ctx: click.Context, options: dict[str, Any]) -> tuple[tuple[Address, ...], str | None]:
    """Return the managers or the project, whichever was named closer to the command line."""
    ranks = {}
    for name in ("managers", "manager_host", "manager_file", "project"):
        source = ctx.get_parameter_source(name)
        if options[name] and source is not None and source.name in _SOURCES:
            ranks[name] = _SOURCES.index(source.name)
    if not ranks:
        raise click.UsageError("name a manager: --manager-host HOST, or --project with --catalog")
    nearest = {name for name, rank in ranks.items() if rank == min(ranks.values())}
    if len(nearest) > 1 and nearest & {"project", "manager_file"} and not min(ranks.values()):
        raise click.UsageError("give managers, --manager-file or --project, only one of these")
    if nearest == {"manager_file"}:
        return (), None
    options["manager_file"] = None
    if nearest == {"project"}:
        if options["catalog"] is None:
            raise click.UsageError(
                "--project needs --catalog HOST:PORT: no public catalog is asked unless you name it"
            )
        return (), options["project"]
    addresses: list[Address] = []
    if "manager_host" in nearest:
        addresses += _parse_host(options["manager_host"], options["manager_port"])
    if "managers" in nearest:
        addresses += [address for group in options["managers"] for address in group]
    return tuple(dict.fromkeys(addresses)), None


def _parse_host(text: str, port: int) -> tuple[Address, ...]:
    parsed = Parsed("host", lambda text: parse_addresses(text, port)).convert(text, None, None)
    return tuple(parsed)


def _settings(
    options: dict[str, Any], managers: tuple[Address, ...], project: str | None
) -> tuple[WorkerSettings, Offer]:
    from ..machine import job_seconds_to_use, offer
    from ..worker.command import WorkerSettings, find_program
    from ..worker.folder import default_work_dir, place_to_work
    from ..worker.password import read_password
    from ..worker.versions import check_encryption

    if options["ssl"]:
        check_encryption(find_program())
    asked = (options["work_dir"] or default_work_dir()).absolute()
    work_dir = place_to_work(asked, make=not options["end_with_parent"])
    if work_dir != asked.resolve():
        logging.getLogger("eemt_core.worker").info(
            "working in %s and not in %s: Work Queue's worker hands its folder's name to a shell, "
            "to which that one means something else, or is too long",
            work_dir,
            asked,
        )
    wanted = [None if options[n] == AUTO else options[n] for n in ("cores", "memory", "disk")]
    offered = offer(wanted[0], wanted[1], wanted[2], work_dir)
    file, wall_time = options["password_file"], options["wall_time"]
    settings = WorkerSettings(
        managers,
        offered.cores.amount,
        offered.memory_mb.amount,
        offered.disk_mb.amount,
        work_dir,
        encrypted=options["ssl"],
        project=project,
        catalog=options["catalog"],
        manager_file=options["manager_file"],
        password=None if file is None else read_password(file),
        container_runtime=options["container_runtime"],
        idle_timeout_s=options["idle_timeout"],
        wall_time_s=job_seconds_to_use() if wall_time == AUTO else wall_time,
        attempts=options["reconnect_attempts"],
        delay_s=options["reconnect_delay"],
    )
    return settings, offered


def _work(settings: WorkerSettings, offer: Offer, password_file: Path | None) -> None:
    from ..worker.password import others_can_read
    from ..worker.supervise import supervise

    log = logging.getLogger("eemt_core.worker")
    exposed = others_can_read(password_file) if password_file else ""
    for warning in filter(None, (*offer.warnings, exposed)):
        log.warning("%s", warning)
    log.info(
        "offering %d cores, %d MB of memory, %d MB of disk in %s",
        settings.cores,
        settings.memory_mb,
        settings.disk_mb,
        settings.work_dir,
    )
    _ENDING.begin()
    supervise(settings)


def _dry_run(settings: WorkerSettings, offer: Offer, password_file: Path | None) -> None:
    from ..worker.dryrun import checks

    _ENDING.begin()
    first = 0
    for check in checks(settings, offer, password_file):
        click.echo(replace(check, found=told(check.found)).line)
        first = first or check.exit_code
    if first:
        click.get_current_context().exit(first)


class _Told(logging.Formatter):
    """Shows what is said in this command's words."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        return told(super().format(record))


def _start_logs(options: dict[str, Any]) -> None:
    from logging.handlers import RotatingFileHandler

    level = "debug" if options["verbose"] else "warning" if options["quiet"] else None
    logging.raiseExceptions = False  # a full disk under the log must not end the worker
    log = logging.getLogger("eemt_core.worker")
    log.setLevel((level or options["log_level"]).upper())
    terminal = logging.StreamHandler()
    # an error that ends the command is shown by `run_command`
    terminal.addFilter(lambda record: record.levelno < logging.ERROR)
    handlers: list[logging.Handler] = [terminal]
    if options["log_file"] is not None:
        path, count = options["log_file"], _LOG_FILES - 1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handlers.append(RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=count))
        except OSError as error:
            raise click.UsageError(
                f"the log file {path} cannot be written ({error.strerror}): name another with "
                "--log-file"
            ) from None
    for handler in handlers:
        handler.setFormatter(_Told("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
        log.addHandler(handler)


def _terminate() -> None:
    if not _ENDING.is_asked:  # it is ending in order; a second signal would kill it at once
        os.kill(os.getpid(), signal.SIGTERM)


command = click.command("eemt-worker", context_settings={"help_option_names": ["-h", "--help"]})(
    with_options(_command, _OPTIONS)
)


def main() -> None:
    """Entry point of ``eemt-worker``."""
    hint = "Its unfinished tasks go to other workers."
    run_command(command, hint=hint, ending=_ENDING)


if __name__ == "__main__":
    main()
