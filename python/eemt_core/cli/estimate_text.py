"""An estimate for people: what a run would take, one line for each thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .progress import duration, scaled

if TYPE_CHECKING:
    from ..manager.estimate import Estimate


def estimate_text(found: Estimate) -> str:
    """Return an estimate as lines."""
    edge = f"{found.tile_rows} x {found.tile_cols}"
    rows = [
        ("cells", f"{found.rows} x {found.cols}, {scaled(found.cells)} in all"),
        ("tiles", f"{found.tiles} of up to {edge} cells, {found.tile_memory_mb} MB each"),
        ("maps", f"{found.maps}{_of_years(found)}"),
        ("processes", f"{found.processes} of {found.threads} threads"),
        ("time", _time(found)),
        ("memory", f"{found.memory_mb / 1024:.1f} GB at most"),
        (
            "disk",
            f"{found.peak_disk_bytes / 1e9:.2f} GB at most while it runs, "
            f"{found.final_disk_bytes / 1e9:.2f} GB in the end",
        ),
    ]
    lines = [f"{label:<11}{text}" for label, text in rows]
    return "\n".join([*lines, "", *found.basis])


def _of_years(found: Estimate) -> str:
    if not found.years:
        return ""
    span = found.years[0] if len(found.years) == 1 else f"{found.years[0]} to {found.years[-1]}"
    return f", with {', '.join(found.variants)} of {span}"


def _time(found: Estimate) -> str:
    core = f"{duration(found.core_seconds)} of one core for the tiles"
    if found.seconds is None:
        return f"{core}; the workers' number tells how long"
    return f"about {duration(found.seconds)} here ({core})"
