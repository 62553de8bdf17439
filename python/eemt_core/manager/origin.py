"""Of which run an exported folder is, and of which one the results are that OUT holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, EemtError, InputError, VersionError
from ..exported import ABOUT_FILE
from ..files import read_json
from ..tiles.contract import RESULT_FILE
from ..tiles.result import fingerprint_difference
from .folder import RUN_FILE, OutFolder
from .plan.plan import Plan


def require_origin(exported: Path, plan: Plan) -> dict[str, Any]:
    """Return what an exported folder says of itself if it was exported by this very run.

    Raises
    ------
    InputError, VersionError
        If not, with what is different.
    """
    try:
        about = read_json(exported / ABOUT_FILE)
    except EemtError as error:
        is_there = (exported / ABOUT_FILE).exists()
        raise InputError(
            error.what if is_there else f"{exported} holds no exported tiles",
            remedy="give the folder that <<export_tiles>> wrote, as it wrote it",
            field="collect",
            value=exported,
        ) from None
    why = fingerprint_difference(about.get("fingerprint"), plan.fingerprint)
    if why == "other code":
        raise VersionError(
            f"{exported} was exported by another build of eemt-core ({about.get('program')})",
            remedy="collect with that one, or export again",
            field="collect",
            value=exported,
        )
    if why:
        names = _differing(about.get("parameters"), plan.parameters)
        raise InputError(
            f"{exported} holds tiles of {why}{names}",
            remedy=f"give the DEM and options of then ({ABOUT_FILE} has them), or export again",
            field="collect",
            value=exported,
        )
    return about


def _differing(met: object, wanted: Mapping[str, Any]) -> str:
    """Return the names of the parameters that differ, in parentheses; nothing if none is known."""
    if not isinstance(met, dict):
        return ""
    names = []
    for name, value in json.loads(json.dumps(dict(wanted))).items():
        then = met.get(name)
        if isinstance(value, dict) and isinstance(then, dict):
            names += [inner for inner in value if value[inner] != then.get(inner)]
        elif value != then:
            names.append(name)
    return f" ({', '.join(names)})" if names else ""


def require_no_other_run(folder: OutFolder, plan: Plan) -> None:
    """Raise `ArgumentError` if OUT holds maps or tiles of another run, which would be lost."""
    what, records = "tiles", list(folder.tiles.glob(f"*/{RESULT_FILE}"))[:1]
    if folder.is_finished:
        what, records = "maps", [folder.path / RUN_FILE]
    for record in records:
        try:
            met = read_json(record).get("fingerprint")
        except EemtError:
            met = None
        why = fingerprint_difference(met, plan.fingerprint)
        if why:
            raise ArgumentError(
                f"{folder.path} holds {what} of {why}",
                remedy="give another folder with <<out>>, or add <<overwrite>>",
                field="out",
                value=folder.path,
            )
