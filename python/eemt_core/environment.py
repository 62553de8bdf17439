"""Removes environment variables of other programs that would affect the libraries we use.

GDAL, PROJ, OpenMP and Python read dozens of environment variables. Other programs may have set them
(an active conda environment, a desktop GIS, a module of a cluster). Then our libraries could use
data files of another version, or the same command could give other results for the same files. So
a command removes these variables, for its own process and those that it starts, before any of the
libraries is loaded. Variables needed for remote files (proxies, keys) are kept.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import MutableMapping
from importlib.util import find_spec
from pathlib import Path

_DATA = ("PROJ_DATA", "PROJ_LIB", "GDAL_DATA", "GDAL_DRIVER_PATH", "OGR_DRIVER_PATH")
"""Folders of data and plugins. Removed only if the installed rasterio contains its own data."""

_FOREIGN = ("GDAL_", "OGR_", "OSR_", "GTIFF_", "CPL_", "PROJ_", "VRT_", "OMP_", "GOMP_", "KMP_")
_FOREIGN_ENDING = "_OVERVIEW"
_FOREIGN_NAMES = (
    "CENTER_LONG", "CHECK_DISK_FREE_SPACE", "CHECK_WITH_INVERT_PROJ", "ESRI_XML_PAM",
    "MATPLOTLIBRC", "MPLBACKEND", "PYTHONWARNINGS", "TIFF_USE_OVR", "USE_RRD",
)  # fmt: skip
_KEPT = (
    "GDAL_HTTP_", "GDAL_DISABLE_READDIR_ON_OPEN", "GDAL_INGESTED_BYTES_AT_OPEN", "GDAL_PROXY_AUTH",
    "CPL_VSIL_", "CPL_AWS_", "CPL_AZURE_", "CPL_GCE_", "CPL_GS_", "CPL_MACHINE_IS_", "CPL_TMPDIR",
)  # fmt: skip

_changed: dict[str, str | None] = {}
"""What the variables were that this process has changed; None where there was none."""


def leave_others_aside(
    environ: MutableMapping[str, str] | None = None, keep: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Remove variables of other programs, except those in `keep`; return the removed names.

    Messages that libraries would print to standard error are turned off too, since our own message
    there says what is wrong.
    """
    before = dict(os.environ)
    environ = os.environ if environ is None else environ
    own_data = _rasterio_brings_data()
    dropped = tuple(
        name
        for name in sorted(environ)
        if name not in keep and (own_data if name in _DATA else _is_foreign(name))
    )
    for name in dropped:
        del environ[name]
    # GDAL prints errors that are not caught to standard error, unless CPL_LOG names a file
    environ["CPL_LOG"] = os.devnull
    environ["PYTHONWARNINGS"] = "ignore"  # for the processes that we start
    # no computation uses BLAS; its threads would only use up address space and process limits
    environ.update(OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    for name in before.keys() | os.environ.keys():
        if before.get(name) != os.environ.get(name):
            _changed.setdefault(name, before.get(name))
    if not sys.flags.dev_mode:
        warnings.simplefilter("ignore")
        sys.warnoptions.clear()
    # these libraries raise exceptions, which we report; without a handler Python would also print
    # what they log
    logging.getLogger("rasterio").addHandler(logging.NullHandler())
    logging.getLogger("matplotlib").addHandler(logging.NullHandler())
    return dropped


def environment_as_met() -> dict[str, str]:
    """Return this process's environment as it was before `leave_others_aside` changed it.

    It is for other programs that hand it on: what a batch system gives to jobs is the user's.
    """
    met = {**os.environ, **_changed}
    return {name: value for name, value in met.items() if value is not None}


def variables_of_data(environ: MutableMapping[str, str] | None = None) -> tuple[str, ...]:
    """Return which of the variables that name data folders of GDAL and PROJ are set."""
    environ = os.environ if environ is None else environ
    return tuple(name for name in _DATA if environ.get(name))


def _is_foreign(name: str) -> bool:
    foreign = name.startswith(_FOREIGN) or name.endswith(_FOREIGN_ENDING) or name in _FOREIGN_NAMES
    return foreign and not name.startswith(_KEPT)


def _rasterio_brings_data() -> bool:
    """Whether the installed rasterio contains PROJ's database, as its wheels do."""
    spec = find_spec("rasterio")  # finds the package without importing it
    places = [] if spec is None else spec.submodule_search_locations or []
    return any(Path(place, "proj_data", "proj.db").is_file() for place in places)
