"""Errors of the operating system and of Python as sentences with a remedy.

Most such errors are handled where they occur, by code that can say more about them. This module
handles the rest, which are not faults of the program either: a folder that was removed, a name
that is too long, no further threads.
"""

from __future__ import annotations

import errno
import os

from .kinds import ArgumentError, EemtError, InputError, ResourceError

_USAGE, _INPUT, _RESOURCE = (e.exit_code for e in (ArgumentError, InputError, ResourceError))

_SYSTEM = {
    errno.ENOSPC: ("free some space, or choose another folder", _RESOURCE),
    errno.EDQUOT: ("free some space, or choose another folder", _RESOURCE),
    errno.EFBIG: ("raise the limit of a file's size (ulimit -f), or use another disk", _RESOURCE),
    errno.EROFS: ("choose a folder that can be written to", _RESOURCE),
    errno.EMFILE: ("raise the limit of open files (ulimit -n)", _RESOURCE),
    errno.ENFILE: ("end other programs, or raise the system's limit of open files", _RESOURCE),
    errno.EAGAIN: ("raise the limit of processes (ulimit -u), or use fewer <<threads>>", _RESOURCE),
    errno.ENOMEM: ("use a smaller <<tile_cells>> or fewer <<threads>>", _RESOURCE),
    errno.EIO: ("check the disk or the network drive", _RESOURCE),
    errno.ESTALE: ("check the network drive", _RESOURCE),
    errno.ENOENT: ("check the path; what a run uses must stay until it ends", _INPUT),
    errno.EACCES: ("check the permissions of the file and of the folders above it", _INPUT),
    errno.EPERM: ("check the permissions of the file and of the folders above it", _INPUT),
    errno.ENOTDIR: ("check the path: a file stands where a folder should", _INPUT),
    errno.EISDIR: ("a folder stands where a file should: remove it", _INPUT),
    errno.EEXIST: ("remove it, or choose another folder", _INPUT),
    errno.ENOTEMPTY: ("let no other program write there", _INPUT),
    errno.ELOOP: ("mend the symbolic link, which leads back to itself", _USAGE),
    errno.ENAMETOOLONG: ("use a shorter name", _USAGE),
}

_NO_THREAD, _MORE_THREADS = "start new thread", "raise the limits (ulimit -u, ulimit -v)"
_MORE_SPACE = "free some space, or raise the limit of a file's size (ulimit -f)"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LONGEST_WORD, _LONGEST_HALF = 200, 800


def explain(error: BaseException) -> tuple[str, int] | None:
    """Return a sentence for an error and its exit code, or None if the error is a bug.

    Examples
    --------
    >>> explain(RuntimeError("can't start new thread"))
    ('no further thread can be started: raise the limits (ulimit -u, ulimit -v)', 4)
    """
    text = str(error)
    if isinstance(error, MemoryError):
        return "out of memory: use a smaller <<tile_cells>> or fewer <<threads>>", _RESOURCE
    if isinstance(error, ImportError):
        remedy = "unset PYTHONPATH" if os.environ.get("PYTHONPATH") else "install eemt-core anew"
        return f"a part of the installation cannot be loaded ({text}): {remedy}", 5
    if isinstance(error, UnicodeError):
        return "a name or a text is not in UTF-8: rename the file, or write the text anew", _USAGE
    if type(error).__module__ == "sqlite3":
        return (
            f"the run's journal cannot be used ({text}): check the disk and the folder",
            _RESOURCE,
        )
    if isinstance(error, RecursionError):
        return "a file holds values within values without end: make it anew", _INPUT
    if isinstance(error, RuntimeError) and _NO_THREAD in text:
        return f"no further thread can be started: {_MORE_THREADS}", _RESOURCE
    if isinstance(error, RuntimeError) and ("Symlink loop" in text or "home directory" in text):
        return f"{text.rstrip('.')}: give another path", _USAGE
    if isinstance(error, ValueError) and "null byte" in text:
        return "a path holds a zero byte: give another one", _USAGE
    if isinstance(error, OSError) and "No usable temporary directory" in text:
        return f"{text}: free some space, or set TMPDIR to a folder that can be written", _RESOURCE
    if isinstance(error, OSError) and "requested and" in text:  # numpy does not tell why
        return f"a file could not be written to its end ({text}): {_MORE_SPACE}", _RESOURCE
    if isinstance(error, OSError) and error.errno is not None:
        remedy, exit_code = _SYSTEM.get(error.errno, ("check the system and the path", _RESOURCE))
        where = f" for {os.fsdecode(error.filename)}" if _is_name(error.filename) else ""
        return f"{error.strerror or text}{where}: {remedy}", exit_code
    return None


def explain_words(log: str) -> tuple[str, int] | None:
    """Return a sentence and exit code for the output of a failed process, None if it is unknown.

    This is needed since OpenMP's library ends a process that cannot start a further thread, without
    raising an exception.

    Examples
    --------
    >>> explain_words("libgomp: Thread creation failed: Resource temporarily unavailable")
    ('no further thread can be started: raise the limits (ulimit -u, ulimit -v)', 4)
    """
    if "Thread creation failed" in log or _NO_THREAD in log:
        return f"no further thread can be started: {_MORE_THREADS}", _RESOURCE
    return None


def cannot_write(path: object, error: OSError) -> EemtError:
    """Return the error to raise if a file cannot be written, for lack of space or otherwise."""
    remedy, exit_code = _SYSTEM.get(error.errno or 0, ("check the disk", _RESOURCE))
    what = f"{path} cannot be written ({error.strerror})"
    if exit_code != _RESOURCE:
        return InputError(what, remedy=remedy)
    return ResourceError(what, "disk" if error.errno in _FULL else "", remedy=remedy)


def shown(sentence: str) -> str:
    r"""Return a sentence on one line, with long words shortened and control characters escaped.

    Examples
    --------
    >>> len(shown("a port of " + "9" * 5000))
    114
    >>> shown("no file a\nb")
    'no file a\\nb'
    """
    printable = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in sentence
    )
    sentence = " ".join(
        word if len(word) <= _LONGEST_WORD else f"{word[:100]}...{word[-1:]}"
        for word in printable.split(" ")
    )
    too_long = len(sentence) > 2 * _LONGEST_HALF
    return f"{sentence[:_LONGEST_HALF]} ... {sentence[-_LONGEST_HALF:]}" if too_long else sentence


def _is_name(value: object) -> bool:
    return isinstance(value, str | bytes) and bool(value)
