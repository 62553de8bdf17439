"""The variables of other programs, kept away from the libraries that our commands use.

GDAL, PROJ, OpenMP and Python read dozens of variables. Where another program has set them (an
active conda environment, a GIS on the desktop, a cluster's module) they lead our libraries to the
data of another version, or change what the same command makes of the same files. So a command
drops them for its own process and those that it starts, before any of these libraries is loaded.
What is needed to reach remote files (proxies, keys) stays.
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
"""Where data and plugins lie: ours to ignore only where rasterio brings its own."""

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


def leave_others_aside(
    environ: MutableMapping[str, str] | None = None, keep: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Drop the variables of other programs but those in `keep`; return the names of the dropped.

    Also keep lines of the libraries' own away from standard error, where one sentence of ours
    says what is wrong.
    """
    environ = os.environ if environ is None else environ
    own_data = _rasterio_brings_data()
    dropped = tuple(
        name
        for name in sorted(environ)
        if name not in keep and (own_data if name in _DATA else _is_foreign(name))
    )
    for name in dropped:
        del environ[name]
    # GDAL tells errors where nobody listens on standard error, unless it has a file for them
    environ["CPL_LOG"] = os.devnull
    environ["PYTHONWARNINGS"] = "ignore"  # of the processes that we start
    # no stage uses BLAS; its threads would take address space and processes, which may be scarce
    environ.update(OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    if not sys.flags.dev_mode:
        warnings.simplefilter("ignore")
        sys.warnoptions.clear()
    # errors reach us as exceptions; without a handler Python would print them as well
    logging.getLogger("rasterio").addHandler(logging.NullHandler())
    logging.getLogger("matplotlib").addHandler(logging.NullHandler())
    return dropped


def variables_of_data(environ: MutableMapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the variables that are set and tell GDAL and PROJ where their data lie."""
    environ = os.environ if environ is None else environ
    return tuple(name for name in _DATA if environ.get(name))


def _is_foreign(name: str) -> bool:
    foreign = name.startswith(_FOREIGN) or name.endswith(_FOREIGN_ENDING) or name in _FOREIGN_NAMES
    return foreign and not name.startswith(_KEPT)


def _rasterio_brings_data() -> bool:
    """Whether the rasterio that is installed is a wheel, which has PROJ's database in it."""
    spec = find_spec("rasterio")  # looks for it, does not import it
    places = [] if spec is None else spec.submodule_search_locations or []
    return any(Path(place, "proj_data", "proj.db").is_file() for place in places)
