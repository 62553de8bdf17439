"""What every target offers, whatever kind of text it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ...errors import ArgumentError
from ..order import Order

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
            raise ArgumentError(
                f"{target} knows nothing like {called.replace('_', ' ')} {value}",
                remedy=f"leave <<{called}>> out",
                field=called,
                value=value,
            )
