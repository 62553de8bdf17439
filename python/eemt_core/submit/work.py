"""What a job does, in words of the shell: how it has eemt-core, and the command that works.

The scripts of all batch systems share this. Every word that comes from a user is quoted here.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..machine import (
    BATCH_CORES,
    BATCH_END,
    BATCH_MEMORY_MB,
    BATCH_MEMORY_MB_PER_CORE,
    SHARE_OF_DISK,
    reserve_mb,
)
from .order import Order, Tiles, Workers, is_image_file
from .run_in_job import RunInJob

_TOLD = (*BATCH_CORES, BATCH_MEMORY_MB, BATCH_MEMORY_MB_PER_CORE, *BATCH_END)
"""Variables of batch systems that our commands read, within containers too."""

_CONTAINER_GRACE_S = 20
"""How long a container may take to end: a worker needs ten, and Slurm kills after thirty."""

_UNTOLD = 'trap "" TERM INT USR1 USR2'
"""What keeps signals from what a script does at its end."""

_CONTINUED = " \\\n    "


@dataclass(frozen=True)
class Work:
    """A job's part in shell: lines that prepare it, and the one command that it consists of.

    The script in which they stand has made a folder of the job's own, ``$folder``.
    """

    prepare: str
    command: str


def work_of(
    order: Order, array_index: str, *, is_memory_told: bool, cancel_others: str = ""
) -> Work:
    """Return what each job of an order does.

    Parameters
    ----------
    array_index
        Name of the variable that tells a job which one of an array it is, from 1 on.
    is_memory_told
        Whether the batch system has a variable that tells a job's memory.
    cancel_others
        What cancels, within a job, those of its array from the second to the ``{last}``; may be
        empty.
    """
    work = order.work
    if isinstance(work, RunInJob):
        return _run(order, work, array_index, is_memory_told, cancel_others)
    prepare: list[str] = []
    if isinstance(work, Workers):
        program, words = "eemt-worker", _worker(order, work, is_memory_told)
    else:
        assert isinstance(work, Tiles)  # the others were refused
        program, words = "eemt-tile", _tile(work)
        prepare = [_lines_of_job(work, array_index)]
    how, start = _program(order, program)
    return Work("\n".join([*prepare, *how]), _CONTINUED.join([*start, *words]))


def job_end(order: Order) -> str:
    """Return the line that notes when a job will end, by what was asked for."""
    if order.time_s is None:
        return ""
    return (
        "# When the job will end by what was asked for, where nobody else tells it.\n"
        f"export EEMT_JOB_END=$(($(date +%s) + {order.time_s}))"
    )


def user_lines(order: Order) -> str:
    """Return the lines that a user wants first."""
    if not order.setup:
        return ""
    why = "# Before the strict mode, with which modules and conda do not get along."
    return "\n".join([why, *order.setup])


def _run(
    order: Order, work: RunInJob, array_index: str, is_memory_told: bool, cancel_others: str
) -> Work:
    """Return the first job's part, which is the manager's, and that of all others."""
    beside = Workers(work.count, manager_file=work.manager_file, password_file=work.password_file)
    how, start = _program(order, "eemt-run")
    how_worker, start_worker = _program(order, "eemt-worker")
    common = how if how == how_worker else []
    words = [*start, *map(_quoted, work.arguments)]
    given = [f"-o {shlex.quote(str(work.out))} --resume"]
    given += [] if work.has_port else ["--manager-port 0"]
    given += [] if work.has_workers else ["--workers 1"]
    if work.password_file is not None:
        given.append(f"--password-file {shlex.quote(str(work.password_file))}")
    cancel = cancel_others.format(last=work.count) if work.count > 1 else ""
    trap = f"trap '{_UNTOLD}; rm -rf \"$folder\"; {cancel} || :' EXIT"
    why = "    # When the run ends the others have no manager any more."
    lines = [
        *common,
        "",
        "# The first job has the manager and a worker beside it; all others are workers that find",
        "# it by a file in the run's folder. A run that was there before goes on.",
        f'if [ "${{{array_index}:-1}}" = 1 ]; then',
        *([why, f"    {trap}"] if cancel else []),
        f"    cd {shlex.quote(str(work.folder))}",
        *(_indented(how) if not common else []),
        *_array([" ".join(words), " ".join(given)]),
        "else",
        *(_indented(how_worker) if not common else []),
        *_array([*start_worker, *_worker(order, beside, is_memory_told)]),
        "fi",
    ]
    return Work("\n".join(lines), '"${work[@]}"')


def _quoted(word: str) -> str:
    """Return a word of the shell that nobody takes for several with commas between."""
    return f"'{word}'" if "," in word and shlex.quote(word) == word else shlex.quote(word)


def _array(words: Sequence[str]) -> list[str]:
    return ["    work=(", *(f"        {word}" for word in words), "    )"]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines if line]


def memory_to_offer(memory_mb: int) -> str:
    """Return what a worker offers of the memory that it gets [MB], as its option takes it."""
    return f"{memory_mb - reserve_mb(memory_mb)}M"


def disk_to_offer(disk_mb: int) -> str:
    """Return what a worker offers of the disk that it gets [MB], as its option takes it."""
    return f"{max(1, int(disk_mb * SHARE_OF_DISK))}M"


def _worker(order: Order, work: Workers, is_memory_told: bool) -> list[str]:
    """Return the options of ``eemt-worker``, those of one line together."""
    whom = [f"--manager {shlex.quote(str(address))}" for address in work.managers]
    if work.manager_file is not None:
        whom.append(f"--manager-file {shlex.quote(str(work.manager_file))}")
    if work.project:
        whom.append(f"--project {shlex.quote(work.project)} --catalog {work.catalog}")
    if work.password_file is not None:
        whom.append(f"--password-file {shlex.quote(str(work.password_file))}")
    memory, disk = "auto", "auto"
    if order.memory_mb is not None and not is_memory_told:
        memory = memory_to_offer(order.memory_mb)
    if order.disk_mb is not None:
        disk = disk_to_offer(order.disk_mb)
    sizes = f"--cores auto --memory {memory} --disk {disk}"
    how = ["--dry-run"] if work.is_dry else []
    how += [] if work.idle_s is None else [f"--idle-timeout {work.idle_s}"]
    return [*whom, sizes, '--wall-time auto --work-dir "$folder"', *how]


def _tile(work: Tiles) -> list[str]:
    return [f'--wall-time auto {shlex.quote(str(work.folder))} "$first-$last"']


def _lines_of_job(work: Tiles, array_index: str) -> str:
    each, count = work.per_job, work.count
    return (
        "# Which lines of tiles.txt are this job's.\n"
        f"first=$((({array_index} - 1) * {each} + 1))\n"
        f"last=$((first + {each - 1} < {count} ? first + {each - 1} : {count}))"
    )


def _program(order: Order, program: str) -> tuple[list[str], list[str]]:
    """Return the lines that make a command available, and the words that start it."""
    if order.runtime == "installed":
        ours = shlex.quote(str(order.programs / program))
        found = f"program=$(command -v {program} || echo {ours})"
        return ["", "# What the lines above have put on the PATH, or else ours.", found], [
            '"$program"'
        ]
    if order.runtime == "wheel":
        return _from_wheel(order), [f'"$folder/venv/bin/{program}"']
    if order.runtime == "apptainer":
        return _in_apptainer(order, program)
    return _in_container(order, program)


def _from_wheel(order: Order) -> list[str]:
    wheel = order.wheel
    assert wheel is not None
    beside = shlex.quote(str(wheel.parent))
    return [
        "",
        "# The wheel, and those beside it that it needs, into an environment of this job's own.",
        'python3 -m venv "$folder/venv"',
        f'"$folder/venv/bin/pip" install --quiet --no-index --find-links {beside} \\',
        f"    {shlex.quote(str(wheel))}",
    ]


def _in_apptainer(order: Order, program: str) -> tuple[list[str], list[str]]:
    lines = [
        "",
        "# What the batch system tells of this job; the container starts with no other variables.",
        "for name in \\",
        f"    {_CONTINUED.join(_in_lines(_TOLD))}; do",
        '    export "APPTAINERENV_$name=${!name-}"',
        "done",
        'export APPTAINERENV_TMPDIR="$folder"',
    ]
    binds = ['--bind "$folder"']
    binds += [f"--bind {shlex.quote(f'{path}:{path}{mode}')}" for path, mode in _seen(order, ":ro")]
    words = ["apptainer --quiet exec --cleanenv --containall --pwd /", *binds]
    image = order.image
    if "://" not in image and not is_image_file(image):
        image = f"docker://{image}"
    return lines, [*words, f"{shlex.quote(image)} {program}"]


def _in_container(order: Order, program: str) -> tuple[list[str], list[str]]:
    """Return how podman or docker starts it: without rights, on the job's network."""
    runtime = order.runtime
    lines = [
        "",
        "# The container is no child of this shell, and signals that are passed on may get lost.",
        "# So it is told to end when the command that waits for it has ended.",
        "container=${folder##*/}",
        f"trap '{_UNTOLD}; exec >/dev/null 2>&1",
        f'    {runtime} stop --time {_CONTAINER_GRACE_S} "$container" || :',
        f'    {runtime} rm --force "$container" || :',
        '    rm -rf "$folder"\' EXIT',
    ]
    # A container's root is the caller outside, where podman is started without root's rights.
    # Zombies are docker's matter; podman would need a program that not every machine has.
    user = "--user 0:0" if runtime == "podman" else '--init --user "$(id -u):$(id -g)"'
    mounts = ['--volume "$folder:$folder"']
    mounts += [
        f"--volume {shlex.quote(f'{path}:{path}{mode}')}" for path, mode in _seen(order, ":ro")
    ]
    words = [
        f'{runtime} run --rm --name "$container" --sig-proxy=false {user}',
        "--network host --read-only",
        "--cap-drop all --security-opt no-new-privileges --security-opt label=disable",
        *_limits(order),
        *mounts,
        '--env TMPDIR="$folder"',
        *_in_lines([f"--env {name}" for name in _TOLD]),
    ]
    return lines, [*words, f"{shlex.quote(order.image)} {program}"]


def _limits(order: Order) -> list[str]:
    """Return the limits of a container that is started by a service, outside of the job's."""
    if order.runtime != "docker":
        return []
    limits = [] if order.cores is None else [f"--cpus {order.cores}"]
    limits += [] if order.memory_mb is None else [f"--memory {order.memory_mb}m"]
    return [" ".join(limits)] if limits else []


def _seen(order: Order, read_only: str) -> list[tuple[Path, str]]:
    """Return what a container must see of the machine, and how."""
    work = order.work
    if isinstance(work, Tiles):
        return [(work.folder, "")]
    return [] if work.password_file is None else [(work.password_file, read_only)]


def _in_lines(words: Sequence[str], each: int = 4) -> list[str]:
    return [" ".join(words[at : at + each]) for at in range(0, len(words), each)]
