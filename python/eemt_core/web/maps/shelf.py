"""All maps that a service shows: their records, open files and hillshades."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...quicklook.styles import style_of
from ..jobs.job import JobFolder
from . import tiles
from .catalog import groups
from .hillshade import HIGHEST, SLOPE_FILE, stopped, write_hillshade
from .readers import MOST_GONE, Readers
from .record import Records, RunRecord
from .values import values_at


@dataclass(eq=False)
class _Work:
    """A hillshade that is being written, or waits for its turn."""

    record: RunRecord
    done: Future[None] = field(default_factory=Future)
    stop: threading.Event = field(default_factory=threading.Event)
    begun: bool = False

    def __post_init__(self) -> None:
        self.done.set_running_or_notify_cancel()  # nobody who waits for it can cancel it for others


class MapShelf:
    """The maps of finished jobs, from any thread, until `close`.

    Parameters
    ----------
    least_free_mb
        Disk that must stay free when a hillshade is written [MiB].
    """

    def __init__(self, least_free_mb: int = 0) -> None:
        self._records, self._readers = Records(), Readers()
        self._least_free_mb = least_free_mb
        # one at a time: each uses a core and the disk as a run does
        self._worker = ThreadPoolExecutor(1, "hillshade")
        self._work: dict[Path, _Work] = {}
        self._gone: deque[Path] = deque(maxlen=MOST_GONE)
        self._lock = threading.Lock()

    def record(self, folder: JobFolder) -> RunRecord | None:
        """Return the record of a job's run, None while it has not finished."""
        return self._records.of(folder)

    def checksum(self, path: Path) -> str:
        """Return the SHA-256 of a file, worked out once as long as the file stays as it is."""
        return self._readers.checksum(path)

    def groups(self, record: RunRecord) -> list[dict[str, Any]]:
        """Return the run's maps in groups, worked out once as long as the record stays."""
        found: list[dict[str, Any]] = record.once("groups", lambda: groups(record, self._readers))
        return found

    def tile(
        self,
        record: RunRecord,
        path: Path,
        place: tuple[int, int, int],
        colours: str,
        ends: tuple[float, float],
    ) -> bytes:
        """Return the tile (z, x, y) of a map as a PNG, transparent where there is no value."""
        # directions have no mean: that of north-east and north-west would be south
        mean: tiles.Resampling = "nearest" if style_of(path.name).circular else "average"
        values = self._values(record, path, place, "nearest", mean)
        return tiles.blank() if values is None else tiles.coloured(values, colours, *ends)

    def values(
        self, record: RunRecord, names: tuple[str, ...], lon: float, lat: float
    ) -> list[float | None]:
        """Return the values of maps at a place [degrees, WGS 84]."""
        return values_at(record, self._readers, names, lon, lat)

    def hillshade(self, record: RunRecord) -> Future[None]:
        """Return what is done when the run's hillshade is there, and begin it if nobody has."""
        target = record.hillshade
        with self._lock:
            work = self._work.get(target)
            if work is not None:
                return work.done
            work = _Work(record)
            if target in self._gone:
                work.done.set_exception(stopped())
                return work.done
            if _is_newer(target, record.folder / SLOPE_FILE):
                work.done.set_result(None)
            else:
                self._work[target] = work
                self._worker.submit(self._write, work)
            return work.done

    def _write(self, work: _Work) -> None:
        with self._lock:
            if work.stop.is_set():
                return
            work.begun = True
        error: Exception | None = None
        try:
            write_hillshade(work.record, work.stop, self._least_free_mb)
        except Exception as caught:  # whoever waits gets it
            error = caught
        with self._lock:
            self._work.pop(work.record.hillshade, None)
        if error is None:
            work.done.set_result(None)
        else:
            work.done.set_exception(error)

    def _end(self, work: _Work) -> None:
        """End the writing of a hillshade, so that it leaves no file in a folder that goes."""
        with self._lock:
            work.stop.set()
            begun = work.begun
        if begun:
            work.done.exception()  # waits
        else:
            work.done.set_exception(stopped())

    def hillshade_tile(self, record: RunRecord, place: tuple[int, int, int]) -> bytes:
        """Return the tile (z, x, y) of a hillshade that is there as a grey PNG."""
        values = self._values(record, record.hillshade, place, "bilinear", "average")
        return tiles.blank() if values is None else tiles.grey(values, 0.0, HIGHEST)

    def _values(
        self,
        record: RunRecord,
        path: Path,
        place: tuple[int, int, int],
        near: tiles.Resampling,
        far: tiles.Resampling,
    ) -> tiles.Values | None:
        """Return a map's values in a tile, read `far` where a pixel has many cells below it."""
        where = record.grid, record.latitude_deg, place[0]
        resampling = far if tiles.is_beyond_overviews(*where) else near
        with self._readers.reading(path, tiles.overview_level(*where)) as reader:
            return tiles.read_tile(reader, place, record.web_boxes, resampling)

    def forget(self, job_folder: Path) -> None:
        """Let go of a job whose folder is about to be removed, for good."""
        target = JobFolder(job_folder).hillshade
        with self._lock:
            self._gone.append(target)
            work = self._work.pop(target, None)
        if work is not None:
            self._end(work)
        self._records.forget(job_folder)
        self._readers.forget(job_folder)

    def close(self) -> None:
        """Let go of everything."""
        with self._lock:
            works = list(self._work.values())
            self._work.clear()
        for work in works:
            self._end(work)
        self._worker.shutdown()
        self._readers.close()


def _is_newer(path: Path, than: Path) -> bool:
    try:
        return path.stat().st_mtime_ns >= than.stat().st_mtime_ns
    except OSError:
        return False
