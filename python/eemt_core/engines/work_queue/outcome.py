"""How a task ended on a worker, from what the queue, the command and the task itself report.

All of it was written by whoever ran the task: any bytes, of any length.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ...errors import ProcessorError, ResourceError, VersionError
from ...errors.system import explain_words
from ...tiles.contract import read_error
from ..base import LOG_CHARACTERS, LOG_FILE, Completion, Submission
from ..runtimes.runtime import Runtime

_SIGKILL = 9
# results of the queue that say more than the command's exit code
_SUCCESS, _INPUT_MISSING, _SIGNAL, _EXHAUSTION = 0, 1, 8, 16
_GIVEN_UP = 48
_MISSING_BITS = 7
_LOG_BYTES = 4 * LOG_CHARACTERS


def completion(task: Submission, report: dict[str, Any], runtime: Runtime) -> Completion:
    """Return how a task ended; its files are in its folder."""
    exit_code, message, lack, is_worker_unfit = _classify(task, report, runtime)
    log = "" if exit_code == 0 else _log(task.folder) or report["output"]
    return Completion(
        task.name,
        exit_code,
        message,
        report["seconds"],
        report["worker"],
        report["host"],
        lack,
        is_worker_unfit,
        log[-LOG_CHARACTERS:],
    )


def is_given_up(report: dict[str, Any]) -> bool:
    """Say whether the queue hands a task back because its workers were gone."""
    return bool(report["result"] & ~_MISSING_BITS == _GIVEN_UP)


def _classify(
    task: Submission, report: dict[str, Any], runtime: Runtime
) -> tuple[int, str, str, bool]:
    """Return exit code, sentence, what was lacking, and whether the worker is unfit."""
    result, exit_code = report["result"], report["exit_code"]
    if result == _SUCCESS and exit_code == 0:
        return 0, "", "", False
    if result == _INPUT_MISSING:
        return 1, "its input files could not be sent", "", False
    if result & ~_MISSING_BITS == _EXHAUSTION:
        return 4, "it took more of a resource than it had declared", "memory", False
    if exit_code in (_SIGKILL, 128 + _SIGKILL) or result & ~_MISSING_BITS == _SIGNAL:
        return (
            -_SIGKILL,
            "its process was killed, most likely for lack of memory",
            "memory",
            False,
        )
    if exit_code == 0:
        return 1, "its results did not arrive whole", "", False
    log = _log(task.folder) or report["output"]
    unfit = runtime.diagnose(exit_code, log)
    sentence, lack = read_error(task.folder)
    if not sentence:
        plain = f"its process ended with exit code {exit_code}", exit_code
        (sentence, exit_code), lack = explain_words(log) or plain, ""
        if (
            sentence == plain[0] and exit_code == ResourceError.exit_code
        ):  # it could not write even that
            sentence, lack = "the worker's disk is full", "disk"
    if unfit or exit_code == VersionError.exit_code:
        lack = ProcessorError.lack if not unfit and lack == ProcessorError.lack else ""
        return VersionError.exit_code, unfit or sentence, lack, True
    return exit_code, sentence, lack, False


def _log(folder: Path) -> str:
    try:
        with (folder / LOG_FILE).open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOG_BYTES))
            return file.read(_LOG_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
