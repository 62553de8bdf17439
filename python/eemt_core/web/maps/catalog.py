"""The maps of a finished run, in groups as a page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from ...quicklook.styles import pretty_unit, robust_limits, style_of
from .readers import Readers
from .record import RunRecord

_LOOKED_AT, _SIGHT = 6, 256
"""How many maps of a series are looked at for its colours, and with how many cells a side."""

_PROVENANCE = ("program", "code_sha256", "started", "ended", "seconds", "parameters", "versions")


def groups(record: RunRecord, readers: Readers) -> list[dict[str, Any]]:
    """Return the run's series of maps, in the order of the record."""
    members: dict[str, list[dict[str, Any]]] = {}
    for path, told in record.maps.items():
        statistics = told["statistics"]
        members.setdefault(told["series"], []).append(
            {
                "path": path,
                "label": told["label"],
                "description": told["description"],
                "year": told["year"],
                "month": told["month"],
                "day": told["day"],
                "low": statistics.get("minimum"),
                "high": statistics.get("maximum"),
                "mean": statistics.get("mean"),
            }
        )
    found = []
    for name, maps in members.items():
        told, first = record.content["series"][name], maps[0]["path"]
        style = style_of(PurePosixPath(first).name)
        low, high = style.limits or _limits(record, readers, [told["path"] for told in maps])
        found.append(
            {
                "id": name,
                "label": told["label"],
                "unit": unit_of(record, first),
                "variant": told["variant"],
                "kind": told["kind"],
                "colors": style.colours,
                "low": low,
                "high": high,
                "maps": maps,
            }
        )
    return found


def unit_of(record: RunRecord, path: str) -> str:
    """Return the unit of a map for readers; empty for what has none."""
    unit = str(record.maps[path]["unit"])
    return "" if unit == "1" else pretty_unit(unit)


def provenance(record: RunRecord) -> dict[str, Any]:
    """Return how the maps were made; of inputs the names, since folders are nobody's business."""
    content = record.content
    return {
        **{name: content[name] for name in _PROVENANCE},
        "inputs": [
            {"role": role, "name": PurePosixPath(path).name, "sha256": told["sha256"]}
            for role, files in content["inputs"].items()
            for path, told in files.items()
        ],
        "cell_size_m": content["dem"]["cell_size_m"],
        "rows": record.grid.rows,
        "cols": record.grid.cols,
        "crs": record.grid.crs,
    }


def _limits(
    record: RunRecord, readers: Readers, names: Sequence[str]
) -> tuple[float, float] | tuple[None, None]:
    """Return ends of a common colour scale, which a few extreme cells do not stretch."""
    seen = []
    for name in names[:: -(-len(names) // _LOOKED_AT)]:
        if (path := record.path(name)) is not None:
            with readers.reading(path) as reader:
                seen.append(reader.preview(max_size=_SIGHT).array.filled(np.nan)[0])
    if not any(np.isfinite(values).any() for values in seen):
        return None, None
    return robust_limits(seen)
