"""What every target offers, whatever kind of text it has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ...errors import ArgumentError
from ..order import Order, Tiles, Workers
from ..run_in_job import RunInJob
from ..web_pool import WebPool

_CALLED = {"disk_mb": "disk", "log_folder": "log_dir", "memory_mb": "memory", "time_s": "time"}
"""Parts of an order that are given under another name."""


class Target(Protocol):
    """A system that runs what is ordered: its name, and the text that tells it so."""

    @property
    def name(self) -> str:
        """What users call it."""
        ...

    def render(self, order: Order) -> str:
        """Return the text for an order. Nothing is read, written or started for it.

        Raises
        ------
        ArgumentError
            If a part of the order cannot stand in such a text, or means nothing there.
        """
        ...


def refuse_lacking(target: str, lacks: Sequence[str], order: Order) -> None:
    """Refuse an order with parts that a target has not.

    Raises
    ------
    ArgumentError
        If one of them was given.
    """
    for name in lacks:
        if value := getattr(order, name):
            called = _CALLED.get(name, name)
            # numbers are not as they were written, and lists are long
            shown = f" {value}" if isinstance(value, str | Path) else ""
            raise ArgumentError(
                f"{target} knows nothing like {called.replace('_', ' ')}{shown}",
                remedy=f"leave <<{called}>> out",
                field=called,
                value=value,
            )


def refuse_web(target: str, order: Order) -> None:
    """Refuse the page with its pool, and volumes, which orchestrators alone have.

    Raises
    ------
    ArgumentError
        If it was ordered.
    """
    if isinstance(order.work, WebPool):
        raise ArgumentError(
            f"{target} keeps no page that brings its workers",
            remedy="leave <<web>> out and name a manager, or order it of an orchestrator",
            field="web",
        )
    if isinstance(order.work, Tiles) and order.work.claim:
        raise ArgumentError(
            f"{target} knows nothing like claim {order.work.claim}",
            remedy="leave <<claim>> out",
            field="claim",
            value=order.work.claim,
        )


def refuse_run(target: str, order: Order) -> None:
    """Refuse a run in a job, and its workers, which find each other by a file in the run's folder.

    Raises
    ------
    ArgumentError
        If it was ordered.
    """
    work = order.work
    if isinstance(work, RunInJob) or (isinstance(work, Workers) and work.manager_file is not None):
        raise ArgumentError(
            f"{target} shows its jobs no folder of a run",
            remedy="have the manager outside of jobs, and name it with <<manager>>",
            field="manager",
        )


def with_wishes(lines: Sequence[str], order: Order) -> list[str]:
    """Return directives without those that an order leaves out, and with those that it adds.

    Raises
    ------
    ArgumentError
        If one that is to be left out is none.
    """
    kept = list(lines)
    for skipped in order.skipped_directives:
        left = [line for line in kept if not _is_called(line, skipped)]
        if len(left) == len(kept):
            names = ", ".join(line.split("=")[0].strip() for line in kept)
            raise ArgumentError(
                f"no directive is called {skipped!r:.60}",
                remedy=f"skip one of {names}",
                field="skip_directive",
                value=skipped,
            )
        kept = left
    return [*kept, *order.extra_directives]


def _is_called(directive: str, name: str) -> bool:
    """Say whether a directive begins with a name, with or without its hyphens or its plus."""
    text, name = directive.lstrip("-+"), name.lstrip("-+")
    return text == name or text.startswith((f"{name}=", f"{name} "))
