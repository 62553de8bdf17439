"""HTCondor: a submit description, whose jobs need no script and no storage in common."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Template

from ...errors import ArgumentError
from ...machine import job_reserve_s
from ..order import CONTAINERS, Order, Tiles, Workers, is_image_file
from ..work import disk_to_offer, memory_to_offer
from .target import refuse_lacking, refuse_run, refuse_web, with_wishes
from .values import plain

_SYSTEM = "HTCondor"
_HERE = Path(__file__).parent
_IN_IMAGE = Path("/opt/eemt/bin")
"""Where the image of our Containerfile has its commands."""

_MICROARCH = {"v3": "x86_64-v3", "v4": "x86_64-v4"}
"""The names that machines of a pool have for instruction sets beyond the lowest."""

_CATEGORIES = ((10 * 3600, "Medium"), (20 * 3600, "Long"))
"""How the OSPool calls jobs that take no longer than so many seconds."""

_RETRIES = 3


class HTCondorTarget:
    """HTCondor, and the OSPool: one job for each worker, or for each chunk of tiles."""

    name = "htcondor"

    def render(self, order: Order) -> str:
        """Return the description of an order's jobs. Nothing is read, written or started for it.

        Raises
        ------
        ArgumentError
            If a value cannot stand in a description or means nothing there.
        """
        refuse_web(self.name, order)
        refuse_run(self.name, order)
        refuse_lacking(self.name, ("queue", "qos", "parallel_env", "wheel"), order)
        if order.setup:
            raise ArgumentError(
                "jobs of htcondor start a program and no shell",
                remedy="leave <<setup>> out, and prepare the image or the installation instead",
                field="setup",
                value=order.setup,
            )
        template = (_HERE / f"{self.name}.sub").read_text(encoding="utf-8")
        text = Template(template).safe_substitute(
            start="\n".join(_start(order)),
            files="\n".join(_files(order)),
            directives="\n".join(with_wishes(directives(order), order)),
            logs="\n".join(_logs(order)),
            queue=_queue(order),
        )
        return re.sub(r"\n{3,}", "\n\n", text)


HTCONDOR = HTCondorTarget()


def directives(order: Order) -> list[str]:
    """Return what an order asks of HTCondor; a constraint is an expression on machines."""
    lines = [f"batch_name = {_plain('name', order.name)}"]
    if order.cores is not None:
        lines.append(f"request_cpus = {order.cores}")
    if order.memory_mb is not None:
        lines.append(f"request_memory = {order.memory_mb}MB")
        lines.append("retry_request_memory = RequestMemory * 2")
    if order.disk_mb is not None:
        lines.append(f"request_disk = {order.disk_mb}MB")
    if order.time_s is not None:
        lines.append(f"allowed_execute_duration = {order.time_s}")
        fitting = (name for most_s, name in _CATEGORIES if order.time_s <= most_s)
        lines += [f'+JobDurationCategory = "{name}"' for name in list(fitting)[:1]]
    if isinstance(order.work, Tiles):
        lines.append(f"max_retries = {_RETRIES}")
    if order.account:
        lines.append(f"accounting_group = {_plain('account', order.account)}")
    needs = list(_needs(order))
    if needs:
        lines.append(f"requirements = {' && '.join(needs)}")
    return lines


def _needs(order: Order) -> Iterator[str]:
    work = order.work
    level = _MICROARCH.get(work.instruction_set or "") if isinstance(work, Tiles) else None
    if level is not None:
        yield f'(Microarch >= "{level}")'
    if order.constraint:
        if "$" in order.constraint:
            raise ArgumentError(
                f"{_SYSTEM} would put something else in place of $ in {order.constraint!r:.80}",
                remedy="write <<constraint>> without it",
                field="constraint",
                value=order.constraint,
            )
        yield f"({order.constraint})"


def _start(order: Order) -> list[str]:
    """Return the lines that say what a job starts, and where from."""
    program = "eemt-worker" if isinstance(order.work, Workers) else "eemt-tile"
    lines, folder = [], order.programs
    if order.runtime in CONTAINERS:
        lines, folder = [f"container_image = {_image(order)}"], _IN_IMAGE
    words = _worker(order, order.work) if isinstance(order.work, Workers) else _tile(order)
    return [
        *lines,
        f"executable = {_plain('programs', str(folder / program))}",
        "transfer_executable = false",
        f'arguments = "{" ".join(words)}"',
        # what `auto` takes for the cores; a job that asks for none gets one
        f'environment = "NCPUS={order.cores or 1}"',
    ]


def _image(order: Order) -> str:
    """Return an image as HTCondor takes it: without quotes, which would be part of its name."""
    image = _plain("image", order.image)
    if not re.search(r"\d", image.rpartition("/")[2]):
        raise ArgumentError(
            f"the image {image} has no version in its name, by which pools keep what they fetched",
            remedy="call it after its version, as eemt-core-0.1.0.sif, and give that as <<image>>",
            field="image",
            value=image,
        )
    return image if is_image_file(image) or "://" in image else f"docker://{image}"


def _worker(order: Order, work: Workers) -> list[str]:
    words = []
    for address in work.managers:
        words += ["--manager", str(address)]
    if work.project:
        words += ["--project", work.project, "--catalog", str(work.catalog)]
    if work.password_file is not None:
        words += ["--password-file", work.password_file.name]
    if order.memory_mb is not None:
        words += ["--memory", memory_to_offer(order.memory_mb)]
    if order.disk_mb is not None:
        words += ["--disk", disk_to_offer(order.disk_mb)]
    words += [*_wall_time(order), *(["--dry-run"] if work.is_dry else [])]
    return [_quoted(word) for word in words]


def _tile(order: Order) -> list[str]:
    return [*_wall_time(order), ".", "$(lines)"]


def _wall_time(order: Order) -> list[str]:
    if order.time_s is None:
        return []
    return ["--wall-time", str(order.time_s - job_reserve_s(order.time_s))]


def _quoted(word: str) -> str:
    """Return an argument as it stands in a list of them that is in double quotes.

    Examples
    --------
    >>> _quoted("eemt"), _quoted("a 'b' $c")
    ('eemt', "'a ''b'' $(DOLLAR)c'")
    """
    text = word.replace("'", "''").replace('"', '""').replace("$", "$(DOLLAR)")
    return text if re.fullmatch(r"[\w./:@%+=,-]+", word) else f"'{text}'"


def _files(order: Order) -> list[str]:
    """Return the lines that say which files go to a job and come back."""
    work = order.work
    if isinstance(work, Workers):
        if work.password_file is None:
            return []
        return [f"transfer_input_files = {_plain('password_file', str(work.password_file), ',')}"]
    assert isinstance(work, Tiles)
    return [
        f"initialdir = {_plain('tiles', str(work.folder))}",
        "transfer_input_files = tiles.txt, $(inputs)",
        "preserve_relative_paths = true",
        "transfer_output_files = results",
        "when_to_transfer_output = ON_SUCCESS",
    ]


def _logs(order: Order) -> list[str]:
    if order.log_folder is None:
        return []
    path = _plain("log_dir", f"{order.log_folder}/{order.name}")
    output = f"{path}-$(Cluster)_$(place).log"
    return [f"output = {output}", f"error = {output}", f"log = {path}-$(Cluster).events"]


def _queue(order: Order) -> str:
    work = order.work
    if isinstance(work, Workers):
        return f"queue {work.count}"
    assert isinstance(work, Tiles)
    rows = []
    for first in range(0, work.count, work.per_job):
        names = work.names[first : first + work.per_job]
        inputs = ",".join(f"tiles/{name}" for name in names)
        rows.append(f"    {first + 1}-{first + len(names)}, {inputs}")
    return "\n".join(["queue lines, inputs from (", *rows, ")"])


def _plain(field: str, value: str, special: str = "") -> str:
    return plain(_SYSTEM, field, value, special)
