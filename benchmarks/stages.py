"""What a finished run's record says of where its time went."""

import json
from pathlib import Path


def maps_share(out: Path) -> float:
    """The part of a run's stages that encoding and writing maps took.

    Tiles encode their parts of the maps, several tiles at once: of the time that all tiles took on
    the wall that part is encoding's which it has of their own stages.
    """
    record = json.loads((out / "run.json").read_text())
    stages, within = record["seconds"], record["tiles"]["stage_seconds"]
    encoding = stages["tiles"] * within["encoding"] / sum(within.values())
    return (encoding + stages["maps"]) / sum(stages.values())
