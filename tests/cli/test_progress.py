"""What a terminal shows of a run."""

import os
import pty
import re
import subprocess

import pytest

from runs import PROGRAM, mountains, write_dem


@pytest.mark.slow
def test_no_line_is_longer_than_the_terminal_is_wide(tmp_path):
    """A longer line would wrap, and the next line would not overwrite all of it."""
    dem = write_dem(tmp_path / "dem.tif", mountains((128, 192)))
    options = ("--days", "1-365", "--tile-size", "64", "--no-pictures", "--workers", "1")
    terminal, end = pty.openpty()
    try:
        process = subprocess.Popen(
            [*PROGRAM, str(dem), "-o", str(tmp_path / "out"), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=end,
            env={**os.environ, "COLUMNS": "80"},
        )
        os.close(end)
        shown = b""
        while True:
            try:
                shown += os.read(terminal, 4096)
            except OSError:  # the other end is closed
                break
        assert process.wait(60) == 0
    finally:
        os.close(terminal)
    bars = re.findall(r"\r\x1b\[K(tiles [^\r\n]*)", shown.decode())
    assert bars
    assert max(map(len, bars)) < 80
    assert any(
        re.search(r"tiles .*%.* left .*\d+ done, \d running, \d+ waiting", bar) for bar in bars
    )
