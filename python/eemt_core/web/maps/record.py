"""What a finished run says of itself, and the files that it lists: nothing else is ever shown."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ...calendar365 import MONTHS
from ...errors import EemtError
from ...files import read_json
from ...grids.grid import Grid
from ...manager.folder import RUN_FILE
from ...rasters import bounds_deg, transform_points
from ..jobs.job import JobFolder
from .tiles import Box, boxes

_MOST_RECORDS = 32


@dataclass(frozen=True, eq=False)
class RunRecord:
    """The record of a run, the folder with its maps, and where its hillshade lies."""

    folder: Path
    hillshade: Path
    content: Mapping[str, Any]
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _found: dict[str, Any] = field(default_factory=dict, repr=False)

    def once(self, name: str, work: Callable[[], Any]) -> Any:
        """Return what `work` returned when it was first asked for under a name."""
        with self._lock:
            if name not in self._found:
                self._found[name] = work()
            return self._found[name]

    @cached_property
    def maps(self) -> dict[str, dict[str, Any]]:
        """What the record says of each map, by the map's path within the folder."""
        return dict(self.content["maps"])

    @cached_property
    def grid(self) -> Grid:
        """Grid of all maps."""
        return Grid.from_dict(self.content["dem"]["grid"])

    @cached_property
    def latitude_deg(self) -> float:
        """Latitude of the grid's middle [degrees]."""
        west, south, east, north = self.grid.bounds
        middle = [(west + east) / 2], [(south + north) / 2]
        return float(transform_points(self.grid.crs, "EPSG:4326", *middle)[1][0])

    @cached_property
    def bounds_deg(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the grid [degrees, WGS 84]."""
        return bounds_deg(self.grid)

    @cached_property
    def web_boxes(self) -> tuple[Box, ...]:
        """Where the grid lies in web maps."""
        return boxes(*self.bounds_deg)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """All that may be fetched: maps, pictures, and the record itself."""
        return (*self.maps, *self.content.get("pictures", ()), RUN_FILE)

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(self.files)

    def chosen(
        self, series: str | None = None, month: str | None = None, year: int | None = None
    ) -> tuple[str, ...]:
        """Return the maps of a series, of a month (``jan``), of a year, or of all these.

        Examples
        --------
        >>> one = {"series": "s", "month": 2, "year": 1981}
        >>> maps = {"a.tif": {**one, "month": 1}, "b.tif": one, "c.tif": {**one, "year": 1982}}
        >>> record = RunRecord(Path("maps"), Path("hillshade.tif"), {"maps": maps})
        >>> record.chosen("s", "feb"), record.chosen("s", year=1981)
        (('b.tif', 'c.tif'), ('a.tif', 'b.tif'))
        """
        number = None if month is None else MONTHS.index(month) + 1
        return tuple(
            name
            for name, told in self.maps.items()
            if series in (None, told["series"])
            and number in (None, told["month"])
            and year in (None, told["year"])
        )

    def path(self, name: str) -> Path | None:
        """Return where a listed file lies; None for any other, and for what leads elsewhere."""
        if name not in self._listed:
            return None
        home, path = self.folder.resolve(), self.folder / name
        try:
            found = path.resolve(strict=True)
        except (OSError, ValueError):  # of names that no file can have
            return None
        # a name with "..", an absolute one, and links lead to another place than the name says
        is_ours = found == home / name and found.is_relative_to(home) and found.is_file()
        return path if is_ours else None


class Records:
    """Records of the runs that were asked for last, read again when their file has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: OrderedDict[Path, tuple[tuple[int, int], RunRecord]] = OrderedDict()

    def of(self, job: JobFolder) -> RunRecord | None:
        """Return the record of a job's run, None while it has none."""
        path, folder = job.maps / RUN_FILE, job.path
        try:
            stat = path.stat()
            stamp = stat.st_mtime_ns, stat.st_size
            with self._lock:
                known = self._read.get(folder)
            if known is not None and known[0] == stamp:
                return known[1]
            record = RunRecord(job.maps, job.hillshade, read_json(path))
        except (OSError, EemtError):
            return None
        with self._lock:
            self._read[folder] = stamp, record
            self._read.move_to_end(folder)
            while len(self._read) > _MOST_RECORDS:
                self._read.popitem(last=False)
        return record

    def forget(self, job_folder: Path) -> None:
        """Drop the record of a job whose folder is removed."""
        with self._lock:
            self._read.pop(job_folder, None)
