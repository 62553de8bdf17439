"""What ``run.json`` says: every parameter, version, input checksum and time of a run."""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from .. import __version__
from ..code_identity import sha256_package
from ..errors.words import in_python
from .plan.plan import Plan
from .schedule.verify import VerifiedResult

_PACKAGES = ("numpy", "rasterio", "click", "pvlib", "h5py", "matplotlib")


def record(
    plan: Plan,
    results: dict[int, VerifiedResult],
    statistics: dict[str, dict[str, float]],
    *,
    started: str,
    seconds: dict[str, float],
) -> dict[str, Any]:
    """Return the record of a finished run, ready for JSON."""
    return {
        "program": f"eemt-core {__version__}",
        "code_sha256": sha256_package(),
        "command": plan.request.command,
        "started": started,
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "parameters": dict(plan.parameters),
        "fingerprint": dict(plan.fingerprint),
        "inputs": {
            role: {path: {"sha256": checksum} for path, checksum in files.items()}
            for role, files in plan.inputs.files.items()
        },
        "dem": {
            "path": str(plan.request.dem),
            "note": None if plan.dem.note is None else in_python(plan.dem.note),
            "grid": plan.grid.to_dict(),
            "cell_size_m": list(plan.grid.cell_size_m),
        },
        "versions": versions(),
        "machine": {"host": platform.node(), "system": platform.platform()},
        "tiles": _tiles(results),
        "series": {
            spec.series.id: {
                "label": spec.series.label,
                "kind": spec.series.kind,
                "variant": spec.series.variant,
            }
            for spec in plan.maps
        },
        "maps": {
            spec.path: {**spec.to_record(), "statistics": statistics[spec.path]}
            for spec in plan.maps
        },
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that take part, if they are there."""
    found = {"python": platform.python_version(), "python_implementation": sys.implementation.name}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _tiles(results: dict[int, VerifiedResult]) -> dict[str, Any]:
    """Return the sums of what all tiles took."""
    stages: dict[str, float] = {}
    for result in results.values():
        for stage, seconds in result["seconds"].items():
            stages[stage] = stages.get(stage, 0.0) + seconds
    return {
        "count": len(results),
        "solar_ratio_limited_cells": int(
            sum(r["statistics"].get("solar_ratio_limited_cells", 0) for r in results.values())
        ),
        "peak_memory_mb": max((result["peak_memory_mb"] for result in results.values()), default=0),
        "stage_seconds": {name: round(value, 3) for name, value in stages.items()},
        "hosts": sorted({result["host"] for result in results.values()}),
    }
