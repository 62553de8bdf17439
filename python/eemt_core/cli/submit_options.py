"""Options of ``eemt-submit``."""

from __future__ import annotations

from typing import Any

import click

from ..config_keys import parse_catalog, parse_count
from ..errors import ArgumentError
from ..numerals import whole
from ..sizes import parse_addresses, parse_cores, parse_mb_with_unit, parse_seconds
from .options import VERSION, GivenPath, Parsed, given_text

_FILE, _NAME, _COUNT = GivenPath(), Parsed("text", given_text), Parsed("number", parse_count)
_SIZE = Parsed("size", parse_mb_with_unit)
_TARGETS = (
    "slurm", "sge", "pbs", "torque", "lsf", "htcondor", "systemd", "compose", "swarm",
    "kubernetes",
)  # fmt: skip
_RUNTIMES = ("installed", "wheel", "apptainer", "podman", "docker")


def parse_range(text: str) -> tuple[int, int]:
    """Return the fewest and the most workers that a text such as ``0:20`` gives.

    Raises
    ------
    ArgumentError
        If it gives no such numbers.
    """
    fewest, _, most = (whole(part) for part in text.partition(":"))
    if fewest is None or most is None or not 0 <= fewest <= most or most < 1:
        raise ArgumentError(
            f"{text!r:.60} is no range of workers", remedy="write 0:20", field="autoscale"
        )
    return fewest, most


OPTIONS: tuple[Any, ...] = (
    click.argument("target", type=click.Choice(_TARGETS), metavar="TARGET"),
    click.argument("run", nargs=-1, type=click.UNPROCESSED, metavar="[-- eemt-run ...]"),
    # workers
    click.option(
        "--manager",
        "managers",
        multiple=True,
        type=Parsed("host:port", parse_addresses),
        metavar="HOST:PORT",
        help="A manager that jobs work for; give it several times for any of them.",
    ),
    click.option(
        "--manager-file",
        type=_FILE,
        help="The manager.json in the folder of a run, by which jobs find its manager.",
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
    # the page, with its workers
    click.option(
        "--web",
        is_flag=True,
        allow_from_autoenv=False,
        help="Have the page of eemt-web too, for whose runs the workers are.",
    ),
    click.option(
        "--web-password-file",
        type=_FILE,
        help="File with the hash of the page's password, which eemt-web --set-password wrote.",
    ),
    click.option(
        "--web-tokens-file",
        type=_FILE,
        help="File with the hashes of tokens for programs, which eemt-web --new-token wrote.",
    ),
    click.option("--server-name", type=_NAME, help="Name by which browsers call the page."),
    click.option(
        "--storage", "storage_mb", type=_SIZE, help="Size of the volume of the page's jobs: 100G."
    ),
    # a run
    click.option(
        "--manager-in-job",
        is_flag=True,
        allow_from_autoenv=False,
        help="Have the first job be the manager of a run, that of the eemt-run behind --, with a "
        "worker beside it; the others of --workers find it by a file in --out.",
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
    click.option(
        "--claim", type=_NAME, help="Persistent volume claim of Kubernetes that holds --tiles."
    ),
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
        help="How a job has eemt-core: installed, on its PATH after --setup or else where this one "
        "is; from a wheel; or in an image.  [default: installed; for orchestrators docker]",
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
    click.option(
        "--autoscale",
        type=Parsed("min:max", parse_range),
        metavar="MIN:MAX",
        help="Submit and cancel workers until the run in --out ends, as many as its tiles want; "
        "with --web, have Kubernetes do so for all runs.",
    ),
    click.option(
        "--probe",
        is_flag=True,
        allow_from_autoenv=False,
        help="Submit one job of a minute, which says whether a worker there reaches the manager.",
    ),
    VERSION,
)
