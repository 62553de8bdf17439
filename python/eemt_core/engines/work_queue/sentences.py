"""Sentences for users about what the queue's process and the gate report."""

from __future__ import annotations

from typing import Any

from ...worker.versions import mismatch

UNCONFINED = (
    "Careful: this system cannot confine the process that speaks with workers to its own folder, "
    "so whoever reaches the port may write files as you: use <<password_file>>, or a kernel with "
    "Landlock (Linux 5.13 or newer)."
)
_LEAVING = {
    "FAREWELL": "it said goodbye",
    "IDLE_OUT": "it had nothing to do for too long",
    "FAILURE": "the connection broke",
}


def why_left(reason: str) -> str:
    """Return why a worker left, from the queue's word for it."""
    return _LEAVING.get(reason, reason.lower().replace("_", " "))


def why_refused(report: dict[str, Any], protocol: int) -> str:
    """Return why a worker was refused, from what gate or queue report of it."""
    if report["why"] == "protocol":
        return mismatch(protocol, report["protocol"]).sentence
    if report["why"] in ("password", "none given"):
        gave = "another" if report["why"] == "password" else "no"
        return (
            f"it gave {gave} password: both sides need the same <<password_file>> (and a "
            "bare work_queue_worker takes a newline at its end for part of the password)"
        )
    if report["why"] == "introduction":
        return f"it is no worker that this manager knows: {report['detail']}"
    if report["why"] == "no tls":
        return "it does not encrypt, or knows no common way to: give <<encrypted>> on its side"
    return "it asked for a password and this manager has none: leave out its <<password_file>>"


def restarted(does: str, why: str, port: int) -> str:
    """Return the sentence for a process of ours that ended and was started again."""
    return (
        f"The process that {does} ended ({why}) and was started again on port {port}; what "
        "workers were doing for it is done anew."
    )
