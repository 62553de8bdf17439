"""Targets whose jobs are scripts of the shell: a template with our lines in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ..order import Order, Tiles
from ..work import job_end, user_lines, work_of
from .target import refuse_lacking, refuse_web, with_wishes

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class ScriptTarget:
    """A batch system whose jobs are scripts of the shell.

    Attributes
    ----------
    name
        What users call it; its template is the file of this name beside this one.
    mark
        How a line begins that the batch system reads.
    directives
        Says what an order asks of the batch system, one directive in a line.
    array_index
        Name of the variable that tells a job which one of an array it is, from 1 on.
    is_memory_told
        Whether it has a variable that tells a job's memory.
    cancel_others
        What cancels, within a job, those of its array from the second to the ``{last}``, where jobs
        may do that.
    lacks
        Parts of an order that mean nothing to it.
    has_disk
        Whether jobs can ask it for disk; else the option tells workers alone what to offer.
    """

    name: str
    mark: str
    directives: Callable[[Order], list[str]]
    array_index: str
    is_memory_told: bool = False
    cancel_others: str = ""
    lacks: tuple[str, ...] = ()
    has_disk: bool = False

    def render(self, order: Order) -> str:
        """Return the script of an order's jobs. Nothing is read, written or started for it.

        Raises
        ------
        ArgumentError
            If a value cannot stand in a directive or means nothing there, or a directive that is to
            be left out is none.
        """
        refuse_web(self.name, order)
        is_disk_lost = isinstance(order.work, Tiles) and not self.has_disk
        refuse_lacking(self.name, (*self.lacks, *(("disk_mb",) if is_disk_lost else ())), order)
        work = work_of(
            order,
            self.array_index,
            is_memory_told=self.is_memory_told,
            cancel_others=self.cancel_others,
        )
        directives = "\n".join(
            f"{self.mark} {line}" for line in with_wishes(self.directives(order), order)
        )
        text = Template(self._template()).safe_substitute(
            directives=directives,
            job_end=job_end(order),
            setup=user_lines(order),
            prepare=work.prepare,
            work=work.command,
        )
        return re.sub(r"\n{3,}", "\n\n", text)

    def _template(self) -> str:
        return (_HERE / f"{self.name}.sh").read_text(encoding="utf-8")
