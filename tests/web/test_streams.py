"""A reader who goes away leaves nothing open of an answer, whenever Python collects."""

import asyncio
import gc
import os

import psutil
import pytest
from zipstream import ZipStream

from eemt_core.web.maps.archive import large_pieces
from eemt_core.web.routes.streams import ClosingResponse


async def part_of(response):
    """Take the head and two pieces of an answer, and go away."""
    gone, sent = asyncio.Event(), []

    async def receive():
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message["type"])
        if len(sent) == 3:
            gone.set()
        await asyncio.sleep(0.001)

    await response({"type": "http"}, receive, send)
    return sent


@pytest.fixture
def no_collection():
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collection")
def test_a_zip_whose_reader_goes_away_leaves_no_file_open(tmp_path):
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", 2**26)
    for _ in range(10):
        pieces = ZipStream()
        pieces.add_path(tmp_path / "large", "large")
        sent = asyncio.run(part_of(ClosingResponse(large_pieces(pieces))))
        assert sent == ["http.response.start", "http.response.body", "http.response.body"]
        files = [file.path for file in psutil.Process().open_files()]
        assert str(tmp_path / "large") not in files


@pytest.mark.usefixtures("no_collection")
def test_events_end_when_their_reader_goes_away():
    running = []

    async def events():
        running.append(1)
        try:
            while True:
                yield "event"
        finally:
            running.pop()

    async def left():
        await part_of(ClosingResponse(events()))
        return list(running)

    assert asyncio.run(left()) == []
