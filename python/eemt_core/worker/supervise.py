"""Supervision of Work Queue's worker: starts it, reconnects it, ends it, explains its end."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from .. import refusals
from ..errors import ArgumentError, EemtError, InputError, ResourceError
from ..sizes import Address
from . import probe
from .catalog import find_managers
from .command import (
    WorkerSettings,
    find_program,
    work_queue_worker_command,
    work_queue_worker_environment,
)
from .events import WorkerEvent, WorkerEventKind
from .folder import clear_abandoned, work_folder
from .manager_file import Announced, announced
from .password import descriptor_path, password_descriptor
from .process import WorkerProcess
from .versions import installed_protocol, mismatch

_SETTLED_S = 2.0
_HANDSHAKE_S = 60.0
_LAST_CHANCES = 3
_REFUSALS_FILE = "refusals.txt"
_MOST_MUTE_ENDS = 2
_LOOKS_EVERY_S, _APPEARS_S = 2.0, 120.0
"""How often a manager's file is looked for, and how long it may take to appear: its job begins
before those of its workers."""

_CALLED_OR_OVER = {WorkerEventKind.UNREACHABLE, WorkerEventKind.IDLE, WorkerEventKind.TIME_OVER}
WORKING = "working for the manager at"
"""What a worker says, in its output, when a manager has accepted it."""

_log = logging.getLogger(__name__)


@dataclass
class Connection:
    """How one connection went.

    Attributes
    ----------
    settled
        Whether a manager accepted the worker.
    is_mute
        Whether Work Queue's worker ended before it connected to anything.
    heard
        Whether a manager sent anything but the request for a password.
    """

    address: str = ""
    reason: str = ""
    settled: bool = False
    heard: bool = False
    hello_s: float | None = None
    asked_s: float | None = None
    tasks: int = 0
    is_mute: bool = False
    seen: set[WorkerEventKind] = field(default_factory=set)

    def note(self, event: WorkerEvent, now_s: float) -> None:
        """Update from an event at `now_s`."""
        kind, self.reason = event.kind, event.detail or self.reason
        self.seen.add(kind)
        if kind is WorkerEventKind.CONNECTED:
            self.address, self.reason = event.detail, ""
        elif kind is WorkerEventKind.AUTHENTICATING:
            self.asked_s = now_s
        elif kind is WorkerEventKind.HELLO_SENT:
            self.hello_s, self.asked_s = now_s, None
        elif kind in (WorkerEventKind.MANAGER_MESSAGE, WorkerEventKind.RELEASED):
            self.heard = True
            self._settle()
        elif kind is WorkerEventKind.DISCONNECTED:
            self.pass_time(now_s)
            self.hello_s = None
        elif kind is WorkerEventKind.TASK_ENDED:
            self.tasks += 1

    def pass_time(self, now_s: float) -> None:
        """Count as settled once the manager has kept the connection for a while."""
        if self.hello_s is not None and now_s - self.hello_s >= _SETTLED_S:
            self._settle()

    def _settle(self) -> None:
        if not self.settled:
            _log.info("%s %s", WORKING, self.address)
        self.settled = True

    def is_stuck(self, now_s: float) -> bool:
        """Say whether a manager accepted the connection and then sent nothing more."""
        return self.asked_s is not None and now_s - self.asked_s > _HANDSHAKE_S


def supervise(settings: WorkerSettings) -> None:
    """Work for managers until none is left or the time is over.

    Raises
    ------
    ArgumentError
        If the password is wrong, missing or needless, or encryption is.
    VersionError
        If the manager speaks another protocol.
    InputError
        If no manager was ever reached.
    ResourceError
        If Work Queue's worker cannot work in its folder.
    """
    for path in clear_abandoned(settings.work_dir):
        _log.info("removed %s, left by a worker that was killed", path)
    _Supervisor(settings).run()


class _Supervisor:
    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._program = find_program()
        self._end_s = _later(settings.wall_time_s)
        self._failures = self._drops = self._tasks = self._mute_ends = 0
        self._ever = False
        self._refusals: set[str] = set()
        self._announced: Announced | None = None

    def run(self) -> None:
        while True:
            if not self._await_file():
                return self._leave("the run has ended")
            left = self._time_left_s()
            if left is not None and left < 1:
                return self._leave("the wall time is over")
            connection = self._attempt(left)
            self._tasks += connection.tasks
            self._ever |= connection.settled
            if WorkerEventKind.TIME_OVER in connection.seen:
                continue
            if WorkerEventKind.IDLE in connection.seen:
                return self._leave(f"no task for {self._settings.idle_timeout_s} s")
            self._explain_refusal(connection)
            self._explain_silence(connection)
            reason = self._reason(connection)
            if connection.settled:
                self._failures = 0
                how = (
                    "has released this worker"
                    if WorkerEventKind.RELEASED in connection.seen
                    else "is gone"
                )
                _log.info("the manager at %s %s", connection.address, how)
            else:
                self._failures += 1
                _log.info("attempt %s failed: %s", self._count(), reason)
            if self._settings.attempts and self._failures >= self._settings.attempts:
                if self._ever:
                    return self._leave("no manager any more")
                raise InputError(
                    f"no manager was reached in {self._failures} attempts ({reason})",
                    remedy="check its name and port, or let <<reconnect_attempts>> be more",
                    field="reconnect_attempts",
                )
            self._pause()

    def _attempt(self, wall_time_s: int | None) -> Connection:
        """Start Work Queue's worker and follow it to its end."""
        connection = Connection()
        try:
            managers = self._managers()
        except InputError as error:
            connection.reason = error.sentence
            return connection
        settings = self._settings
        with ExitStack() as stack:
            folder = stack.enter_context(work_folder(settings.work_dir))
            descriptor = stack.enter_context(password_descriptor(settings.password))
            held = [folder.lock] if descriptor is None else [folder.lock, descriptor]
            command = work_queue_worker_command(
                self._program,
                settings,
                managers,
                folder=folder.path,
                password_file=None if descriptor is None else descriptor_path(descriptor),
                wall_time_s=wall_time_s,
            )
            environment = work_queue_worker_environment(settings, os.environ)
            told = folder.path / _REFUSALS_FILE
            refusals.listen(environment, told)
            run = stack.enter_context(WorkerProcess(command, environment, held))
            self._follow(run, connection, told)
            if run.end() == -signal.SIGKILL:
                connection.reason = "the worker of Work Queue was killed"
                _log.warning("%s: if that was for its memory, offer less", connection.reason)
            elif not connection.address and not connection.seen & _CALLED_OR_OVER:
                connection.is_mute = True
                connection.reason = connection.reason or run.last_words
        return connection

    def _follow(self, run: WorkerProcess, connection: Connection, told: Path) -> None:
        wrong = 0
        for event in run.events():
            now = time.monotonic()
            connection.pass_time(now)
            if event is None:
                if connection.is_stuck(now):
                    connection.reason = f"{connection.address} does not answer"
                    return
                continue
            connection.note(event, now)
            wrong += event.kind is WorkerEventKind.WRONG_PASSWORD
            if wrong >= _LAST_CHANCES:
                raise probe.wrong_password(connection.address)
            _tell(event)
            if event.kind is WorkerEventKind.TASK_ENDED:
                self._tell_refusals(told)
            if event.kind is WorkerEventKind.DISCONNECTED:
                return  # it would only wait before it ends

    def _tell_refusals(self, told: Path) -> None:
        for sentence in refusals.told(told):
            if sentence not in self._refusals:
                self._refusals.add(sentence)
                _log.warning("no task of this manager can run here: %s", sentence)

    def _await_file(self) -> bool:
        """Wait for the file of a manager that names itself in one; return whether there is one."""
        path, waited = self._settings.manager_file, 0.0
        if path is None:
            return True
        while (found := announced(path)) is None:
            left = self._time_left_s()
            if self._ever:
                return False
            if waited >= _APPEARS_S or (left is not None and left < 1):
                raise InputError(
                    f"no manager has written {path} in {waited:.0f} s",
                    remedy="see whether its job runs, and what it has written",
                    field="manager_file",
                    value=path,
                )
            if not waited:
                _log.info("waiting for a manager to write %s", path)
            time.sleep(_LOOKS_EVERY_S)
            waited += _LOOKS_EVERY_S
        self._announced = found
        return True

    def _managers(self) -> Sequence[Address]:
        settings = self._settings
        if self._announced is not None:
            return [self._announced.address]
        if settings.project is None:
            return settings.managers
        assert settings.catalog is not None
        return find_managers(settings.project, settings.catalog)

    def _explain_refusal(self, connection: Connection) -> None:
        """Raise the error that says why a manager refuses the worker, if it always will."""
        if connection.heard or not connection.address:
            self._drops = 0
            return
        if WorkerEventKind.NEEDS_PASSWORD in connection.seen and self._settings.password is None:
            raise probe.password_missing(connection.address)
        host, _, port = connection.address.rpartition(":")
        try:
            manager = probe.ask(Address(host, int(port)), encrypted=self._settings.encrypted)
        except ArgumentError:
            raise  # only one of both sides encrypts
        except (EemtError, ValueError):
            return
        if self._settings.password is not None and not manager.wants_password:
            raise probe.password_needless(connection.address)
        if WorkerEventKind.WRONG_PASSWORD in connection.seen:
            self._drops += 1
            if self._drops >= _LAST_CHANCES:
                raise probe.wrong_password(connection.address)
            return
        ours = installed_protocol(self._program)
        if not manager.wants_password and manager.protocol != ours:
            raise mismatch(manager.protocol, ours)
        if not connection.settled and WorkerEventKind.HELLO_SENT in connection.seen:
            self._drops += 1
            if self._drops >= _LAST_CHANCES:
                raise mismatch(None, ours)

    def _explain_silence(self, connection: Connection) -> None:
        """Raise the error that Work Queue's worker cannot work here, if it ended silently twice."""
        self._mute_ends = self._mute_ends + 1 if connection.is_mute else 0
        if connection.is_mute and self._settings.encrypted:
            for address in self._settings.managers:
                with suppress(InputError):  # raises another where a manager does not encrypt
                    probe.connect(address, encrypted=True).close()
        if self._mute_ends >= _MOST_MUTE_ENDS:
            said = f" ({connection.reason})" if connection.reason else ""
            raise ResourceError(
                f"{self._program} ends before it calls any manager{said}",
                remedy="see that this user may write and start programs in "
                f"{self._settings.work_dir}, or name another folder with <<work_dir>>",
                field="work_dir",
                value=self._settings.work_dir,
            )

    def _leave(self, why: str) -> None:
        if not self._ever:
            raise InputError(
                f"{why}, and no manager was ever reached",
                remedy="check its name and port",
                field="managers",
            )
        _log.info("%s, tasks done: %d; leaving", why, self._tasks)

    def _reason(self, connection: Connection) -> str:
        """Return why a connection failed, and of whose file its address is."""
        reason = _reason(connection)
        if self._announced is None or connection.address:
            return reason
        return (
            f"{reason}; {self._settings.manager_file} names {self._announced.address} since "
            f"{self._announced.started}, and may be left of a manager that was killed"
        )

    def _pause(self) -> None:
        left = self._time_left_s()
        delay = self._settings.delay_s
        time.sleep(delay if left is None else max(0, min(delay, left)))

    def _count(self) -> str:
        most = self._settings.attempts
        return f"{self._failures} of {most}" if most else str(self._failures)

    def _time_left_s(self) -> int | None:
        return None if self._end_s is None else int(self._end_s - time.monotonic())


def _later(seconds: int | None) -> float | None:
    return None if seconds is None else time.monotonic() + seconds


def _reason(connection: Connection) -> str:
    if connection.reason:
        return connection.reason
    if connection.address:
        return f"{connection.address} closed the connection"
    return "the worker of Work Queue ended without a word"


def _tell(event: WorkerEvent) -> None:
    if event.kind is WorkerEventKind.TASK_STARTED:
        _log.debug("a task started as process %s", event.detail)
    elif event.kind is WorkerEventKind.TASK_ENDED:
        _log.debug("%s ended", event.detail)
    elif event.kind is WorkerEventKind.PROBLEM:
        _log.warning("the worker of Work Queue says: %s", event.detail)
