"""What lies in a folder while something works there: the most at one look."""

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

EVERY_S = 0.1
BLOCK_BYTES = 512  # of `st_blocks`


class Disk:
    """Looks at a folder until the end of a `with` block.

    Attributes
    ----------
    peak_bytes, peak_files
        The most that its files took on the disk, and the most files, at one look.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.peak_bytes, self.peak_files = folder, 0, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._over.wait(EVERY_S):
            taken, files = on_disk(self.folder)
            self.peak_bytes, self.peak_files = (
                max(self.peak_bytes, taken),
                max(self.peak_files, files),
            )


def on_disk(folder: Path, suffix: str = "") -> tuple[int, int]:
    """Bytes that the files below a folder take on the disk, and how many names they have."""
    taken: dict[tuple[int, int], int] = {}
    count, waiting = 0, [str(folder)]
    while waiting:
        with suppress(FileNotFoundError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name.endswith(suffix):
                    with suppress(FileNotFoundError):
                        found = entry.stat(follow_symlinks=False)
                        taken[found.st_dev, found.st_ino] = found.st_blocks * BLOCK_BYTES
                        count += 1
    return sum(taken.values()), count
