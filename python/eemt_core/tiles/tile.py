"""The maps of one tile: ground, sunlight, energy, in that order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..solar._parameters import SolarParameters
from .ground import read_ground
from .recorder import Recorder
from .sunlight import compute_sunlight

if TYPE_CHECKING:
    from .task import Task


def run(folder: Path, task: Task) -> Recorder:
    """Compute what the task wants and leave it in the folder."""
    recorder = Recorder(folder, task)
    solar = SolarParameters.from_dict(task.parameters["solar"])
    ground = read_ground(folder, task, solar, recorder)
    sunlight = compute_sunlight(task, solar, ground, recorder)
    if "energy" in task.parameters:
        from .balance import compute_balance

        compute_balance(folder, task, ground, sunlight, recorder)
    return recorder
