"""Which input files a run is made from: every file behind every name, and the part that it plays.

A run is the same as another one only if the same content plays the same part. So the files are
listed by role (``dem``, ``lai``, ...), never as one heap, and those that an input points at count
as the input itself does: the sources of a VRT, a world file, a header, a mask beside a raster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ...errors import InputError
from ...files import sha256_file, sha256_json
from ...rasters import RasterFiles, raster_files
from ...solar.turbidity import soda_grid
from ..reporter import Reporter
from ..request import EnergyRequest, RunRequest

_NO_PART_OF_IT = (
    "dem", "out", "solar", "energy", "linke", "tile_cells", "halo_cells",
    "threads", "instruction_set", "cluster", "retries", "twi", "nodata", "precision", "pictures",
    "overwrite", "resume", "command",
)  # fmt: skip
"""What of a request is said elsewhere in a run's parameters, or changes no cell of its maps."""


@dataclass(frozen=True)
class Inputs:
    """The input files of a run.

    Attributes
    ----------
    files
        SHA-256 of each file by its path as given, by role.
    identity
        One SHA-256 over roles and contents. Where the files lie does not count.
    """

    files: Mapping[str, Mapping[str, str]]
    identity: str

    @property
    def brief(self) -> dict[str, Any]:
        """Roles with names and checksums of files, for a map's tags; many files as one."""
        return {
            role: {Path(path).name: checksum for path, checksum in files.items()}
            if len(files) <= 100
            else {"files": len(files), "sha256": sha256_json(list(files.values()))}
            for role, files in self.files.items()
        }


def named_inputs(request: RunRequest) -> Iterator[tuple[str, Path]]:
    """Yield role and name of every raster, file or folder that a request gives."""
    yield from _paths(request, ("dem", "linke", "twi"))
    if request.energy is not None:
        yield from _paths(
            request.energy, ("climate", "climate_elevation", "lai", "ndvi", "canopy_height")
        )


def further_choices(request: RunRequest) -> dict[str, Any]:
    """Return the choices of a request that no other part of a run's parameters tells."""
    return {
        field.name: getattr(request, field.name)
        for field in fields(request)
        if field.name not in _NO_PART_OF_IT
    }


def identify(request: RunRequest, climate: tuple[Path, ...], reporter: Reporter) -> Inputs:
    """Read every input file and return what they are; `climate` are the files of the climate.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    checksum = _Checksums(reporter)
    files: dict[str, dict[str, str]] = {}
    identity: dict[str, Any] = {}
    parts = [(role, name) for role, name in named_inputs(request) if role != "climate"]
    for role, name in (*parts, *(("climate", path) for path in climate)):
        found = raster_files(name)
        content = [[part, checksum(path)] for part, path in found.files]
        files.setdefault(role, {}).update({str(path): checksum(path) for _, path in found.files})
        # a climate's files say by their names which month they are
        key = name.name if role == "climate" else found.selection
        identity.setdefault(role, []).append([key, content, list(found.remote)])
        _tell_of_remote(found, reporter)
    grid = soda_grid() if request.linke == "auto" else None
    if grid is not None:  # another pvlib may bring another one
        files["linke"] = {str(grid): checksum(grid)}
        identity["linke"] = ["SoDa", checksum(grid)]
    return Inputs(files, sha256_json(identity))


def _tell_of_remote(found: RasterFiles, reporter: Reporter) -> None:
    if found.remote:
        reporter.say(
            f"{found.remote[0]} lies on another machine: should its content change, <<resume>> "
            "does not notice; begin again with <<overwrite>> then."
        )


class _Checksums:
    """Reads each file once, whatever parts it plays."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._known: dict[Path, str] = {}

    def __call__(self, path: Path) -> str:
        if path not in self._known:
            self._reporter.detail(f"Taking the checksum of {path}.")
            try:
                self._known[path] = sha256_file(path)
            except OSError as error:
                raise InputError(
                    f"{path} cannot be read ({error.strerror})", remedy="check its permissions"
                ) from None
        return self._known[path]


def _paths(
    request: RunRequest | EnergyRequest, names: tuple[str, ...]
) -> Iterator[tuple[str, Path]]:
    for name in names:
        path = getattr(request, name)
        if isinstance(path, Path):
            yield name, path
