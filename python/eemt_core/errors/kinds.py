"""Errors that users can correct, and the exit code of each kind.

Every message is one sentence that says what is wrong and what to do about it. The field concerned,
its value and the remedy are also available as attributes, if the error has them.
Scripts that start our programs may rely on the exit codes:

==== =======================================================================
code meaning
==== =======================================================================
0    done, outputs complete
1    unexpected failure (a bug)
2    usage: a bad option or task description
3    input unusable: CRS, nodata, shape, missing file
4    resources too small for the work
5    versions of the parts do not match
6    results of tiles that were computed elsewhere are missing or damaged
130  interrupted; what is finished stays, a run that resumes continues
143  the same by SIGTERM; 129 by SIGHUP
==== =======================================================================
"""

from __future__ import annotations

from typing import Any

from .words import in_python


class EemtError(Exception):
    """Root of all errors that eemt_core raises on purpose.

    ``str(error)`` is the sentence with fields under their Python names. A user interface that names
    fields otherwise (command-line options, labels on a page) converts `sentence` with
    `eemt_core.errors.words.in_words`.

    Parameters
    ----------
    what
        What is wrong; the whole sentence if there is no `remedy`. Fields are written as marks such
        as ``<<elevation_unit>>``.
    remedy
        What to do about it, also with fields as marks.
    field
        Name of the wrong field of a request, or of the wrong argument; empty if neither is wrong.
    value
        The value given for `field`.

    Attributes
    ----------
    sentence
        `what` and `remedy` as one sentence, with fields as marks.

    Examples
    --------
    >>> error = ArgumentError("the tile is empty", remedy="give <<tile_cells>>", field="tile_cells")
    >>> str(error), error.sentence
    ('the tile is empty: give tile_cells', 'the tile is empty: give <<tile_cells>>')
    """

    exit_code = 1

    def __init__(
        self, what: str = "", *, remedy: str = "", field: str = "", value: Any = None
    ) -> None:
        super().__init__(what)
        self.what, self.remedy, self.field, self.value = what, remedy, field, value

    @property
    def sentence(self) -> str:
        """The whole sentence, with fields as marks."""
        return f"{self.what}: {self.remedy}" if self.remedy else self.what

    def __str__(self) -> str:
        return in_python(self.sentence)


class ArgumentError(EemtError, ValueError):
    """An argument has a wrong type, shape or range; the message names it."""

    exit_code = 2


class InputError(EemtError, ValueError):
    """An input file cannot be used as it is; the message names it and the remedy."""

    exit_code = 3


class ResourceError(EemtError, MemoryError):
    """Memory or disk are too small for the work, or storage is not there that should be.

    `lack` says which of them: ``memory``, ``disk``, or ``shared`` for storage that manager and
    workers should both see.
    """

    exit_code = 4

    def __init__(
        self,
        what: str = "",
        lack: str = "memory",
        *,
        remedy: str = "",
        field: str = "",
        value: Any = None,
    ) -> None:
        super().__init__(what, remedy=remedy, field=field, value=value)
        self.lack = lack


class VersionError(EemtError, RuntimeError):
    """A task or result was written by a version that does not fit this one."""

    exit_code = 5


class ProcessorError(VersionError):
    """The processor of this machine lacks the instructions that the run computes with."""

    lack = "processor"


class IncompleteError(EemtError, RuntimeError):
    """Results of tiles that were computed elsewhere are missing or damaged, so there are no maps.

    What is there has been verified and is kept.
    """

    exit_code = 6
