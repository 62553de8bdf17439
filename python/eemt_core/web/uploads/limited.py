"""A process that reads what a stranger sent: with few formats, little memory and little time.

A module of this folder that is such a process calls `serve_order` with its work, which takes an
order (plain JSON, from standard input) and returns an answer (plain JSON, into the file that the
order names). `ask` starts one and waits for it.
"""

from __future__ import annotations

import json
import os
import resource
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import ArgumentError, EemtError, InputError, ResourceError, VersionError
from ...errors.system import explain, shown
from ...files import read_json, write_json
from ...machine.parent import be_killed_with_parent
from ...rasters import FORMATS_VARIABLE

DEM_FORMATS = ("GTiff",)
CLIMATE_FORMATS = ("GTiff", "netCDF", "EHdr", "AAIGrid")

_LONGEST_ANSWER = 2**22
_LARGEST_FILE = 2**28
"""What such a process may write into one file [bytes]: a picture, its answer, a small DEM."""

_KINDS = {
    kind.__name__: kind
    for kind in (EemtError, ArgumentError, InputError, ResourceError, VersionError)
}


@dataclass(frozen=True)
class Bounds:
    """What a process may take.

    Attributes
    ----------
    seconds
        Of one core; three times as long by the clock.
    memory_mb
        Its address space [MiB].
    """

    seconds: int = 120
    memory_mb: int = 6144


def strict_environment(
    formats: tuple[str, ...], environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the environment of a process that opens files from strangers.

    GDAL opens them with the given drivers alone, and asks no other machine for anything.
    """
    environment = {
        **(os.environ if environ is None else environ),
        FORMATS_VARIABLE: ",".join(formats),
    }
    # GDAL asks servers for files of these endings alone, and no file has it
    environment["CPL_VSIL_CURL_ALLOWED_EXTENSIONS"] = ".none"
    return environment


def ask(
    module: str,
    order: Mapping[str, Any],
    answer: Path,
    *,
    formats: tuple[str, ...],
    names: Mapping[str, str] | None = None,
    bounds: Bounds | None = None,
) -> dict[str, Any]:
    """Have a process of `module` carry out an order, and return its answer.

    Parameters
    ----------
    answer
        The file through which it answers; it is removed.
    formats
        GDAL's drivers that it may use.
    names
        For paths that stand in its sentences, what users call these files.

    Raises
    ------
    EemtError
        What the process raised; or `InputError` if it needed more than it may take.
    """
    bounds = bounds or Bounds()
    limits = {"answer": str(answer), "seconds": bounds.seconds, "memory_mb": bounds.memory_mb}
    environment = strict_environment(formats)
    # nothing beside a file is looked at: no overviews, masks or descriptions of other makers
    if formats == DEM_FORMATS:
        environment["GDAL_DISABLE_READDIR_ON_OPEN"] = "EMPTY_DIR"
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", f"{__package__}.{module}"],
            input=json.dumps({**order, "limits": limits}).encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=3 * bounds.seconds,
            check=False,
        )
        found = read_json(answer, _LONGEST_ANSWER) if ended.returncode == 0 else None
    except (subprocess.TimeoutExpired, EemtError):
        found = None
    finally:
        answer.unlink(missing_ok=True)
    if found is None:
        called = next(iter((names or {}).values()), "the file")
        raise InputError(
            f"{called} takes more than {bounds.seconds} s or {bounds.memory_mb} MiB to look at",
            remedy="store it in compressed tiles, for example with rio convert --co tiled=yes, or "
            "cut it to the region that matters",
        )
    if "error" in found:
        raise _error(found["error"], names or {})
    return found


def serve_order(work: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Carry out the order on standard input; return the exit code."""
    be_killed_with_parent()
    order: dict[str, Any] = json.load(sys.stdin.buffer)
    limits = order["limits"]
    _limit(limits["seconds"], limits["memory_mb"])
    try:
        answer = work(order)
    except EemtError as error:
        answer = {"error": _plain(error)}
    except Exception as error:
        explained = explain(error)
        if explained is None:
            raise
        answer = {"error": _plain(InputError(shown(explained[0])))}
    write_json(Path(limits["answer"]), answer, to_disk=False)
    return 0


def _limit(seconds: int, memory_mb: int) -> None:
    # the second is the hard end, if the first signal should be survived
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing fails instead


def _plain(error: EemtError) -> dict[str, str]:
    kind = next(kind for kind in _KINDS if isinstance(error, _KINDS[kind]) and kind != "EemtError")
    return {"kind": kind, "what": error.what, "remedy": error.remedy, "field": error.field}


def _error(plain: Mapping[str, str], names: Mapping[str, str]) -> EemtError:
    what, remedy = plain["what"], plain["remedy"]
    for path in sorted(names, key=len, reverse=True):
        name = names[path]
        what = what.replace(path, name)
        # where commands stand, and people copy them
        remedy = remedy.replace(path, shlex.quote(name) if name else "")
    error = _KINDS[plain["kind"]](what)
    error.remedy, error.field = remedy, plain["field"]
    return error
