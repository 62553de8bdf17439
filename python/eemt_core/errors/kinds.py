"""Errors that a user can mend, and the exit code each one ends a program with.

Every message is one sentence that says what is wrong and what to do about it.
The exit codes are a contract with whoever starts our programs:

==== =======================================================================
code meaning
==== =======================================================================
0    done, outputs complete
1    unexpected failure (a bug)
2    usage: a bad option or task description
3    input unusable: CRS, nodata, shape, missing file
4    resources too small for the work
5    versions of the parts do not match
130  interrupted; what is finished stays, ``--resume`` continues
143  the same by SIGTERM; 129 by SIGHUP
==== =======================================================================
"""


class EemtError(Exception):
    """Root of all errors that eemt_core raises on purpose."""

    exit_code = 1


class ArgumentError(EemtError, ValueError):
    """An argument has a wrong type, shape or range; the message names it."""

    exit_code = 2


class InputError(EemtError, ValueError):
    """An input file cannot be used as it is; the message names it and the remedy."""

    exit_code = 3


class ResourceError(EemtError, MemoryError):
    """The work does not fit into the memory or disk that there is; `lack` says into which."""

    exit_code = 4

    def __init__(self, message: str, lack: str = "memory") -> None:
        super().__init__(message)
        self.lack = lack


class VersionError(EemtError, RuntimeError):
    """A task or result was written by a version that does not fit this one."""

    exit_code = 5
