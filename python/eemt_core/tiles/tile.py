"""The maps of one tile: ground, sunlight, energy, in that order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .ground import read_ground
from .sunlight import compute_sunlight

if TYPE_CHECKING:
    from .recorder import Recorder
    from .task import TileWork


def run(folder: Path, work: TileWork, recorder: Recorder, threads: int) -> None:
    """Compute what the task wants and record it."""
    ground = read_ground(folder, work, recorder, threads)
    sunlight = compute_sunlight(work, ground, recorder)
    if work.energy is not None:
        from .balance import compute_balance

        compute_balance(folder, work, work.energy, ground, sunlight, recorder)
