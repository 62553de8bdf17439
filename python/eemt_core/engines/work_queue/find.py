"""Finds a Python of this machine that has Work Queue's module, and what the module can do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ...errors import VersionError

QUEUE_PROCESS = Path(__file__).with_name("queue_process")
_PATIENCE_S = 60.0


@dataclass(frozen=True)
class WorkQueueModule:
    """A Python that imports Work Queue.

    Attributes
    ----------
    python
        The interpreter; Debian's module is built for Debian's own, conda's for conda's.
    protocol
        Number of the protocol that manager and workers must share.
    tls
        Whether it can encrypt.
    """

    python: str
    module: str
    protocol: int
    tls: bool


def find_work_queue() -> WorkQueueModule:
    """Return the first Python that has Work Queue: this one, conda's, the system's.

    Raises
    ------
    VersionError
        If none has it; the message says what to install.
    """
    for python in _candidates():
        try:
            answer = subprocess.run(
                [python, "-I", str(QUEUE_PROCESS), "--describe"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE_S,
                check=True,
            )
            found = json.loads(answer.stdout)
            return WorkQueueModule(python, found["module"], found["protocol"], found["tls"])
        except (OSError, subprocess.SubprocessError, ValueError, KeyError):
            continue
    raise VersionError(
        "no Python here has Work Queue, which <<cluster>> needs",
        remedy="install Debian's python3-workqueue, coop-computing-tools and, in Debian 12, "
        "python3-distutils, or conda-forge's ndcctools; without <<cluster>> the run stays on this "
        "machine",
        field="cluster",
    )


def _candidates() -> list[str]:
    # this one is asked only if it may have one of `queue_process.module.MODULES`: to start it
    # takes a while, and so would importing that module for their names
    has_any = any(find_spec(name) for name in ("ndcctools", "work_queue"))
    found = [sys.executable] if has_any else []
    if "CONDA_PREFIX" in os.environ:
        found.append(str(Path(os.environ["CONDA_PREFIX"]) / "bin" / "python"))
    found += [path for path in (shutil.which("python3"), "/usr/bin/python3") if path]
    return list(dict.fromkeys(found))
