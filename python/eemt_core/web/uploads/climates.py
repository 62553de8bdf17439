"""Climates that a run may be given: the demonstration's, those uploaded, and those of the owner."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...demo import climate_path

DEMO = "demo"


@dataclass(frozen=True)
class Climate:
    """A climate to choose.

    Attributes
    ----------
    id
        By which a form names it.
    label
        What a page calls it.
    kind
        One of station, daymet, local, prism.
    periods
        Its years, or the label of normals.
    path
        The file or folder.
    is_uploaded
        Whether its files go into the folder of each job that uses it.
    """

    id: str
    label: str
    kind: str
    periods: tuple[str, ...]
    path: Path
    is_uploaded: bool = False


class Climates:
    """All climates of a service."""

    def get(self, identity: str) -> Climate | None:
        """Return a climate, or None if there is none of this identity."""
        if identity == DEMO:
            return Climate(DEMO, "Demonstration", "station", ("1971-2000",), climate_path())
        return None
